// Changes the status of a booking by the table in lifecycle.ts, cancellation included.
import sql, { raw } from 'sql-template-tag'
import { InvalidStatusTransitionError, invalid } from '../../core/errors.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { ExpectedVersions } from '../../core/versions.ts'
import type { RuleScope } from '../availability/rules.ts'
import { statusTimes, transitionsFrom } from './lifecycle.ts'
import { reserveFor, takesNights, updateOccupancy } from './occupancy.ts'
import { lockBooking, saveChanges } from './save.ts'
import type { FullBooking, NewCancellation, Status } from './schema.ts'

/**
 * Sets the status, and frees or takes nights accordingly. Setting the current status changes nothing. Throws
 * BookingNotFoundError, VersionMismatchError, InvalidStatusTransitionError; BookingConflictError,
 * PropertyUnavailableError, PropertyNotFoundError when it takes nights.
 */
export async function transitionStatus(
  tx: Tx,
  id: string,
  to: Status,
  expected?: ExpectedVersions,
): Promise<FullBooking> {
  const before = await lockBooking(tx, id, expected)
  if (before.status === to) return before
  return applyTransition(tx, before, to, to === 'cancelled' ? { cancelled_by: 'host' } : {})
}

/**
 * Cancels the booking and frees its nights. Throws BookingNotFoundError, VersionMismatchError,
 * InvalidStatusTransitionError, ValidationError when the refund is more than `total_cents`.
 */
export async function cancelBooking(
  tx: Tx,
  id: string,
  { cancelled_by, reason, refund_cents }: NewCancellation,
  expected?: ExpectedVersions,
): Promise<FullBooking> {
  const before = await lockBooking(tx, id, expected)
  requireTransition(tx, before.status, 'cancelled')
  if (refund_cents !== undefined && refund_cents > before.total_cents) {
    throw invalid('/refund_cents', `is more than total_cents (${before.total_cents})`, 'TOO_LARGE')
  }
  return applyTransition(tx, before, 'cancelled', { cancelled_by, cancellation_reason: reason, refund_cents })
}

/** Throws InvalidStatusTransitionError when the transition does not exist or is not allowed for this role. */
export function requireTransition(tx: Tx, from: Status, to: Status): void {
  const allowed = transitionsFrom(from, tx.actor.role)
  if (!allowed.includes(to)) throw new InvalidStatusTransitionError({ meta: { from, to, allowed } })
}

async function applyTransition(tx: Tx, before: FullBooking, status: Status, more: object): Promise<FullBooking> {
  requireTransition(tx, before.status, status)
  const wanted = { ...before, status }
  const rules = await rulesFor(tx, before, status)
  if (rules !== undefined) await reserveFor(tx, before, wanted, rules)
  await updateOccupancy(tx, before, wanted)
  return saveChanges(tx, before, { status, ...timesOf(before.status, status), ...more }, `booking.${status}`)
}

/**
 * The rules in scope. All rules apply when the booking begins to take nights. A pending booking already has its nights;
 * when it is confirmed, the rules apply as of the day on which it was booked.
 */
async function rulesFor(tx: Tx, before: FullBooking, to: Status): Promise<RuleScope | undefined> {
  if (!takesNights({ status: to })) return undefined
  if (!takesNights(before)) return 'all'
  if (to !== 'confirmed') return undefined
  return { arrival: true, departure: true, nights: true, booked_on: await bookedOn(tx, before) }
}

/** The local day on which the booking was made, or the first day of the booking window if that was later. */
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

/** The columns that a transition sets. Those of `statusTimes` keep the first time; reinstating clears a cancellation. */
export function timesOf(from: Status, to: Status): Record<string, unknown> {
  const column = statusTimes[to]
  return {
    ...(column !== undefined && { [column]: sql`coalesce(b.${raw(column)}, now())` }),
    ...(from === 'cancelled' && {
      cancelled_at: null,
      cancelled_by: null,
      cancellation_reason: null,
      refund_cents: null,
    }),
    ...(to === 'cancelled' && { cancelled_at: sql`now()` }),
  }
}
