// Conflicts: what a channel says about a stay and Roost could not apply. Records, resolves and lists them.
import { randomUUIDv7 } from 'node:crypto'
import sql, { type Sql } from 'sql-template-tag'
import { findScope } from '../../core/auth/permissions.ts'
import type { Cursors } from '../../core/cursors.ts'
import { ConflictNotFoundError } from '../../core/errors.ts'
import { type AuditEntry, recordAudit, recordAudits } from '../../core/events/audit.ts'
import { type Page, readPage } from '../../core/postgres/pages.ts'
import { type IndexedFilters, type ReadCost, readCost } from '../../core/postgres/read-cost.ts'
import { all } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { NeighbourWithId } from '../availability/context.ts'
import type { ChannelFacts } from './facts.ts'
import type { ChannelKey } from './known.ts'
import type { Conflict, ConflictQuery } from './schema.ts'

export interface NewConflict extends ChannelKey {
  readonly kind: Conflict['kind']
  readonly facts: ChannelFacts
  /** The home that the stay is about: where the booking of the channel is, or where it should be. */
  readonly property_id: string
  readonly guest_id: string | null
  /** The booking of the channel itself, when there is one. */
  readonly booking_id: string | null
  /** What has the nights. `id` of a booking. */
  readonly other: NeighbourWithId | null
}

/** Adds the conflict, or updates the open one of this stay. Nothing is written when it says the same. */
export async function recordConflict(tx: Tx, conflict: NewConflict): Promise<void> {
  const { source, code, kind, facts, property_id, guest_id, booking_id, other } = conflict
  const other_booking_id = other?.kind === 'booking' ? other.id : null
  const [check_in, check_out] = [other?.check_in ?? null, other?.check_out ?? null]
  const [saved] = await tx.query<{ id: string; version: number }>(sql`
    insert into booking_conflicts as c (agency_id, id, kind, property_id, source, external_code, check_in, check_out, facts,
      guest_id, booking_id, other_kind, other_booking_id, other_check_in, other_check_out)
    values (${tx.agency_id}, ${randomUUIDv7()}, ${kind}, ${property_id}, ${source}, ${code}, ${facts.check_in}, ${facts.check_out},
      ${JSON.stringify(facts)}, ${guest_id}, ${booking_id}, ${other?.kind ?? null}, ${other_booking_id}, ${check_in}, ${check_out})
    on conflict (agency_id, source, external_code) where resolved_at is null do update
      set kind = excluded.kind, property_id = excluded.property_id, check_in = excluded.check_in, check_out = excluded.check_out,
        facts = excluded.facts, guest_id = coalesce(excluded.guest_id, c.guest_id), booking_id = excluded.booking_id,
        other_kind = excluded.other_kind, other_booking_id = excluded.other_booking_id,
        other_check_in = excluded.other_check_in, other_check_out = excluded.other_check_out, version = c.version + 1
      where (c.kind, c.property_id, c.facts, c.booking_id, c.other_kind, c.other_booking_id, c.other_check_in, c.other_check_out)
        is distinct from (excluded.kind, excluded.property_id, excluded.facts, excluded.booking_id, excluded.other_kind,
          excluded.other_booking_id, excluded.other_check_in, excluded.other_check_out)
    returning c.id, c.version`)
  if (saved === undefined) return
  const after = { kind, source, external_code: code, check_in: facts.check_in, check_out: facts.check_out }
  const action = saved.version === 1 ? 'conflict.created' : 'conflict.updated'
  recordAudit(tx, { ...entryOf(action, { ...saved, property_id }), after: { ...after, booking_id, other_booking_id } })
}

/** applied: what the channel says is in the calendar. withdrawn: the channel no longer says it. */
export async function resolveConflicts(
  tx: Tx,
  ids: readonly string[],
  resolution: NonNullable<Conflict['resolution']>,
): Promise<void> {
  if (ids.length === 0) return
  const resolved = await tx.query<{ id: string; version: number; property_id: string }>(sql`
    update booking_conflicts c set resolved_at = now(), resolution = ${resolution}, version = c.version + 1
    where c.agency_id = ${tx.agency_id} and c.id = any (${ids}::uuid[]) and c.resolved_at is null
    returning c.id, c.version, c.property_id`)
  recordAudits(
    tx,
    resolved.map((conflict) => ({ ...entryOf('conflict.resolved', conflict), after: { resolution } })),
  )
}

function entryOf(
  action: string,
  { id, version, property_id }: { id: string; version: number; property_id: string },
): AuditEntry {
  return { action, entity_type: 'conflict', entity_id: id, version, property_id }
}

/** Conflicts c that the caller may see. Row-level security applies the same filter. */
function visibleConflicts(tx: Tx): Sql {
  const own = sql`c.property_id in (
    select p.id from properties p where p.agency_id = ${tx.agency_id} and p.owner_id = ${tx.actor.id})`
  return all(sql`c.agency_id = ${tx.agency_id}`, findScope(tx.actor.role, 'conflicts:read') === 'own' ? own : undefined)
}

/** Owners see neither guests nor payouts, like those of bookings. */
function selectionOf(tx: Tx): Sql {
  const is_own = findScope(tx.actor.role, 'conflicts:read') === 'own'
  const payout = is_own ? sql`null` : sql`c.facts->'payout_cents'`
  const guest = is_own
    ? sql`null::json as guest`
    : sql`(select json_build_object('id', g.id, 'first_name', g.first_name, 'last_name', g.last_name) from guests g
          where g.agency_id = ${tx.agency_id} and g.id = c.guest_id) as guest`
  return sql`c.id, c.kind, c.property_id, p.name as property_name, c.source, c.external_code, c.check_in, c.check_out,
    json_build_object('listing', c.facts->>'listing', 'status', c.facts->>'status', 'num_adults', c.facts->'num_adults',
      'num_children', c.facts->'num_children', 'total_cents', c.facts->'total_cents', 'payout_cents', ${payout},
      'currency', c.facts->>'currency') as channel,
    ${guest}, c.booking_id, c.other_kind, c.other_booking_id, c.other_check_in, c.other_check_out, c.resolved_at, c.resolution,
    c.version, c.created_at`
}

const joined = (tx: Tx) =>
  sql`booking_conflicts c join properties p on p.agency_id = ${tx.agency_id} and p.id = c.property_id`

/** Throws ConflictNotFoundError. */
export async function getConflict(tx: Tx, id: string): Promise<Conflict> {
  const conflict = await tx.maybe<Conflict>(sql`
    select ${selectionOf(tx)} from ${joined(tx)} where ${visibleConflicts(tx)} and c.id = ${id}`)
  if (conflict === undefined) throw new ConflictNotFoundError()
  return conflict
}

/** booking_conflicts_created_idx, booking_conflicts_property_idx. */
const indexedFilters: IndexedFilters = { sets: [[], ['property_id']] }

export const conflictsCost = (query: ConflictQuery): ReadCost => readCost(indexedFilters, query)

/** Those that the caller may see. */
export async function countOpenConflicts(tx: Tx): Promise<number> {
  const { total } = await tx.one<{ total: number }>(sql`
    select count(*)::int as total from booking_conflicts c where ${visibleConflicts(tx)} and c.resolved_at is null`)
  return total
}

/** Newest first. Throws CursorInvalidError. */
export async function listConflicts(tx: Tx, cursors: Cursors, query: ConflictQuery): Promise<Page<Conflict>> {
  const { property_id, state } = query
  const filters = all(
    visibleConflicts(tx),
    property_id === undefined ? undefined : sql`c.property_id = ${property_id}`,
    state === undefined ? undefined : state === 'open' ? sql`c.resolved_at is null` : sql`c.resolved_at is not null`,
  )
  // To the microsecond: with milliseconds, rows of one millisecond would be repeated or skipped between pages.
  const read = (after: readonly string[] | undefined, limit: Sql) => {
    const after_cursor = after && sql`(c.created_at, c.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
    return tx.query<Conflict & { created_key: string }>(sql`
      select ${selectionOf(tx)}, to_char(c.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_key
      from ${joined(tx)} where ${all(filters, after_cursor)} order by c.created_at desc, c.id desc limit ${limit}`)
  }
  const { items, next_cursor } = await readPage(tx, cursors, 'conflicts', query, read, (row) => [
    row.created_key,
    row.id,
  ])
  return { items: items.map(({ created_key: _, ...conflict }) => conflict), next_cursor }
}
