// What the pointer or the keyboard is about to do: choose free nights, or move a bar. Pure functions; use-gestures.ts has the events.
import type { Day } from '../../locales/days.ts'
import { type Bar, obstacle } from './bars.ts'
import { canChangeHome, isAt, type Place } from './moves.ts'
import type { Verdict } from './verdict.ts'

export type Grip = 'whole' | 'start' | 'end'

/** Free nights of one or several homes; row numbers and days in the order in which they were chosen. */
export interface Selection {
  readonly kind: 'select'
  readonly row: number
  readonly to_row: number
  readonly day: Day
  readonly to_day: Day
}

export interface Move {
  readonly kind: 'move'
  readonly bar: Bar
  readonly grip: Grip
  readonly place: Place
  readonly row: number
}

export type Gesture = Selection | Move

/** The place of a bar that was moved by days, or to another home, by this part of it. Keeps at least one night. */
export function placeOf({ bar, grip }: Pick<Move, 'bar' | 'grip'>, days: number, home_id: string): Place {
  if (grip === 'whole') return { home_id, first_day: bar.first_day + days, nights: bar.nights }
  if (grip === 'end') return { home_id: bar.home_id, first_day: bar.first_day, nights: Math.max(1, bar.nights + days) }
  const shift = Math.min(days, bar.nights - 1)
  return { home_id: bar.home_id, first_day: bar.first_day + shift, nights: bar.nights - shift }
}

/** The first night, and the day after the last one. */
export function nightsOf({ day, to_day }: Selection): { readonly from: Day; readonly to: Day } {
  return { from: Math.min(day, to_day), to: Math.max(day, to_day) + 1 }
}

export function rowsOf({ row, to_row }: Selection): { readonly first: number; readonly last: number } {
  return { first: Math.min(row, to_row), last: Math.max(row, to_row) }
}

export interface Spot {
  readonly row: number
  readonly day: Day
}

/** Where a drag began, and on what. */
export interface DragStart extends Spot {
  readonly bar: Bar | undefined
  readonly grip: Grip
}

/** What a drag from a place to another does. `home_id` is the home of the row where it is now. */
export function gestureOf(from: DragStart, spot: Spot, home_id: string | undefined): Gesture {
  const { bar, grip, row, day } = from
  if (bar === undefined) return { kind: 'select', row, day, to_row: spot.row, to_day: spot.day }
  const place = placeOf({ bar, grip }, spot.day - day, home_id ?? bar.home_id)
  return { kind: 'move', bar, grip, place, row: place.home_id === bar.home_id ? row : spot.row }
}

export const isSame = (a: Gesture | undefined, b: Gesture): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Whether a drop is refused. The pointer can be further than the place `shown`, which the verdict is about. */
export function isRefused(
  { bar, place }: Move,
  bars: readonly Bar[],
  shown: Place | undefined,
  verdict: Verdict | undefined,
): boolean {
  if (place.home_id !== bar.home_id && !canChangeHome(bar)) return true
  if (obstacle(bars, place.first_day, place.first_day + place.nights, bar.key) !== undefined) return true
  return shown !== undefined && isAt(shown, place) && verdict?.is_possible === false
}
