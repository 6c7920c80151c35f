// Computes and splits the price of a stay, and checks its capacity and currency.
import { invalid } from '../../core/errors.ts'
import { max_cents } from '../../core/money.ts'
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
  if (total_cents > max_cents) throw invalid('/nightly_rate_cents', 'makes the total too large', 'TOO_LARGE')
  return { nightly_rate_cents, subtotal_cents, cleaning_fee_cents, tax_cents, total_cents }
}

type Agreed = Price & { readonly num_nights: number }

/**
 * The price after a change; undefined when it stays. It follows from what was agreed last: given parts replace those of the
 * booking; other nights change the price of the nights in proportion, so fewer never cost more. The nightly rate is that of
 * the agreed total. Without a nightly rate the total is for the whole stay and stays. Throws ValidationError.
 */
export function repriced(before: Agreed, patch: Given, nights: number): Price | undefined {
  const { nightly_rate_cents: rate, total_cents: total } = patch
  const is_priced = priceFields.some((name) => patch[name] !== undefined)
  const has_rate = before.nightly_rate_cents !== null
  if (!is_priced && (nights === before.num_nights || !has_rate)) return undefined
  const cleaning_fee_cents = patch.cleaning_fee_cents ?? before.cleaning_fee_cents
  const tax_cents = patch.tax_cents ?? before.tax_cents
  const parts = { nightly_rate_cents: rate, cleaning_fee_cents, tax_cents }
  if (total === undefined && rate !== undefined) return priceStay(nights, parts, noPrices)
  const agreed = has_rate ? proportional(before, nights) + cleaning_fee_cents + tax_cents : before.total_cents
  if (agreed > max_cents) throw invalid('/check_out', 'makes the total too large', 'TOO_LARGE')
  const price = priceStay(nights, { ...parts, total_cents: total ?? agreed }, noPrices)
  if (rate !== undefined || !has_rate) return price
  return { ...price, nightly_rate_cents: Math.round(price.subtotal_cents / nights) }
}

const priceFields = ['nightly_rate_cents', 'cleaning_fee_cents', 'tax_cents', 'total_cents'] as const
const noPrices = { base_price_cents: null, cleaning_fee_cents: 0 }

/** Exact to half a cent. The product is below 2^53. */
function proportional({ subtotal_cents, num_nights }: Agreed, nights: number): number {
  return Math.round((subtotal_cents * nights) / num_nights)
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
