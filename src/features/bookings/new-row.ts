// A new booking as the table keeps it: what was given, what it costs, what follows from its status. Pure.
import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { invalid } from '../../core/errors.ts'
import type { Home, Stay } from '../availability/occupancies.ts'
import type { BookingInput } from './bookings.ts'
import { nightsBetween, priceStay } from './rules.ts'
import type { Status } from './schema.ts'

const defaults = {
  num_children: 0,
  num_infants: 0,
  num_pets: 0,
  source: 'direct',
  payment_status: 'pending',
}

/** Its columns; those that are not here are null. */
export interface NewRow extends Stay {
  readonly id: string
  readonly reference: string
  readonly status: Status
  readonly [column: string]: unknown
}

/** Throws ValidationError about the price. */
export function newRow({ guest: _, ...given }: BookingInput, home: Home, guest_id: string | null): NewRow {
  const now = new Date().toISOString()
  const status = given.status ?? 'confirmed'
  return {
    ...defaults,
    ...given,
    ...priceStay(nightsBetween(given.check_in, given.check_out), given, home),
    currency: currencyOf(given, home.currency),
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

/** 50 random bits as ten letters and digits (Crockford's base 32: no I, L, O, U), so no counter is a bottleneck. */
export function newReference(): string {
  const letters = [...randomBytes(10)].map((byte) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[byte & 31])
  return `${letters.slice(0, 5).join('')}-${letters.slice(5).join('')}`
}
