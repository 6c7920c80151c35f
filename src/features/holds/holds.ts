// Nights kept for somebody for some minutes: hold, read, release, book.
import { randomUUIDv7 } from 'node:crypto'
import sql, { type Sql } from 'sql-template-tag'
import type { Cursors } from '../../core/cursors.ts'
import { HoldExpiredError, HoldLimitReachedError, HoldNotFoundError } from '../../core/errors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import { withholdAnswers } from '../../core/idempotency.ts'
import { type Page, readPage } from '../../core/postgres/pages.ts'
import { type ReadCost, readCost, type ServedFilters } from '../../core/postgres/read-cost.ts'
import { all } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { claimNights, freeNights, occupy } from '../availability/occupancies.ts'
import { createBooking } from '../bookings/bookings.ts'
import { requireStay } from '../bookings/rules.ts'
import type { FullBooking } from '../bookings/schema.ts'
import { lockNights } from '../properties/properties.ts'
import type { Hold, HoldBooking, HoldQuery, NewHold } from './schema.ts'

/** By the clock, not by when the transaction began: it may have waited for a lock while the hold ran out. */
const status = sql`case when h.booking_id is not null then 'converted' when h.released_at is not null then 'released'
  when h.expires_at <= clock_timestamp() then 'expired' else 'active' end`

const view = sql`h.id, h.property_id, p.name as property_name, h.check_in, h.check_out, h.notes, ${status} as status,
  h.expires_at, h.created_by, h.booking_id, h.created_at`

/**
 * Takes the nights for as many minutes as the agency says. Throws BookingConflictError, PropertyNotFoundError,
 * PropertyUnavailableError, ValidationError, and HoldLimitReachedError when the person has as many holds as one may.
 */
export async function createHold(tx: Tx, input: NewHold): Promise<Hold> {
  requireStay(input)
  const minutes = await requireRoomForOneMore(tx)
  await claimNights(tx, input, { asked: 'everything' })
  const id = randomUUIDv7()
  const { property_id, check_in, check_out, notes = null } = input
  // In milliseconds, as they travel: the ledger must let go at the very time the hold does.
  const { expires_at } = await tx.one<{ expires_at: string }>(sql`
    insert into holds as h (agency_id, id, property_id, check_in, check_out, notes, created_by, expires_at)
    values (${tx.agency_id}, ${id}, ${property_id}, ${check_in}, ${check_out}, ${notes}, ${tx.actor.user_id},
      date_trunc('milliseconds', now() + make_interval(mins => ${minutes}::int)))
    returning h.expires_at`)
  await occupy(tx, { kind: 'hold', id, expires_at }, input)
  const after = { property_id, check_in, check_out, expires_at, notes }
  recordAudit(tx, { action: 'hold.created', ...entityOf(id), after })
  return getHold(tx, id)
}

function entityOf(id: string) {
  return { entity_type: 'hold', entity_id: id.toLowerCase() }
}

/** One hold of a person at a time, so that they cannot overtake their own count. Returns how many minutes one lasts. */
async function requireRoomForOneMore(tx: Tx): Promise<number> {
  const { user_id } = tx.actor
  await tx.query(sql`select pg_advisory_xact_lock(hashtextextended(${`holds/${tx.agency_id}/${user_id}`}, 0))`)
  const { hold_minutes, holds_per_user, active } = await tx.one<Record<string, number>>(sql`
    select a.hold_minutes, a.holds_per_user, (
      select count(*) from holds h
      where h.agency_id = ${tx.agency_id} and h.created_by = ${user_id} and h.expires_at > now()
        and h.released_at is null and h.booking_id is null) as active
    from agencies a where a.id = ${tx.agency_id}`)
  if (Number(active) >= Number(holds_per_user)) throw new HoldLimitReachedError({ meta: { limit: holds_per_user } })
  return Number(hold_minutes)
}

/** Throws HoldNotFoundError. */
export async function getHold(tx: Tx, id: string): Promise<Hold> {
  const hold = await tx.maybe<Hold>(sql`
    select ${view} from holds h join properties p on p.agency_id = h.agency_id and p.id = h.property_id
    where h.agency_id = ${tx.agency_id} and h.id = ${id}`)
  if (hold === undefined) throw new HoldNotFoundError()
  return hold
}

/** holds_created_idx. */
const served: ServedFilters = { sets: [[]] }

export const holdsCost = (query: HoldQuery): ReadCost => readCost(served, query)

/** Holds, the newest first. Throws CursorInvalidError. */
export async function listHolds(tx: Tx, cursors: Cursors, query: HoldQuery): Promise<Page<Hold>> {
  const filters = all(
    sql`h.agency_id = ${tx.agency_id}`,
    query.property_id === undefined ? undefined : sql`h.property_id = ${query.property_id}`,
    query.status === undefined ? undefined : sql`${status} = ${query.status}`,
  )
  // To the microsecond: on the wire a time has milliseconds, and a page must not begin again inside of one.
  const read = (after: readonly string[] | undefined, limit: Sql) => {
    const behind = after && sql`(h.created_at, h.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
    return tx.query<Hold & { created_key: string }>(sql`
      select ${view}, to_char(h.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_key
      from holds h join properties p on p.agency_id = h.agency_id and p.id = h.property_id
      where ${all(filters, behind)} order by h.created_at desc, h.id desc limit ${limit}`)
  }
  const { items, next_cursor } = await readPage(tx, cursors, 'holds', query, read, (row) => [row.created_key, row.id])
  return { items: items.map(({ created_key: _, ...hold }) => hold), next_cursor }
}

/** Its own statement, so that what is read next is what the lock has waited for. */
async function lockHold(tx: Tx, id: string): Promise<void> {
  await tx.query(sql`select h.id from holds h where h.agency_id = ${tx.agency_id} and h.id = ${id} for no key update`)
}

/** The hold, locked until the transaction ends. Throws HoldNotFoundError, and HoldExpiredError when it is over. */
async function activeHold(tx: Tx, id: string): Promise<Hold> {
  await lockHold(tx, id)
  const hold = await getHold(tx, id)
  const { status, booking_id } = hold
  if (status !== 'active') throw new HoldExpiredError({ meta: { status, booking_id } })
  return hold
}

/** Frees the nights at once and deletes the notes. Throws HoldNotFoundError, HoldExpiredError. */
export async function releaseHold(tx: Tx, id: string): Promise<void> {
  const { notes } = await activeHold(tx, id)
  await tx.query(sql`
    update holds h set released_at = now(), notes = null where h.agency_id = ${tx.agency_id} and h.id = ${id}`)
  if (notes !== null) await withholdAnswers(tx, [id])
  await freeNights(tx, id)
  recordAudit(tx, { action: 'hold.released', ...entityOf(id) })
}

/** Deletes the notes of a hold in whatever state. Throws HoldNotFoundError. */
export async function deleteNotes(tx: Tx, id: string): Promise<void> {
  await lockHold(tx, id)
  const { notes } = await getHold(tx, id)
  if (notes === null) return
  await tx.query(sql`update holds h set notes = null where h.agency_id = ${tx.agency_id} and h.id = ${id}`)
  await withholdAnswers(tx, [id])
  recordAudit(tx, { action: 'hold.updated', ...entityOf(id), before: { notes }, after: { notes: null } })
}

/**
 * The hold's nights become a booking's, and nobody can come between. Throws HoldNotFoundError, HoldExpiredError, and
 * what createBooking throws; the hold is then as it was.
 */
export async function bookHold(tx: Tx, id: string, input: HoldBooking): Promise<FullBooking> {
  // The property before the hold: in this order everybody locks who takes nights.
  await lockNights(tx, (await getHold(tx, id)).property_id)
  const { property_id, check_in, check_out } = await activeHold(tx, id)
  await freeNights(tx, id)
  const booking = await createBooking(tx, { ...input, property_id, check_in, check_out })
  await tx.query(sql`
    update holds h set booking_id = ${booking.id} where h.agency_id = ${tx.agency_id} and h.id = ${id}`)
  recordAudit(tx, { action: 'hold.converted', ...entityOf(id), after: { booking_id: booking.id } })
  return booking
}
