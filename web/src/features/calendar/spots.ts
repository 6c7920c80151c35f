// From a point of the screen to a row and a day, and back.
import type { PointerEvent } from 'react'
import type { Day } from '../../locales/days.ts'
import { dayAt, type Geometry } from './geometry.ts'
import type { Spot } from './gestures.ts'

/** The heights of the two header rows and of a home, in pixels. */
export const head_height = 84
export const row_height = 44

/** The night under the pointer: from the middle of a day to the middle of the next. Undefined outside of the rows. */
export function spotAt(event: PointerEvent, box: HTMLDivElement | null, geometry: Geometry): Spot | undefined {
  if (box === null) return undefined
  const { left, top } = box.getBoundingClientRect()
  const [x, y] = [event.clientX - left - geometry.side, event.clientY - top - head_height]
  if (x < 0 || y < 0) return undefined
  const half = geometry.day_width / 2
  return { row: Math.floor((y + box.scrollTop) / row_height), day: dayAt(geometry, x + box.scrollLeft - half) }
}

export type Scrolled = Pick<HTMLDivElement, 'scrollLeft' | 'scrollTop' | 'clientWidth' | 'clientHeight' | 'scrollTo'>

/** Scrolls as far as needed for a row and a day to be seen. */
export function reveal(box: Scrolled | null, geometry: Geometry, row: number, day: Day): void {
  if (box === null) return
  const { day_width, first_day, side } = geometry
  const left = nearest(box.scrollLeft, box.clientWidth - side, (day - first_day) * day_width, 2 * day_width)
  const top = nearest(box.scrollTop, box.clientHeight - head_height, row * row_height, row_height)
  if (left !== box.scrollLeft || top !== box.scrollTop) box.scrollTo(left, top)
}

/** Where the cursor begins: the first whole row on the screen, and today or else the first whole day. */
export function firstInView(box: Scrolled | null, { first_day, day_width, side }: Geometry, today: Day): Spot {
  if (box === null) return { row: 0, day: today }
  const first = first_day + Math.ceil(box.scrollLeft / day_width)
  const last = first_day + Math.floor((box.scrollLeft + box.clientWidth - side) / day_width) - 1
  const day = first <= today && today <= last ? today : first
  return { row: Math.ceil(box.scrollTop / row_height), day }
}

/** The scroll position nearest to `now` at which what begins at `start` and is `size` long lies within `length`. */
function nearest(now: number, length: number, start: number, size: number): number {
  if (start < now) return start
  return start + size > now + length ? start + size - length : now
}
