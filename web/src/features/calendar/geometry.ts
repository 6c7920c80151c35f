// Where days and bars are on the screen: plain arithmetic, no element per day.
import { type Day, weekdayOf } from '../../locales/days.ts'

/** How far the calendar can be scrolled from today, in days. */
export const days_back = 400
export const days_ahead = 1100

export interface Geometry {
  readonly first_day: Day
  readonly num_days: number
  readonly day_width: number
  /** The width of the column with the names of the homes. */
  readonly side: number
}

/** The x of the beginning of a day, from the left edge of the days. */
export const xOf = ({ first_day, day_width }: Geometry, day: Day): number => (day - first_day) * day_width

/** The day at an x, from the left edge of the days. */
export const dayAt = ({ first_day, day_width }: Geometry, x: number): Day => first_day + Math.floor(x / day_width)

/** A bar runs from the middle of the day of arrival to the middle of the day of departure, with a gap of two pixels. */
export function extentOf(
  geometry: Geometry,
  from: Day,
  nights: number,
): { readonly x: number; readonly width: number } {
  return { x: xOf(geometry, from + 0.5) + 1, width: nights * geometry.day_width - 2 }
}

export interface Span {
  readonly from: Day
  readonly to: Day
}

/** The days on the screen, in whole weeks, so that scrolling renders seldom; with a week on both sides. */
export function visibleDays(geometry: Geometry, scroll_left: number, width: number): Span {
  const week = 7 * geometry.day_width
  const first = Math.floor(scroll_left / week) - 1
  const last = Math.ceil((scroll_left + Math.max(0, width - geometry.side)) / week) + 1
  return { from: geometry.first_day + first * 7, to: geometry.first_day + last * 7 }
}

/** The day at the left edge of the screen. */
export const dayAtEdge = ({ first_day, day_width }: Geometry, scroll_left: number): Day =>
  first_day + Math.round(scroll_left / day_width)

/** The whole weeks that fit on the screen, in days. */
export function pageDays({ day_width, side }: Geometry, width: number): number {
  return Math.max(7, Math.floor((width - side) / day_width / 7) * 7)
}

/** How many days the first Monday is after the first day. */
export const weekdayOffset = ({ first_day }: Geometry): number => (7 - weekdayOf(first_day)) % 7
