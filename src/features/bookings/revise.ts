// Applies a channel's update to its own booking: dates, people, status and total in one change.
import type { Tx } from '../../core/postgres/transaction.ts'
import { requireStay } from '../availability/days.ts'
import { getProperty } from '../properties/properties.ts'
import type { Cancellation } from './new-row.ts'
import { isMoved, reserveFor, takesNights, updateOccupancy } from './occupancy.ts'
import { changedPayments } from './payments.ts'
import { nightsBetween, type Price, priceStay, requireCapacity } from './price.ts'
import { lockBooking, saveChanges } from './save.ts'
import type { FullBooking, Status } from './schema.ts'
import { timesOf } from './status.ts'

/** Given members replace those of the booking. The price of the nights is computed from `total_cents`. */
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
 * Unlike updateBooking it also changes closed bookings: channels correct payouts after the stay and reinstate cancelled
 * bookings. The nights must be free; the booking rules of the property do not apply. Throws BookingNotFoundError,
 * BookingConflictError, PropertyNotFoundError, PropertyUnavailableError, ValidationError.
 */
export async function reviseBooking(tx: Tx, id: string, revision: Revision): Promise<FullBooking> {
  const before = await lockBooking(tx, id)
  const wanted: FullBooking = { ...before, ...revision }
  requireStay(wanted)
  if (revision.num_adults !== undefined || revision.num_children !== undefined) {
    requireCapacity(wanted, (await getProperty(tx, before.property_id)).max_guests)
  }
  const needs_nights = takesNights(wanted) && (!takesNights(before) || isMoved(before, wanted))
  if (needs_nights) await reserveFor(tx, before, wanted, 'none')
  await updateOccupancy(tx, before, wanted)
  const times = before.status === wanted.status ? {} : timesOf(before.status, wanted.status)
  const price = priceOf(wanted, revision)
  const payments = changedPayments(before, {}, price?.total_cents ?? before.total_cents)
  return saveChanges(tx, before, { ...times, ...revision, ...price, ...payments })
}

function priceOf(wanted: FullBooking, { total_cents }: Revision): Price | undefined {
  if (total_cents === undefined) return undefined
  const { cleaning_fee_cents, tax_cents } = wanted
  const nights = nightsBetween(wanted.check_in, wanted.check_out)
  const given = { total_cents, cleaning_fee_cents, tax_cents }
  return priceStay(nights, given, { base_price_cents: null, cleaning_fee_cents })
}
