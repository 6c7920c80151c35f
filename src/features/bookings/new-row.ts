// Computes a new booking: input, defaults, price, and the times set by its status.
import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { invalid } from '../../core/errors.ts'
import type { BookableProperty } from '../availability/context.ts'
import { type GivenGuest, type GuestColumns, guestColumnsOf } from '../guests/of-booking.ts'
import { newPayments } from './payments.ts'
import { nightsBetween, priceStay } from './price.ts'
import type { Booking, FullBooking, NewBooking } from './schema.ts'

/** Imports may set any status, who cancelled and when, and what the channel says beside the price. */
export type BookingInput = Omit<NewBooking, 'status'> & { status?: Booking['status'] } & Cancellation & ChannelColumns

/** The columns that only a channel fills. */
export interface ChannelColumns {
  readonly payout_cents?: number | null
  readonly channel_fee_cents?: number | null
  readonly booked_on?: string | null
}

/** Only for status cancelled; `cancelled_at` defaults to now. */
export interface Cancellation {
  readonly cancelled_at?: string
  readonly cancelled_by?: NonNullable<Booking['cancelled_by']>
}

/** What PostgreSQL computes for a new row. */
type Computed = Pick<FullBooking, 'num_nights' | 'num_guests' | 'version' | 'created_at' | 'updated_at'>

/** The columns of a new row of `bookings`. Their values are those that a later read returns. */
export type NewRow = Omit<FullBooking, keyof Computed | 'property_name' | 'guest'> & GuestColumns

/** The columns that a new booking does not have yet. */
export const unset = {
  external_code: null,
  guest_message: null,
  internal_notes: null,
  confirmed_at: null,
  checked_in_at: null,
  checked_out_at: null,
  declined_at: null,
  no_show_at: null,
  cancelled_at: null,
  cancelled_by: null,
  cancellation_reason: null,
  refund_cents: null,
  refund_reason: null,
  split_from_id: null,
  payout_cents: null,
  channel_fee_cents: null,
  booked_on: null,
}

/** `now` is the start of the transaction (tx.now). Throws ValidationError when the price is not valid. */
export function newRow(given: BookingInput, property: BookableProperty, guest: GivenGuest | null, now: string): NewRow {
  const { status = 'confirmed', check_in, check_out } = given
  const price = priceStay(nightsBetween(check_in, check_out), given, property)
  return {
    ...unset,
    id: randomUUIDv7(),
    reference: newReference(),
    property_id: given.property_id.toLowerCase(),
    ...guestColumnsOf(guest),
    ...{ status, check_in, check_out },
    num_adults: given.num_adults,
    num_children: given.num_children ?? 0,
    num_infants: given.num_infants ?? 0,
    num_pets: given.num_pets ?? 0,
    source: given.source ?? 'direct',
    external_code: given.external_code ?? null,
    ...price,
    currency: currencyOf(given, property.currency),
    ...newPayments(given, price.total_cents),
    guest_message: given.guest_message ?? null,
    internal_notes: given.internal_notes ?? null,
    ...(status === 'confirmed' && { confirmed_at: now }),
    ...(status === 'cancelled' && { cancelled_at: instantOf(given.cancelled_at ?? now) }),
    cancelled_by: given.cancelled_by ?? null,
    payout_cents: given.payout_cents ?? null,
    channel_fee_cents: given.channel_fee_cents ?? null,
    booked_on: given.booked_on ?? null,
  }
}

/** The time as the API returns it: in UTC, with milliseconds. */
function instantOf(time: string): string {
  return new Date(time).toISOString()
}

/** The booking as it is after the INSERT, without reading it: what PostgreSQL computes follows from the row. */
export function bookingOf(
  { guest_id: _, guest_first_name: _f, guest_last_name: _l, guest_email: _e, guest_phone: _p, ...row }: NewRow,
  { property_name, guest, now }: Pick<FullBooking, 'property_name' | 'guest'> & { readonly now: string },
): FullBooking {
  const num_nights = nightsBetween(row.check_in, row.check_out)
  const computed = { num_nights, num_guests: row.num_adults + row.num_children, version: 1 }
  return { ...row, ...computed, created_at: now, updated_at: now, property_name, guest }
}

function currencyOf(given: Omit<BookingInput, 'guest'>, property_currency: string): string {
  const currency = given.currency ?? property_currency
  if (currency !== property_currency && given.total_cents === undefined) {
    throw invalid('/currency', `the property's prices are in ${property_currency}: give total_cents as well`)
  }
  return currency
}

/** 50 random bits in Crockford's base 32 (no I, L, O, U). Random, so that no counter serialises bookings (ADR 0010). */
export function newReference(): string {
  const letters = [...randomBytes(10)].map((byte) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[byte & 31])
  return `${letters.slice(0, 5).join('')}-${letters.slice(5).join('')}`
}
