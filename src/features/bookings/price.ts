// Computes and splits the price of a stay, and checks its capacity and currency.
import { invalid } from '../../core/errors.ts'
import { daysBetween } from '../availability/days.ts'

/** Nights between two local dates YYYY-MM-DD. */
export const nightsBetween = daysBetween

/** Throws ValidationError when there are more people than `max_guests`. Infants do not count. */
export function requireCapacity(
  people: { num_adults: number; num_children?: number | undefined },
  max_guests: number,
): void {
  const guests = people.num_adults + (people.num_children ?? 0)
  if (guests > max_guests)
    throw invalid('/num_adults', `${guests} guests; the property takes ${max_guests}`, 'TOO_MANY_GUESTS')
}

/** Throws ValidationError when the property has another currency than the price of the booking. */
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
 * The parts of a price in integer cents; their sum is the total. With a given total, the subtotal is the total without
 * cleaning fee and tax. Otherwise the total is nights x rate + cleaning fee + tax; rate and cleaning fee default to those
 * of the property. Throws ValidationError.
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
 * Divides a price between the two parts of a stay, exact to the cent: nights and tax in proportion to the nights; the
 * remainder and the cleaning fee stay with the first part.
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
