// What a channel says about one of its bookings, and what the office has made of that booking.
import type { Cancellation, ChannelColumns } from '../bookings/new-row.ts'
import type { FullBooking, Status } from '../bookings/schema.ts'

type CancelledBy = NonNullable<Cancellation['cancelled_by']>

/** Null: the channel does not say. No personal data: it is stored without a way to erase it. Amounts in minor units of `currency`. */
export interface ChannelFacts {
  /** The title by which the channel names the property. */
  readonly listing: string
  readonly property_id: string
  readonly status: Status | null
  readonly cancelled_by: CancelledBy | null
  readonly check_in: string
  readonly check_out: string
  readonly num_adults: number | null
  readonly num_children: number | null
  readonly num_infants: number | null
  readonly currency: string
  /** The price of the stay, before the fee of the channel. */
  readonly total_cents: number | null
  readonly cleaning_fee_cents: number | null
  readonly tax_cents: number | null
  /** What the channel pays out; may be negative. */
  readonly payout_cents: number | null
  readonly channel_fee_cents: number | null
  readonly booked_on: string | null
}

/** The facts that were applied last. Null dates and property: it is not known what the channel said before. */
export type AppliedFacts = Omit<ChannelFacts, 'property_id' | 'check_in' | 'check_out'> & {
  readonly property_id: string | null
  readonly check_in: string | null
  readonly check_out: string | null
}

/** The booking of the channel as it is in Roost. */
export interface ChannelBooking
  extends Pick<
    FullBooking,
    | 'id'
    | 'reference'
    | 'property_id'
    | 'status'
    | 'check_in'
    | 'check_out'
    | 'num_adults'
    | 'num_children'
    | 'num_infants'
    | 'total_cents'
    | 'cleaning_fee_cents'
    | 'tax_cents'
    | 'refund_cents'
    | 'currency'
  > {
  readonly payout_cents: NonNullable<ChannelColumns['payout_cents']> | null
  readonly channel_fee_cents: NonNullable<ChannelColumns['channel_fee_cents']> | null
  readonly booked_on: NonNullable<ChannelColumns['booked_on']> | null
  /** Whether a part of the stay is another booking, in another property. */
  readonly is_split: boolean
}

/** The price that the facts give the stay: without a price the payout, which is never negative there. */
export function totalOf({
  total_cents,
  payout_cents,
}: Pick<ChannelFacts, 'total_cents' | 'payout_cents'>): number | null {
  return total_cents ?? (payout_cents === null ? null : Math.max(0, payout_cents))
}

/** Statuses in which the channel does not expect the guest. */
const offStatuses: readonly Status[] = ['cancelled', 'declined', 'no_show']

export function isOff(status: Status | null): boolean {
  return status !== null && offStatuses.includes(status)
}

/**
 * The facts of a booking that was imported before facts were kept. If only imports have changed it, they are what the booking
 * says. If people have changed it, the file is taken for what the channel said before, except that a cancellation is news, and
 * that for other dates or another property it stays unknown whose they are.
 */
export function adoptedFacts(booking: ChannelBooking, now: ChannelFacts, is_changed_by_people: boolean): AppliedFacts {
  const has_same_dates = booking.check_in === now.check_in && booking.check_out === now.check_out
  const property_id = booking.property_id === now.property_id ? now.property_id : null
  if (!is_changed_by_people) {
    const { status, check_in, check_out, num_adults, num_children, num_infants, currency, total_cents } = booking
    // Where the file has only a payout, the total was the payout.
    const price = now.total_cents === null ? { total_cents: null, payout_cents: total_cents } : { total_cents }
    return {
      ...now,
      property_id,
      status,
      check_in,
      check_out,
      num_adults,
      num_children,
      num_infants,
      currency,
      ...price,
    }
  }
  const is_news = isOff(now.status) && !isOff(booking.status)
  return {
    ...now,
    property_id,
    check_in: has_same_dates ? now.check_in : null,
    check_out: has_same_dates ? now.check_out : null,
    status: is_news ? null : now.status,
  }
}
