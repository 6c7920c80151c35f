// The keys of the grid: a cursor on a home and a day, and a bar that is picked up, moved and dropped without a mouse.
import { type KeyboardEvent, useState } from 'react'
import type { Day } from '../../locales/days.ts'
import type { Bar } from './bars.ts'
import { type Move, placeOf } from './gestures.ts'

export interface Cursor {
  readonly row: number
  readonly day: Day
  /** What is there, for screen readers. */
  readonly label: string
}

interface Options {
  readonly num_rows: number
  readonly start: () => { readonly row: number; readonly day: Day }
  readonly describe: (row: number, day: Day) => string
  readonly homeAt: (row: number) => string | undefined
  readonly barOn: (row: number, day: Day) => Bar | undefined
  readonly canMove: (bar: Bar) => boolean
  readonly onEnter: (row: number, day: Day, bar: Bar | undefined) => void
  readonly onDrop: (move: Move) => void
  readonly reveal: (row: number, day: Day) => void
}

const steps: Readonly<Record<string, readonly [days: number, rows: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  PageUp: [0, -10],
  PageDown: [0, 10],
  Home: [-7, 0],
  End: [7, 0],
}

interface Picked {
  readonly bar: Bar
  readonly days: number
  readonly row: number
  /** Where the cursor was. */
  readonly from: Cursor
}

export function useKeys(options: Options) {
  const [cursor, setCursor] = useState<Cursor>()
  const [picked, setPicked] = useState<Picked>()

  function moveTo(row: number, day: Day): void {
    const at = Math.max(0, Math.min(options.num_rows - 1, row))
    setCursor({ row: at, day, label: options.describe(at, day) })
    options.reveal(at, day)
  }

  function step([days, rows]: readonly [number, number]): void {
    const from = cursor ?? options.start()
    moveTo(cursor === undefined ? from.row : from.row + rows, cursor === undefined ? from.day : from.day + days)
    if (picked === undefined) return
    const row = Math.max(0, Math.min(options.num_rows - 1, picked.row + rows))
    setPicked({ ...picked, days: picked.days + days, row })
  }

  function pickUp(): void {
    const bar = cursor && options.barOn(cursor.row, cursor.day)
    if (cursor !== undefined && bar !== undefined && options.canMove(bar))
      setPicked({ bar, days: 0, row: cursor.row, from: cursor })
  }

  /** The bar stays where it was, and the cursor is on it again. */
  function putBack({ from }: Picked): void {
    setPicked(undefined)
    moveTo(from.row, from.day)
  }

  function enter(): void {
    if (move !== undefined) {
      setPicked(undefined)
      options.onDrop(move)
    } else if (cursor !== undefined) options.onEnter(cursor.row, cursor.day, options.barOn(cursor.row, cursor.day))
  }

  const move: Move | undefined = picked && {
    kind: 'move',
    bar: picked.bar,
    grip: 'whole',
    place: placeOf({ bar: picked.bar, grip: 'whole' }, picked.days, options.homeAt(picked.row) ?? picked.bar.home_id),
    row: picked.row,
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return
    const arrow = steps[event.key]
    if (arrow !== undefined) step(arrow)
    else if (event.key === 'm' || event.key === 'M') pickUp()
    else if (event.key === 'Enter' || event.key === ' ') enter()
    else if (event.key === 'Escape' && picked !== undefined) putBack(picked)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  // A filter or a closed group can leave fewer rows.
  const row = Math.max(0, Math.min(cursor?.row ?? 0, options.num_rows - 1))
  return { cursor: cursor && { ...cursor, row }, moveTo, move, onKeyDown }
}
