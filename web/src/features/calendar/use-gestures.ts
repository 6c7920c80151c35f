// Pointer events of the grid: a click, a drag over free nights, a drag of a bar or of its end. On touch after a long press.
import { type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react'
import type { Day } from '../../locales/days.ts'
import type { Bar } from './bars.ts'
import { type Gesture, type Grip, placeOf } from './gestures.ts'

/** A drag begins after so many pixels with a mouse, or so long a press on touch. */
const drag_px = 8
const press_ms = 350
/** Near the edge of the grid it scrolls by so many pixels per event. */
const edge_px = 36
const scroll_px = 18

interface Spot {
  readonly row: number
  readonly day: Day
}

interface Options {
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly spotAt: (event: PointerEvent) => Spot | undefined
  readonly homeAt: (row: number) => string | undefined
  readonly barAt: (row: number, key: string) => Bar | undefined
  readonly canMove: (bar: Bar) => boolean
  readonly canSelect: boolean
  readonly onClick: (spot: Spot, bar: Bar | undefined, event: PointerEvent) => void
  readonly onDrop: (gesture: Gesture, event: PointerEvent) => void
}

interface Start extends Spot {
  readonly bar: Bar | undefined
  readonly grip: Grip
  readonly x: number
  readonly y: number
  is_dragging: boolean
  timer: ReturnType<typeof setTimeout> | undefined
}

export function useGestures(options: Options) {
  const [gesture, setGesture] = useState<Gesture>()
  const start = useRef<Start>(undefined)
  useNoTouchScroll(options.scroller, () => start.current?.is_dragging === true)
  useEscape(() => stop())

  function stop(): void {
    clearTimeout(start.current?.timer)
    start.current = undefined
    setGesture(undefined)
  }

  function onPointerDown(event: PointerEvent<HTMLElement>): void {
    if (event.button !== 0 || !event.isPrimary) return
    const spot = options.spotAt(event)
    if (spot === undefined) return
    const target = event.target as HTMLElement
    const key = target.closest<HTMLElement>('[data-bar]')?.dataset.bar
    const bar = key === undefined ? undefined : options.barAt(spot.row, key)
    const grip = (target.dataset.edge ?? 'whole') as Grip
    const is_touch = event.pointerType === 'touch'
    start.current = { ...spot, bar, grip, x: event.clientX, y: event.clientY, is_dragging: false, timer: undefined }
    const { currentTarget, pointerId } = event
    if (is_touch) start.current.timer = setTimeout(() => begin(currentTarget, pointerId), press_ms)
  }

  function begin(element: HTMLElement, pointer: number): void {
    const from = start.current
    if (from === undefined || !(from.bar === undefined ? options.canSelect : options.canMove(from.bar))) return
    from.is_dragging = true
    element.setPointerCapture(pointer)
    setGesture(gestureOf(from, from))
  }

  function gestureOf(from: Start, spot: Spot): Gesture {
    const { bar, grip, row, day } = from
    if (bar === undefined) return { kind: 'select', row, day, to_row: spot.row, to_day: spot.day }
    const home_id = options.homeAt(spot.row) ?? bar.home_id
    const place = placeOf({ bar, grip }, spot.day - day, home_id)
    return { kind: 'move', bar, grip, place, row: place.home_id === bar.home_id ? row : spot.row }
  }

  function onPointerMove(event: PointerEvent<HTMLElement>): void {
    const from = start.current
    if (from === undefined) return
    if (!from.is_dragging) {
      const is_far = Math.hypot(event.clientX - from.x, event.clientY - from.y) >= drag_px
      if (is_far && event.pointerType === 'touch') return stop()
      if (!is_far || event.pointerType === 'touch') return
      begin(event.currentTarget, event.pointerId)
      if (!from.is_dragging) return
    }
    scrollAtEdge(options.scroller.current, event)
    const spot = options.spotAt(event)
    if (spot === undefined) return
    const next = gestureOf(from, spot)
    setGesture((now) => (isSame(now, next) ? now : next))
  }

  function onPointerUp(event: PointerEvent<HTMLElement>): void {
    const from = start.current
    if (from === undefined) return
    const spot = options.spotAt(event) ?? from
    const done = from.is_dragging ? gestureOf(from, spot) : undefined
    stop()
    if (done === undefined) options.onClick(from, from.bar, event)
    else options.onDrop(done, event)
  }

  return { gesture, handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: stop } }
}

function isSame(a: Gesture | undefined, b: Gesture): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function scrollAtEdge(box: HTMLDivElement | null, { clientX, clientY }: PointerEvent): void {
  if (box === null) return
  const { left, right, top, bottom } = box.getBoundingClientRect()
  const x = clientX > right - edge_px ? scroll_px : clientX < left + edge_px ? -scroll_px : 0
  const y = clientY > bottom - edge_px ? scroll_px : clientY < top + edge_px ? -scroll_px : 0
  if (x !== 0 || y !== 0) box.scrollBy(x, y)
}

/** While something is dragged with a finger the grid does not scroll. */
function useNoTouchScroll(ref: RefObject<HTMLDivElement | null>, isDragging: () => boolean): void {
  const latest = useRef(isDragging)
  latest.current = isDragging
  useEffect(() => {
    const box = ref.current
    const handle = (event: TouchEvent) => latest.current() && event.cancelable && event.preventDefault()
    box?.addEventListener('touchmove', handle, { passive: false })
    return () => box?.removeEventListener('touchmove', handle)
  }, [ref])
}

function useEscape(act: () => void): void {
  const latest = useRef(act)
  latest.current = act
  useEffect(() => {
    const handle = (event: KeyboardEvent) => event.key === 'Escape' && latest.current()
    document.addEventListener('keydown', handle)
    return () => document.removeEventListener('keydown', handle)
  }, [])
}
