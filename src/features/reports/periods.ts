// The parts of a range in which a report counts: its months, or the range as a whole.
import { addDays, daysBetween } from '../availability/days.ts'

/** Half-open: the night of `to` is not included. */
export interface Range {
  readonly from: string
  readonly to: string
}

export interface Period extends Range {
  /** The month of the group, YYYY-MM; of the year before, that of the month a year later. */
  readonly month: string
}

/** The same day one year earlier. The 29th of February becomes the 1st of March. */
export function yearBefore(day: string): string {
  const year = String(Number(day.slice(0, 4)) - 1).padStart(4, '0')
  const same = `${year}${day.slice(4)}`
  return day.endsWith('-02-29') ? `${year}-03-01` : same
}

/** The same days one year earlier. Empty when the range is only a 29th of February. */
export function rangeBefore({ from, to }: Range): Range {
  return { from: yearBefore(from), to: yearBefore(to) }
}

/** The months of the range, the first and the last one only as far as they belong to it. `years`: how many later the group is. */
export function monthsOf({ from, to }: Range, years = 0): Period[] {
  const months: Period[] = []
  for (let day = from; day < to; ) {
    const next = addDays(`${day.slice(0, 7)}-01`, 31).slice(0, 7)
    const end = `${next}-01` < to ? `${next}-01` : to
    const year = String(Number(day.slice(0, 4)) + years).padStart(4, '0')
    months.push({ from: day, to: end, month: `${year}${day.slice(4, 7)}` })
    day = end
  }
  return months
}

/** The nights of a stay that are in the range, by their numbers: from `first` (0) up to, not including, `end`. At least one is. */
export function nightsIn(
  { check_in, check_out }: { readonly check_in: string; readonly check_out: string },
  { from, to }: Range,
): { readonly first: number; readonly end: number } {
  const first = Math.max(daysBetween(check_in, from), 0)
  return { first, end: daysBetween(check_in, check_out < to ? check_out : to) }
}
