// The arithmetic of reports: integers only, no SQL. docs/figures.md has the definitions.
import type { Figures } from './schema.ts'

/** The quotient of two integers, at least 0, rounded to the nearest integer; halves are rounded up. */
export function divideRounded(dividend: number, divisor: number): number {
  const [a, b] = [BigInt(dividend), BigInt(divisor)]
  return Number((2n * a + b) / (2n * b))
}

/**
 * What the nights from number `first` (0) up to, not including, `end` have of the total of a booking with `nights` nights. Each night
 * has the same share; the minor units that are left over belong to the first nights, one each (largest remainder). So the shares of
 * any division of a stay add up to its total, whatever the range of the report is.
 */
export function shareOf(total_cents: number, nights: number, first: number, end: number): number {
  const rest = total_cents % nights
  const per_night = (total_cents - rest) / nights
  return per_night * (end - first) + Math.min(end, rest) - Math.min(first, rest)
}

/** What is added up for a group. */
export interface Sums {
  /** Nights of active properties, blocked ones included. */
  nights_open: number
  nights_blocked: number
  nights_sold: number
  guest_nights: number
  /** Of properties that are not active: they are available because they were sold. */
  nights_sold_inactive: number
  readonly money: Map<string, { cents: number; nights: number }>
  num_bookings: number
  num_guests: number
  stay_nights: number
  num_leads: number
  lead_days: number
  num_cancelled: number
}

export function noSums(): Sums {
  return {
    nights_open: 0,
    nights_blocked: 0,
    nights_sold: 0,
    guest_nights: 0,
    nights_sold_inactive: 0,
    money: new Map(),
    num_bookings: 0,
    num_guests: 0,
    stay_nights: 0,
    num_leads: 0,
    lead_days: 0,
    num_cancelled: 0,
  }
}

/** A part of a booking, or of several with the same currency: its nights in one period. */
export interface SoldPart {
  readonly is_active: boolean
  readonly currency: string
  readonly nights: number
  readonly guest_nights: number
  readonly cents: number
}

export function addSold(sums: Sums, { is_active, currency, nights, guest_nights, cents }: SoldPart): void {
  const before = sums.money.get(currency) ?? { cents: 0, nights: 0 }
  sums.money.set(currency, { cents: before.cents + cents, nights: before.nights + nights })
  sums.nights_sold += nights
  sums.guest_nights += guest_nights
  if (!is_active) sums.nights_sold_inactive += nights
}

/**
 * Another statement reads the properties, so one that was created or activated in between may have sold nights only: these are
 * available too.
 */
function availableOf({ nights_open, nights_blocked, nights_sold_inactive, nights_sold }: Sums): number {
  return Math.max(nights_open - nights_blocked + nights_sold_inactive, nights_sold)
}

/** `nights_of`: the sums whose nights can be sold, when they are not those of the group itself. */
export function figuresOf(sums: Sums, nights_of: Sums = sums): Figures {
  const { nights_sold, guest_nights, num_bookings, num_guests, stay_nights, num_leads, lead_days, num_cancelled } = sums
  const nights_available = availableOf(nights_of)
  const money = [...sums.money]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, { cents, nights }]) => ({
      currency,
      revenue_cents: cents,
      nights_sold: nights,
      adr_cents: divideRounded(cents, nights),
      revpar_cents: divideRounded(cents, nights_available),
    }))
  return {
    nights_available,
    nights_blocked: nights_of.nights_blocked,
    nights_sold,
    guest_nights,
    occupancy_bp: nights_available === 0 ? null : divideRounded(nights_sold * 10_000, nights_available),
    money,
    num_bookings,
    num_guests,
    avg_stay_nights: averageOf(stay_nights, num_bookings),
    avg_lead_days: averageOf(lead_days, num_leads),
    num_cancelled,
  }
}

/** With two decimals; null of nothing. */
function averageOf(sum: number, count: number): number | null {
  return count === 0 ? null : divideRounded(sum * 100, count) / 100
}
