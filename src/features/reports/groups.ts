// Adds what was read up into the groups of a report and its totals.
import { daysBetween } from '../availability/days.ts'
import { addSold, noSums, type Sums, shareOf } from './figures.ts'
import { monthsOf, nightsIn, type Period, type Range } from './periods.ts'
import type { ReportQuery } from './schema.ts'

/** The property, city, source or country of a row; null without one, and when the report is by month. */
interface Keyed {
  readonly key: string | null
}

/** A booking or block with nights in the range; or, when `is_whole`, several whose nights are all in one period. */
export interface Taken extends Keyed {
  readonly is_sold: boolean
  /** Whether the property is active now. */
  readonly is_active: boolean
  /** Of bookings, like `total_cents`. */
  readonly currency: string | null
  readonly is_whole: boolean
  /** The first arrival and the last departure of the stays. */
  readonly check_in: string
  readonly check_out: string
  readonly num_stays: number
  readonly nights: number
  readonly total_cents: number
  /** Adults and children, and their nights in the whole stays. */
  readonly num_guests: number
  readonly guest_nights: number
  /** The stays for which the day of the booking is known, and the sum of their days until the arrival. */
  readonly num_leads: number
  readonly lead_days: number
}

/** Cancelled bookings by the month (YYYY-MM) in which they would have begun. */
export interface Cancelled extends Keyed {
  readonly month: string
  readonly count: number
}

export interface Rows {
  /** The number of active properties for each key. */
  readonly open: readonly (Keyed & { readonly num_active: number })[]
  readonly taken: readonly Taken[]
  readonly cancelled: readonly Cancelled[]
}

export interface GroupedSums {
  readonly totals: Sums
  readonly groups: ReadonlyMap<string | null, Sums>
}

/** The totals and the sums of one group. */
type SumsOf = (row: Keyed, period: Pick<Period, 'month'>) => readonly Sums[]

/** `years`: how many years later the groups of months are (1 for the year before). */
export function addUp(rows: Rows, range: Range, group_by: ReportQuery['group_by'], years = 0): GroupedSums {
  const totals = noSums()
  const groups = new Map<string | null, Sums>()
  const sumsOf: SumsOf = ({ key }, { month }) => {
    const name = group_by === 'month' ? month : key
    const sums = groups.get(name) ?? noSums()
    groups.set(name, sums)
    return [totals, sums]
  }
  const months = monthsOf(range, years)
  const whole = months.length === 0 ? [] : [{ ...range, month: '' }]
  for (const period of group_by === 'month' ? months : whole) addPeriod(rows, period, sumsOf)
  for (const one of rows.cancelled) {
    const month = months.find(({ from }) => from.startsWith(one.month))
    if (month !== undefined) for (const sums of sumsOf(one, month)) sums.num_cancelled += one.count
  }
  return { totals, groups }
}

function addPeriod({ open, taken }: Rows, period: Period, sumsOf: SumsOf): void {
  const nights = daysBetween(period.from, period.to)
  for (const one of open) for (const sums of sumsOf(one, period)) sums.nights_open += one.num_active * nights
  for (const one of taken) {
    if (one.check_in < period.to && one.check_out > period.from) addTaken(one, period, sumsOf(one, period))
  }
}

/** Adds the nights in the period; the number of stays and what is averaged over stays belong to the period of the arrival. */
function addTaken(one: Taken, period: Period, groups: readonly Sums[]): void {
  const { is_sold, is_active, is_whole, currency, num_stays, num_guests, num_leads, lead_days } = one
  const { first, end } = is_whole ? { first: 0, end: one.nights } : nightsIn(one, period)
  for (const sums of groups) {
    if (!is_sold) {
      if (is_active) sums.nights_blocked += end - first
      continue
    }
    const cents = is_whole ? one.total_cents : shareOf(one.total_cents, one.nights, first, end)
    const guest_nights = is_whole ? one.guest_nights : (end - first) * num_guests
    addSold(sums, { is_active, currency: currency ?? '', nights: end - first, guest_nights, cents })
    if (first > 0) continue
    sums.num_bookings += num_stays
    sums.num_guests += num_guests
    sums.stay_nights += one.nights
    sums.num_leads += num_leads
    sums.lead_days += lead_days
  }
}
