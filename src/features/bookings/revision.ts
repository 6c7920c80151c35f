// What a channel says about a booking it has told us before: dates, people, status and total, in one change.
import { invalid } from '../../core/errors.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { getProperty } from '../properties/properties.ts'
import type { Cancellation } from './bookings.ts'
import { timesOf } from './moves.ts'
import { claimFor, isElsewhere, settleNights, takesNights } from './nights.ts'
import { nightsBetween, type Price, priceStay, requireRoom, requireStay } from './rules.ts'
import type { FullBooking, Status } from './schema.ts'
import { lockedBooking, saveChanges } from './writes.ts'

/** The members that are given replace the booking's own; a total replaces the price of the nights. */
export interface Revision {
  readonly check_in?: string
  readonly check_out?: string
  readonly num_adults?: number
  readonly num_children?: number
  readonly num_infants?: number
  readonly status?: Status
  /** Only together with the status cancelled. */
  readonly cancelled_by?: NonNullable<Cancellation['cancelled_by']>
  readonly total_cents?: number
  readonly currency?: string
}

/**
 * The channel is the authority on its own booking, so a finished or cancelled one changes too, unlike in updateBooking:
 * a payout is corrected after the stay, a cancelled stay comes back. The ledger still decides about the nights, but the
 * rules of the property are not asked. Throws BookingNotFoundError, BookingConflictError, PropertyNotFoundError,
 * PropertyUnavailableError, ValidationError.
 */
export async function reviseBooking(tx: Tx, id: string, revision: Revision): Promise<FullBooking> {
  const before = await lockedBooking(tx, id)
  const wanted: FullBooking = { ...before, ...revision }
  requireStay(wanted)
  if (revision.num_adults !== undefined || revision.num_children !== undefined) {
    requireRoom(wanted, (await getProperty(tx, before.property_id)).max_guests)
  }
  const needs_nights = takesNights(wanted) && (!takesNights(before) || isElsewhere(before, wanted))
  if (needs_nights) await claimFor(tx, before, wanted, 'nothing')
  await settleNights(tx, before, wanted)
  const times = before.status === wanted.status ? {} : timesOf(before.status, wanted.status)
  return saveChanges(tx, before, { ...times, ...revision, ...priceOf(wanted, revision) })
}

function priceOf(wanted: FullBooking, { total_cents }: Revision): Price | undefined {
  if (total_cents === undefined) return undefined
  const { cleaning_fee_cents, tax_cents, refund_cents } = wanted
  if (wanted.status === 'cancelled' && refund_cents !== null && refund_cents > total_cents) {
    throw invalid('/total_cents', `is less than what was paid back (${refund_cents})`, 'TOO_SMALL')
  }
  const nights = nightsBetween(wanted.check_in, wanted.check_out)
  const given = { total_cents, cleaning_fee_cents, tax_cents }
  return priceStay(nights, given, { base_price_cents: null, cleaning_fee_cents })
}
