// Computes the columns of a new booking: input, defaults, price, and the times set by its status.
import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { invalid } from '../../core/errors.ts'
import type { BookableProperty, Stay } from '../availability/context.ts'
import { nightsBetween, priceStay } from './price.ts'
import type { Booking, NewBooking, Status } from './schema.ts'

/** Imports may set any status, and who cancelled and when. */
export type BookingInput = Omit<NewBooking, 'status'> & { status?: Status } & Cancellation

/** Only for status cancelled; `cancelled_at` defaults to now. */
export interface Cancellation {
  readonly cancelled_at?: string
  readonly cancelled_by?: NonNullable<Booking['cancelled_by']>
}

const defaults = {
  num_children: 0,
  num_infants: 0,
  num_pets: 0,
  source: 'direct',
  payment_status: 'pending',
}

/** Columns that are missing are null. */
export interface NewRow extends Stay {
  readonly id: string
  readonly reference: string
  readonly status: Status
  readonly [column: string]: unknown
}

/** Throws ValidationError when the price is not valid. */
export function newRow(
  { guest: _, ...given }: BookingInput,
  property: BookableProperty,
  guest_id: string | null,
): NewRow {
  const now = new Date().toISOString()
  const status = given.status ?? 'confirmed'
  return {
    ...defaults,
    ...given,
    ...priceStay(nightsBetween(given.check_in, given.check_out), given, property),
    currency: currencyOf(given, property.currency),
    id: randomUUIDv7(),
    reference: newReference(),
    guest_id,
    status,
    ...(status === 'confirmed' && { confirmed_at: now }),
    ...(status === 'cancelled' && { cancelled_at: given.cancelled_at ?? now }),
  }
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
