// What makes a stay well formed and what it costs: pure functions.
import { invalid } from '../../core/errors.ts'
import { daysBetween } from '../availability/days.ts'
import { requireSpan } from '../availability/stays.ts'
import type { Status } from './schema.ts'

export const max_nights = 365

/** Nights between two local dates YYYY-MM-DD. */
export const nightsBetween = daysBetween

interface Dates {
  readonly check_in: string
  readonly check_out: string
}

/** Throws ValidationError unless the stay has 1 to 365 nights within the years 2000 to 2100. */
export function requireStay({ check_in, check_out }: Dates): void {
  requireSpan({ from: check_in, to: check_out, pointers: ['/check_in', '/check_out'], max_nights })
}

/** Throws ValidationError when more people come than the property takes. Infants do not count. */
export function requireRoom(
  people: { num_adults: number; num_children?: number | undefined },
  max_guests: number,
): void {
  const guests = people.num_adults + (people.num_children ?? 0)
  if (guests > max_guests)
    throw invalid('/num_adults', `${guests} guests; the property takes ${max_guests}`, 'TOO_MANY_GUESTS')
}

/** A price is agreed in one currency. Throws ValidationError when the property the stay moves to has another. */
export function requireCurrency(agreed: string, property_currency: string): void {
  if (agreed === property_currency) return
  throw invalid(
    '/property_id',
    `the price is agreed in ${agreed}; the property's prices are in ${property_currency}`,
    'OTHER_CURRENCY',
  )
}

export interface Price {
  readonly nightly_rate_cents: number | null
  readonly subtotal_cents: number
  readonly cleaning_fee_cents: number
  readonly tax_cents: number
  readonly total_cents: number
}

type Given = { readonly [K in Exclude<keyof Price, 'subtotal_cents'>]?: number | null | undefined }

/**
 * The parts of a price, in integer cents; they always sum up to the total. A given total wins: the nights cost what is
 * left of it. Otherwise nights x rate + cleaning + tax, from the property where the request says nothing.
 */
export function priceStay(
  nights: number,
  given: Given,
  property: { readonly base_price_cents: number | null; readonly cleaning_fee_cents: number },
): Price {
  const tax_cents = given.tax_cents ?? 0
  const total = given.total_cents ?? undefined
  if (total !== undefined) {
    const cleaning_fee_cents = given.cleaning_fee_cents ?? 0
    const subtotal_cents = total - cleaning_fee_cents - tax_cents
    if (subtotal_cents < 0) throw invalid('/total_cents', 'is less than cleaning_fee_cents + tax_cents', 'TOO_SMALL')
    const nightly_rate_cents = given.nightly_rate_cents ?? null
    return { nightly_rate_cents, subtotal_cents, cleaning_fee_cents, tax_cents, total_cents: total }
  }
  const nightly_rate_cents = given.nightly_rate_cents ?? property.base_price_cents
  if (nightly_rate_cents === null) {
    throw invalid('/total_cents', 'is required: the property has no base price', 'NO_PRICE')
  }
  const cleaning_fee_cents = given.cleaning_fee_cents ?? property.cleaning_fee_cents
  const subtotal_cents = nights * nightly_rate_cents
  const total_cents = subtotal_cents + cleaning_fee_cents + tax_cents
  if (total_cents > 100_000_000_000) throw invalid('/nightly_rate_cents', 'makes the total too large', 'TOO_LARGE')
  return { nightly_rate_cents, subtotal_cents, cleaning_fee_cents, tax_cents, total_cents }
}

/**
 * The price of a stay divided over its first and its second part, so that each sum is exact to the cent: nights and tax
 * by nights, what does not divide and the cleaning fee to the first.
 */
export function splitPrice(price: Price, first_nights: number, second_nights: number): readonly [Price, Price] {
  const nights = BigInt(first_nights + second_nights)
  const shareOf = (cents: number) => Number((BigInt(cents) * BigInt(second_nights)) / nights)
  const { nightly_rate_cents, cleaning_fee_cents } = price
  const partOf = (subtotal_cents: number, cleaning_fee_cents: number, tax_cents: number): Price => {
    const total_cents = subtotal_cents + cleaning_fee_cents + tax_cents
    return { nightly_rate_cents, subtotal_cents, cleaning_fee_cents, tax_cents, total_cents }
  }
  const subtotal = shareOf(price.subtotal_cents)
  const tax = shareOf(price.tax_cents)
  return [partOf(price.subtotal_cents - subtotal, cleaning_fee_cents, price.tax_cents - tax), partOf(subtotal, 0, tax)]
}

/** A booking in one of these is over: its dates, guests and price stand. */
export const closedStatuses: readonly Status[] = ['cancelled', 'declined', 'no_show', 'checked_out']
export const alwaysEditable: readonly string[] = ['internal_notes', 'payment_status']
