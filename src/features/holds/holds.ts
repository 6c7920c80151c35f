// Holds: nights reserved for some minutes. Create, read, release, convert to a booking.
import { randomUUIDv7 } from 'node:crypto'
import sql, { type Sql } from 'sql-template-tag'
import type { Cursors } from '../../core/cursors.ts'
import { HoldExpiredError, HoldLimitReachedError, HoldNotFoundError } from '../../core/errors.ts'
import { type AuditEntry, recordAudit } from '../../core/events/audit.ts'
import { withholdAnswers } from '../../core/idempotency.ts'
import { lock, propertyKey } from '../../core/postgres/locks.ts'
import { type Page, readPage, rowLimit } from '../../core/postgres/pages.ts'
import { type IndexedFilters, type ReadCost, readCost } from '../../core/postgres/read-cost.ts'
import { all } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { type ExpectedVersions, requireVersion } from '../../core/versions.ts'
import { requireStay } from '../availability/days.ts'
import { deleteOccupancy, holdEntry, insertOccupancy } from '../availability/occupancies.ts'
import { reserve } from '../availability/reserve.ts'
import { createBooking } from '../bookings/create.ts'
import type { FullBooking } from '../bookings/schema.ts'
import type { Hold, HoldBooking, HoldQuery, NewHold } from './schema.ts'

/** By clock_timestamp(): the transaction may have waited for a lock until after the hold expired. */
const status = sql`case when h.booking_id is not null then 'converted' when h.released_at is not null then 'released'
  when h.expires_at <= clock_timestamp() then 'expired' else 'active' end`

const holdColumns = sql`h.id, h.property_id, p.name as property_name, h.check_in, h.check_out, h.notes, ${status} as status,
  h.expires_at, h.created_by, h.booking_id, h.version, h.created_at`

/**
 * Takes the nights for the agency's `hold_minutes`. Throws BookingConflictError, PropertyNotFoundError,
 * PropertyUnavailableError, BookingRuleBrokenError, ValidationError, HoldLimitReachedError when the user has `holds_per_user` active holds.
 */
export async function createHold(tx: Tx, input: NewHold): Promise<Hold> {
  requireStay(input)
  const minutes = await requireBelowLimit(tx)
  await reserve(tx, input, { rules: 'all' })
  const id = randomUUIDv7()
  const { property_id, check_in, check_out, notes = null } = input
  // In milliseconds, like the answer: hold and occupancy must expire at the same time.
  const { expires_at } = await tx.one<{ expires_at: string }>(sql`
    insert into holds as h (agency_id, id, property_id, check_in, check_out, notes, created_by, expires_at)
    values (${tx.agency_id}, ${id}, ${property_id}, ${check_in}, ${check_out}, ${notes}, ${tx.actor.id},
      date_trunc('milliseconds', now() + make_interval(mins => ${minutes}::int)))
    returning h.expires_at`)
  await insertOccupancy(tx, { kind: 'hold', id, expires_at }, input)
  const after = { property_id, check_in, check_out, expires_at, notes }
  recordAudit(tx, { ...holdEntry('hold.created', { id, property_id, version: 1 }), after })
  return getHold(tx, id)
}

/** Locks the holds of the user, so that concurrent requests cannot exceed the limit. Returns `hold_minutes`. */
async function requireBelowLimit(tx: Tx): Promise<number> {
  const { id } = tx.actor
  await lock(tx, `holds/${tx.agency_id}/${id}`)
  const { hold_minutes, holds_per_user, active } = await tx.one<Record<string, number>>(sql`
    select a.hold_minutes, a.holds_per_user, (
      select count(*) from holds h
      where h.agency_id = ${tx.agency_id} and h.created_by = ${id} and h.expires_at > now()
        and h.released_at is null and h.booking_id is null) as active
    from agencies a where a.id = ${tx.agency_id}`)
  if (Number(active) >= Number(holds_per_user)) throw new HoldLimitReachedError({ meta: { limit: holds_per_user } })
  return Number(hold_minutes)
}

/** Throws HoldNotFoundError. */
export async function getHold(tx: Tx, id: string): Promise<Hold> {
  const hold = await tx.maybe<Hold>(sql`
    select ${holdColumns} from holds h join properties p on p.agency_id = h.agency_id and p.id = h.property_id
    where h.agency_id = ${tx.agency_id} and h.id = ${id}`)
  if (hold === undefined) throw new HoldNotFoundError()
  return hold
}

/** holds_created_idx. */
const indexedFilters: IndexedFilters = { sets: [[]] }

export const holdsCost = (query: HoldQuery): ReadCost => readCost(indexedFilters, query)

/** Holds, newest first. Throws CursorInvalidError. */
export async function listHolds(tx: Tx, cursors: Cursors, query: HoldQuery): Promise<Page<Hold>> {
  const filters = all(
    sql`h.agency_id = ${tx.agency_id}`,
    query.property_id === undefined ? undefined : sql`h.property_id = ${query.property_id}`,
    query.status === undefined ? undefined : sql`${status} = ${query.status}`,
  )
  // To the microsecond: with milliseconds, rows of one millisecond would be repeated or skipped between pages.
  const read = (after: readonly string[] | undefined, limit: Sql) => {
    const after_cursor = after && sql`(h.created_at, h.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
    return tx.query<Hold & { created_key: string }>(sql`
      select ${holdColumns}, to_char(h.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_key
      from holds h join properties p on p.agency_id = h.agency_id and p.id = h.property_id
      where ${all(filters, after_cursor)} order by h.created_at desc, h.id desc limit ${limit}`)
  }
  const { items, next_cursor } = await readPage(tx, cursors, 'holds', query, read, (row) => [row.created_key, row.id])
  return { items: items.map(({ created_key: _, ...hold }) => hold), next_cursor }
}

/**
 * Active holds that expire within `minutes`, the first ones first, and how many there are. A hold lasts a day at most
 * (agencies_hold_minutes_check), so older ones are not read.
 */
export async function listExpiringHolds(
  tx: Tx,
  minutes: number,
  limit: number,
): Promise<{ readonly total: number; readonly items: Hold[] }> {
  const rows = await tx.query<Hold & { total: number }>(sql`
    select ${holdColumns}, (count(*) over ())::int as total
    from holds h join properties p on p.agency_id = h.agency_id and p.id = h.property_id
    where h.agency_id = ${tx.agency_id} and h.created_at > now() - interval '2 days' and ${status} = 'active'
      and h.expires_at <= now() + make_interval(mins => ${minutes}::int)
    order by h.expires_at, h.id limit ${rowLimit(limit)}`)
  return { total: rows[0]?.total ?? 0, items: rows.slice(0, limit).map(({ total: _, ...hold }) => hold) }
}

/** Locks with a separate statement, so that the next one sees what was committed while this one waited. */
async function lockHold(tx: Tx, id: string, expected: ExpectedVersions): Promise<Hold> {
  await tx.query(sql`select h.id from holds h where h.agency_id = ${tx.agency_id} and h.id = ${id} for no key update`)
  const hold = await getHold(tx, id)
  requireVersion(hold.version, expected)
  return hold
}

/**
 * Locks the hold until the transaction ends. Throws HoldNotFoundError, VersionMismatchError; HoldExpiredError unless it is
 * active.
 */
async function lockActiveHold(tx: Tx, id: string, expected: ExpectedVersions): Promise<Hold> {
  const hold = await lockHold(tx, id, expected)
  const { status, booking_id } = hold
  if (status !== 'active') throw new HoldExpiredError({ meta: { status, booking_id } })
  return hold
}

/** The audit entry of one change; `before` is the hold before it. */
function changedEntry(action: string, before: Hold): AuditEntry {
  return holdEntry(action, { ...before, version: before.version + 1 })
}

/** Frees the nights at once and deletes the notes. Throws HoldNotFoundError, VersionMismatchError, HoldExpiredError. */
export async function releaseHold(tx: Tx, id: string, expected?: ExpectedVersions): Promise<void> {
  const hold = await lockActiveHold(tx, id, expected)
  const { notes } = hold
  await tx.query(sql`
    update holds h set released_at = now(), notes = null where h.agency_id = ${tx.agency_id} and h.id = ${id}`)
  if (notes !== null) await withholdAnswers(tx, [id])
  await deleteOccupancy(tx, id)
  recordAudit(tx, changedEntry('hold.released', hold))
}

/** For holds of every status. Throws HoldNotFoundError, VersionMismatchError. */
export async function deleteNotes(tx: Tx, id: string, expected?: ExpectedVersions): Promise<void> {
  const hold = await lockHold(tx, id, expected)
  const { notes } = hold
  if (notes === null) return
  await tx.query(sql`update holds h set notes = null where h.agency_id = ${tx.agency_id} and h.id = ${id}`)
  await withholdAnswers(tx, [id])
  recordAudit(tx, { ...changedEntry('hold.updated', hold), before: { notes }, after: { notes: null } })
}

/**
 * Converts the hold to a booking in one transaction, with the property locked throughout. Throws HoldNotFoundError,
 * VersionMismatchError, HoldExpiredError, and what createBooking throws; the hold then remains.
 */
export async function bookHold(
  tx: Tx,
  id: string,
  input: HoldBooking,
  expected?: ExpectedVersions,
): Promise<FullBooking> {
  // Lock order: property, then hold.
  await lock(tx, propertyKey(tx, (await getHold(tx, id)).property_id))
  const hold = await lockActiveHold(tx, id, expected)
  const { property_id, check_in, check_out } = hold
  await deleteOccupancy(tx, id)
  const booking = await createBooking(tx, { ...input, property_id, check_in, check_out })
  await tx.query(sql`
    update holds h set booking_id = ${booking.id} where h.agency_id = ${tx.agency_id} and h.id = ${id}`)
  recordAudit(tx, { ...changedEntry('hold.converted', hold), after: { booking_id: booking.id } })
  return booking
}
