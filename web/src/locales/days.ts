// Days as integers, as in the calendar of the API: 0 is 1970-01-01. A night has no time zone, so no Date object is kept for it.
import { useLocale } from './i18n.ts'

/** Days since 1970-01-01. */
export type Day = number

const ms_per_day = 86_400_000

/** `2027-06-14` -> 20983. */
export const dayOf = (date: string): Day => Date.parse(`${date}T00:00:00Z`) / ms_per_day

/** 20983 -> `2027-06-14`. */
export const dateOf = (day: Day): string => new Date(day * ms_per_day).toISOString().slice(0, 10)

/** The current day in a time zone. */
export function todayIn(time_zone: string, now: number = Date.now()): Day {
  return dayOf(new Intl.DateTimeFormat('sv-SE', { timeZone: time_zone }).format(now))
}

/** 0 is Monday. */
export const weekdayOf = (day: Day): number => (((day + 3) % 7) + 7) % 7

export const isWeekend = (day: Day): boolean => weekdayOf(day) >= 5

const formats = {
  /** Mo 14. Juni */
  day: { weekday: 'short', day: 'numeric', month: 'long' },
  /** 14. Juni 2027 */
  date: { day: 'numeric', month: 'long', year: 'numeric' },
  /** Mo., 14. Juni 2027 */
  full: { weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' },
  /** 14.06. */
  short: { day: '2-digit', month: '2-digit' },
  /** Juni 2027 */
  month: { month: 'long', year: 'numeric' },
  /** Jun 27 */
  month_short: { month: 'short', year: '2-digit' },
  /** Mo */
  weekday: { weekday: 'short' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>
export type DayFormat = keyof typeof formats

const cache = new Map<string, Intl.DateTimeFormat>()

function formatterOf(locale: string, format: DayFormat): Intl.DateTimeFormat {
  const key = `${locale} ${format}`
  const known = cache.get(key)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat(locale, { ...formats[format], timeZone: 'UTC' })
  cache.set(key, made)
  return made
}

export function formatDay(locale: string, day: Day, format: DayFormat): string {
  return formatterOf(locale, format).format(day * ms_per_day)
}

/** `14.–21. Juni 2027`: the arrival and the departure. */
export function formatStay(locale: string, check_in: Day, check_out: Day): string {
  return formatterOf(locale, 'date').formatRange(check_in * ms_per_day, check_out * ms_per_day)
}

/** Writes days and stays in the language of the screen. */
export function useDays() {
  const locale = useLocale()
  return {
    day: (day: Day, format: DayFormat = 'day') => formatDay(locale, day, format),
    date: (date: string, format: DayFormat = 'day') => formatDay(locale, dayOf(date), format),
    stay: (check_in: string, check_out: string) => formatStay(locale, dayOf(check_in), dayOf(check_out)),
    instant: (timestamp: string) =>
      new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(timestamp)),
  }
}
