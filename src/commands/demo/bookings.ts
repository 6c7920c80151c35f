// Completes planned stays to bookings: status, source, people, price and payment.
import { addDays } from '../../features/availability/days.ts'
import type { BookingInput } from '../../features/bookings/new-row.ts'
import type { Property } from '../../features/properties/schema.ts'
import type { Random } from './random.ts'
import { monthOf, type PlannedStay } from './stays.ts'

const sources = ['direct', 'direct', 'direct', 'airbnb', 'airbnb', 'booking_com', 'booking_com', 'fewo_direkt'] as const

/** Percent of the base price, January to December. */
const season = [125, 130, 110, 85, 90, 105, 130, 135, 105, 90, 80, 120]

const notes = [
  'Needs a cot.',
  'Arrives after 20:00, key in the safe.',
  'Brings a dog.',
  'Asked for a late check-out.',
] as const

export interface DemoContext {
  readonly today: string
  readonly random: Random
  /** Of the agency's guests. */
  readonly guest_ids: readonly string[]
  /** A number that no other booking of the agency has. */
  readonly nextSerial: () => number
}

/** Everything but a check-in or check-out of today, which staff records. */
export function bookingOfStay(property: Property, stay: PlannedStay, context: DemoContext): BookingInput {
  const { random, today } = context
  const source = random.pick(sources)
  const status = statusOf(stay, random)
  const nights = stay.to - stay.from
  const base = property.base_price_cents ?? 0
  const nightly_rate_cents = Math.round((base * (season[monthOf(today, stay.from) - 1] ?? 100)) / 10_000) * 100
  const num_adults = random.between(1, Math.min(4, property.max_guests))
  const lead = random.between(3, 120)
  const booked = Math.min(stay.from - lead, -random.between(0, 30))
  return {
    property_id: property.id,
    check_in: addDays(today, stay.from),
    check_out: addDays(today, stay.to),
    ...{ status, source, nightly_rate_cents, num_adults },
    num_children: random.chance(0.3) ? Math.min(random.between(1, 3), property.max_guests - num_adults) : 0,
    guest_id: guestOf(context),
    booked_on: addDays(today, booked),
    paid_cents: paidOf(stay, status, nights * nightly_rate_cents + property.cleaning_fee_cents, random),
    ...(source !== 'direct' && { external_code: codeOf(source, context.nextSerial()) }),
    ...(random.chance(0.08) && { internal_notes: random.pick(notes) }),
    ...(status === 'cancelled' && cancellationOf(today, booked, stay, random)),
  }
}

function statusOf({ from, to, is_cancelled }: PlannedStay, random: Random): NonNullable<BookingInput['status']> {
  if (is_cancelled) return 'cancelled'
  if (from === -1 && random.chance(0.25)) return 'no_show'
  if (to < 0) return random.chance(0.01) ? 'no_show' : 'checked_out'
  if (from < 0) return 'checked_in'
  if (from === 0) return 'confirmed'
  return random.chance(from < 21 ? 0.18 : 0.08) ? 'pending' : 'confirmed'
}

/** Some guests in the house and many that arrive today have paid a part or nothing. */
function paidOf({ from }: PlannedStay, status: BookingInput['status'], total: number, random: Random): number {
  const deposit = Math.round((total * 3) / 1000) * 100
  if (status === 'cancelled' || status === 'pending') return 0
  if (status === 'checked_out' || status === 'no_show') return random.chance(0.01) ? deposit : total
  if (from <= 0) return random.chance(0.75) ? total : random.chance(0.6) ? deposit : 0
  return random.chance(0.35) ? total : random.chance(0.6) ? deposit : 0
}

/** A quarter of the bookings is of the first 40 guests: they return every few months. */
function guestOf({ guest_ids, random }: DemoContext): string {
  const last = guest_ids.length - 1
  return guest_ids[random.between(0, random.chance(0.25) ? Math.min(39, last) : last)] ?? ''
}

/** Of nine digits; different for different serial numbers, because the modulus is prime. */
function codeOf(source: string, serial: number): string {
  const number = 100_000_000 + ((serial * 7_654_321) % 899_999_963)
  return source === 'airbnb' ? `HM${number.toString(36).toUpperCase()}` : String(number)
}

function cancellationOf(today: string, booked: number, { from }: PlannedStay, random: Random) {
  const day = Math.min(-1, random.between(booked, Math.max(booked, from - 1)))
  const cancelled_by = random.pick(['guest', 'guest', 'guest', 'host', 'platform'] as const)
  return { cancelled_at: `${addDays(today, day)}T10:00:00Z`, cancelled_by }
}
