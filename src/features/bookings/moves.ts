// Moving a booking from status to status, by the table in lifecycle.ts; cancelling is one of the moves.
import sql, { raw } from 'sql-template-tag'
import { InvalidStatusTransitionError, invalid } from '../../core/errors.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { Expected } from '../../core/versions.ts'
import type { Asked } from '../availability/occupancies.ts'
import { movesFrom, stamps } from './lifecycle.ts'
import { claimFor, settleNights, takesNights } from './nights.ts'
import type { FullBooking, NewCancellation, Status } from './schema.ts'
import { lockedBooking, saveChanges } from './writes.ts'

/**
 * Takes the booking to another status; to the one it has already: nothing happens. Nights are freed or taken at once.
 * Throws BookingNotFoundError, VersionMismatchError, InvalidStatusTransitionError; BookingConflictError,
 * PropertyUnavailableError, PropertyNotFoundError where it needs its nights (again).
 */
export async function transitionStatus(tx: Tx, id: string, to: Status, expected?: Expected): Promise<FullBooking> {
  const before = await lockedBooking(tx, id, expected)
  if (before.status === to) return before
  return carryOut(tx, before, to, to === 'cancelled' ? { cancelled_by: 'host' } : {})
}

/**
 * Cancels, saying who did and what is paid back; the nights are free at once. Throws BookingNotFoundError,
 * VersionMismatchError, InvalidStatusTransitionError, and ValidationError when more is paid back than the stay costs.
 */
export async function cancelBooking(
  tx: Tx,
  id: string,
  { cancelled_by, reason, refund_cents }: NewCancellation,
  expected?: Expected,
): Promise<FullBooking> {
  const before = await lockedBooking(tx, id, expected)
  requireMove(tx, before.status, 'cancelled')
  if (refund_cents !== undefined && refund_cents > before.total_cents) {
    throw invalid('/refund_cents', `is more than the stay costs (${before.total_cents})`, 'TOO_LARGE')
  }
  return carryOut(tx, before, 'cancelled', { cancelled_by, cancellation_reason: reason, refund_cents })
}

/** Throws InvalidStatusTransitionError when the table does not know the move, or not for this role. */
export function requireMove(tx: Tx, from: Status, to: Status): void {
  const allowed = movesFrom(from, tx.actor.role)
  if (!allowed.includes(to)) throw new InvalidStatusTransitionError({ meta: { from, to, allowed } })
}

async function carryOut(tx: Tx, before: FullBooking, status: Status, more: object): Promise<FullBooking> {
  requireMove(tx, before.status, status)
  const wanted = { ...before, status }
  const asked = await askedFor(tx, before, status)
  if (asked !== undefined) await claimFor(tx, before, wanted, asked)
  await settleNights(tx, before, wanted)
  return saveChanges(tx, before, { status, ...timesOf(before.status, status), ...more }, `booking.${status}`)
}

/**
 * A booking that takes nights it did not have is asked everything, like a new one. A pending one has its nights, but
 * nobody had agreed to it yet: on confirming it the rules are asked as of the day on which it was booked.
 */
async function askedFor(tx: Tx, before: FullBooking, to: Status): Promise<Asked | undefined> {
  if (!takesNights({ status: to })) return undefined
  if (!takesNights(before)) return 'everything'
  if (to !== 'confirmed') return undefined
  return { arrival: true, departure: true, nights: true, booked_on: await bookedOn(tx, before) }
}

/**
 * The local day on which the booking was made; for one that began as an inquiry too early to be booked, the first day on
 * which it could be.
 */
async function bookedOn(tx: Tx, { id }: FullBooking): Promise<string> {
  const { day } = await tx.one<{ day: string }>(sql`
    select least((now() at time zone a.time_zone)::date,
      greatest((b.created_at at time zone a.time_zone)::date, b.check_in - p.booking_window_days)) as day
    from bookings b
    join agencies a on a.id = b.agency_id
    join properties p on p.agency_id = b.agency_id and p.id = b.property_id
    where b.agency_id = ${tx.agency_id} and a.id = ${tx.agency_id} and b.id = ${id}`)
  return day
}

/** The time columns that follow from a move. Those of `stamps` keep the first time; a cancellation can be taken back. */
export function timesOf(from: Status, to: Status): Record<string, unknown> {
  const stamp = stamps[to]
  return {
    ...(stamp !== undefined && { [stamp]: sql`coalesce(b.${raw(stamp)}, now())` }),
    ...(from === 'cancelled' && {
      cancelled_at: null,
      cancelled_by: null,
      cancellation_reason: null,
      refund_cents: null,
    }),
    ...(to === 'cancelled' && { cancelled_at: sql`now()` }),
  }
}
