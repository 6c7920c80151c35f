// What a channel says about a booking it has told us before: dates, people, status and total, in one change.
import type { Tx } from '../../core/transaction.ts'
import { getProperty } from '../properties/properties.ts'
import { type Cancellation, lockBooking, rebookNights, saveChanges } from './bookings.ts'
import { getBooking } from './listing.ts'
import { nightsBetween, type Price, priceStay, requireRoom, requireStay } from './rules.ts'
import type { Booking, Status } from './schema.ts'

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

type Revised = Booking & Required<Pick<Booking, 'num_adults' | 'cleaning_fee_cents' | 'tax_cents'>>

/**
 * The channel is the authority on its own booking, so a finished or cancelled one changes too, unlike in updateBooking:
 * a payout is corrected after the stay, a cancelled stay comes back. The ledger still decides about the nights. Throws
 * BookingNotFoundError, BookingConflictError, ValidationError.
 */
export async function reviseBooking(tx: Tx, id: string, revision: Revision): Promise<Booking> {
  await lockBooking(tx, id)
  const before = (await getBooking(tx, id)) as Revised
  const wanted: Revised = { ...before, ...revision }
  requireStay(wanted)
  if (revision.num_adults !== undefined || revision.num_children !== undefined) {
    requireRoom(wanted, (await getProperty(tx, before.property_id)).max_guests)
  }
  await rebookNights(tx, before, wanted)
  const patch = { ...revision, ...priceOf(wanted, revision), ...cancellationOf(before, wanted) }
  return saveChanges(tx, before, patch)
}

function priceOf(wanted: Revised, { total_cents }: Revision): Price | undefined {
  if (total_cents === undefined) return undefined
  const { cleaning_fee_cents, tax_cents } = wanted
  const nights = nightsBetween(wanted.check_in, wanted.check_out)
  const given = { total_cents, cleaning_fee_cents, tax_cents }
  return priceStay(nights, given, { base_price_cents: null, cleaning_fee_cents })
}

function cancellationOf(
  before: Booking,
  wanted: Booking,
): { cancelled_at: string | null; cancelled_by?: null } | undefined {
  if (before.status === wanted.status) return undefined
  return wanted.status === 'cancelled'
    ? { cancelled_at: new Date().toISOString() }
    : { cancelled_at: null, cancelled_by: null }
}
