// Local calendar days, YYYY-MM-DD: no clock and no time zone in them.
import { invalid } from '../../core/errors.ts'
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

/** The two days of a filter `from/to`. Throws ValidationError unless both exist and the second is later. */
export function parseInterval(interval: string, pointer: string): readonly [from: string, to: string] {
  const [from = '', to = ''] = interval.split('/')
  if (!isDay(from) || !isDay(to)) throw invalid(pointer, 'must be two days that exist')
  if (to <= from) throw invalid(pointer, 'must end after it begins', 'EMPTY')
  return [from, to]
}

function isDay(text: string): boolean {
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** Throws ValidationError unless `to` is later than `from`, by `most` days at most. */
export function requireRange({ from, to }: { readonly from: string; readonly to: string }, most: number): void {
  if (to <= from) throw invalid('/query/to', 'must be after from', 'NOT_AFTER_FROM')
  if (daysBetween(from, to) > most) throw invalid('/query/to', `must be at most ${most} days after from`, 'TOO_LONG')
}
