// Local dates (YYYY-MM-DD, no time zone), and the limits of the date ranges in requests.
import type { ErrorDetail } from '../../core/app-error.ts'
import { invalid, ValidationError } from '../../core/errors.ts'
import { isDay } from '../../core/instants.ts'
import { type Weekday, weekdays } from '../properties/schema.ts'

const day_ms = 86_400_000

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / day_ms)
}

/** Days from 0001-01-01 to 9999-12-31; `days` may be negative. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * day_ms).toISOString().slice(0, 10)
}

export function weekdayOf(day: string): Weekday {
  return weekdays[(new Date(day).getUTCDay() + 6) % 7] as Weekday
}

/** The two dates of a filter `from/to`. Throws ValidationError unless both are valid and the second is later. */
export function parseInterval(interval: string, pointer: string): readonly [from: string, to: string] {
  const [from = '', to = ''] = interval.split('/')
  if (!isDay(from) || !isDay(to)) throw invalid(pointer, 'must be two valid dates')
  if (to <= from) throw invalid(pointer, 'must end after it begins', 'EMPTY')
  return [from, to]
}

/** Throws ValidationError unless `to` is later than `from`, by at most `max_days` days. `names`: of the query parameters. */
export function requireRange(
  { from, to }: { readonly from: string; readonly to: string },
  max_days: number,
  names = { from: 'from', to: 'to' },
): void {
  const pointer = `/query/${names.to}`
  if (to <= from) throw invalid(pointer, `must be after ${names.from}`, `NOT_AFTER_${names.from.toUpperCase()}`)
  if (daysBetween(from, to) > max_days) {
    throw invalid(pointer, `must be at most ${max_days} days after ${names.from}`, 'TOO_LONG')
  }
}

/** A half-open range: the night of `check_out` is not included. */
export interface Dates {
  readonly check_in: string
  readonly check_out: string
}

interface Span {
  readonly from: string
  readonly to: string
  /** JSON pointers to the two dates in the request. */
  readonly pointers: readonly [from: string, to: string]
  readonly max_nights: number
}

/** Throws ValidationError unless the range has 1 to `max_nights` nights within the years 2000 to 2100. */
export function requireSpan({ from, to, pointers: [at_from, at_to], max_nights }: Span): void {
  const nights = daysBetween(from, to)
  const name = at_from.split('/').at(-1)
  const details: ErrorDetail[] = []
  if (from < '2000-01-01') details.push({ pointer: at_from, code: 'TOO_EARLY', message: 'must be 2000-01-01 or later' })
  if (to > '2100-12-31') details.push({ pointer: at_to, code: 'TOO_LATE', message: 'must be 2100-12-31 or earlier' })
  if (nights < 1) {
    details.push({ pointer: at_to, code: `NOT_AFTER_${name?.toUpperCase()}`, message: `must be after ${name}` })
  }
  if (nights > max_nights) {
    details.push({ pointer: at_to, code: 'TOO_LONG', message: `must be at most ${max_nights} nights after ${name}` })
  }
  if (details.length > 0) throw new ValidationError({ details })
}

/** A year's lease, also in a leap year. */
export const max_nights = 366

/**
 * Throws ValidationError unless the stay has 1 to 366 nights within the years 2000 to 2100. `at`: the JSON pointer to
 * the object with its dates; the body by default.
 */
export function requireStay({ check_in, check_out }: Dates, at: '' | '/query' = ''): void {
  const pointers = [`${at}/check_in`, `${at}/check_out`] as const
  requireSpan({ from: check_in, to: check_out, pointers, max_nights })
}
