// Changes the status of a booking by the table in lifecycle.ts, cancellation included.
import sql, { raw } from 'sql-template-tag'
import { InvalidStatusTransitionError, StatusTooEarlyError } from '../../core/errors.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { localDay } from '../../core/time-zones.ts'
import type { ExpectedVersions } from '../../core/versions.ts'
import { addDays } from '../availability/days.ts'
import { reserve } from '../availability/reserve.ts'
import { both_sides, type RuleScope } from '../availability/rules.ts'
import { timeZone, todayIn } from '../properties/local-day.ts'
import { firstDayOf, hoursSince, isUndo, statusTimes, transitionsFrom } from './lifecycle.ts'
import { reserveFor, takesNights, updateOccupancy } from './occupancy.ts'
import { refundOf } from './payments.ts'
import { lockBooking, saveChanges } from './save.ts'
import type { FullBooking, NewCancellation, Status } from './schema.ts'
import { refusedTransition, transitionWords } from './status-words.ts'

/**
 * Sets the status, and frees or takes nights accordingly. Setting the current status changes nothing. Throws
 * BookingNotFoundError, VersionMismatchError, InvalidStatusTransitionError, StatusTooEarlyError; BookingConflictError,
 * PropertyUnavailableError, BookingRuleBrokenError, PropertyNotFoundError when it takes nights.
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
 * InvalidStatusTransitionError, ValidationError when the refund is more than what was paid.
 */
export async function cancelBooking(
  tx: Tx,
  id: string,
  { cancelled_by, reason, refund_cents }: NewCancellation,
  expected?: ExpectedVersions,
): Promise<FullBooking> {
  const before = await lockBooking(tx, id, expected)
  requireTransition(tx, before, 'cancelled')
  const refund = refund_cents === undefined ? {} : refundOf(before, refund_cents)
  return applyTransition(tx, before, 'cancelled', { cancelled_by, cancellation_reason: reason, ...refund })
}

/** Throws InvalidStatusTransitionError when the transition does not exist, is not allowed for this role, or comes too late. */
export function requireTransition(tx: Tx, before: FullBooking, to: Status): void {
  const { status: from } = before
  const allowed = transitionsFrom(from, tx.actor.role, hoursSince(before, tx.now()))
  if (allowed.includes(to)) return
  throw new InvalidStatusTransitionError({ message: refusedTransition(from, to), meta: { from, to, allowed } })
}

async function applyTransition(tx: Tx, before: FullBooking, status: Status, more: object): Promise<FullBooking> {
  requireTransition(tx, before, status)
  await requireDay(tx, before, status)
  const wanted = { ...before, status }
  await reserveAgain(tx, before, wanted)
  await updateOccupancy(tx, before, wanted)
  return saveChanges(tx, before, { status, ...timesOf(before.status, status), ...more }, `booking.${status}`)
}

/** Not for imports by the operator: the channel is authoritative. */
async function requireDay(tx: Tx, before: FullBooking, to: Status): Promise<void> {
  const earliest_on = firstDayOf(before, to)
  if (earliest_on === undefined || tx.actor.role === 'operator') return
  const today = await todayIn(tx, before.property_id)
  if (today >= earliest_on) return
  const message = `The booking cannot be ${transitionWords[to]} before ${earliest_on}; today is ${today}.`
  throw new StatusTooEarlyError({ message, meta: { from: before.status, to, earliest_on, today } })
}

/** Checks and locks the nights that the booking begins to take, and the rules of sale when they apply. */
async function reserveAgain(tx: Tx, before: FullBooking, wanted: FullBooking): Promise<void> {
  // A no-show gave its nights away. The stay was sold already: rules of sale do not apply again.
  if (isUndo(before.status, wanted.status)) {
    if (!takesNights(before)) await reserve(tx, wanted, { rules: 'turnover', except: before.id })
    return
  }
  const rules = await rulesFor(tx, before, wanted.status)
  if (rules !== undefined) await reserveFor(tx, before, wanted, rules)
}

/**
 * The rules in scope. All rules apply when the booking begins to take nights. A pending booking already has its nights;
 * when it is confirmed, the rules apply as of the day on which it was booked.
 */
async function rulesFor(tx: Tx, before: FullBooking, to: Status): Promise<RuleScope | undefined> {
  if (!takesNights({ status: to })) return undefined
  if (!takesNights(before)) return 'all'
  if (to !== 'confirmed') return undefined
  return { arrival: true, departure: true, nights: true, buffers: both_sides, booked_on: await bookedOn(tx, before) }
}

/** The local day on which the guest booked, or the first day of the booking window if that was later; at most today. */
async function bookedOn(
  tx: Tx,
  { property_id, created_at, check_in, booked_on: stated }: FullBooking,
): Promise<string> {
  const { time_zone, booking_window_days } = await tx.one<{
    time_zone: string
    booking_window_days: number | null
  }>(sql`
    select ${timeZone} as time_zone, p.booking_window_days from properties p join agencies a on a.id = p.agency_id
    where p.agency_id = ${tx.agency_id} and a.id = ${tx.agency_id} and p.id = ${property_id}`)
  const booked_on = stated ?? localDay(created_at, time_zone)
  const window_opens = booking_window_days === null ? booked_on : addDays(check_in, -booking_window_days)
  const later = window_opens > booked_on ? window_opens : booked_on
  const today = localDay(tx.now(), time_zone)
  return later < today ? later : today
}

/**
 * The columns that a transition sets. Those of `statusTimes` keep the first time; undoing a transition clears its time, and
 * reinstating clears a cancellation, but not the refund: money that was paid back stays paid back.
 */
export function timesOf(from: Status, to: Status): Record<string, unknown> {
  const column = statusTimes[to]
  const undone = isUndo(from, to) ? statusTimes[from] : undefined
  return {
    ...(column !== undefined && { [column]: sql`coalesce(b.${raw(column)}, now())` }),
    ...(undone !== undefined && { [undone]: null }),
    ...(from === 'cancelled' && { cancelled_at: null, cancelled_by: null, cancellation_reason: null }),
    ...(to === 'cancelled' && { cancelled_at: sql`now()` }),
  }
}
