// Pointer events of the grid: a click, a drag over free nights, a drag of a bar or of its end. On touch after a long press.
import { type PointerEvent, type TouchEvent, useEffect, useRef, useState } from 'react'
import type { Bar } from './bars.ts'
import { type DragStart, type Gesture, type Grip, gestureOf, isSame, type Spot } from './gestures.ts'

/** A drag begins after so many pixels with a mouse, or so long a press on touch. */
const drag_px = 8
const press_ms = 350
/** Near the edge of the grid it scrolls by so many pixels per event. */
const edge_px = 36
const scroll_px = 18

interface Options {
  /** The grid. */
  readonly box: HTMLDivElement | null
  readonly spotAt: (event: PointerEvent) => Spot | undefined
  readonly homeAt: (row: number) => string | undefined
  readonly barAt: (row: number, key: string) => Bar | undefined
  readonly canMove: (bar: Bar) => boolean
  readonly canSelect: boolean
  readonly onClick: (spot: Spot, bar: Bar | undefined, event: PointerEvent) => void
  readonly onDrop: (gesture: Gesture, event: PointerEvent) => void
}

interface Start extends DragStart {
  readonly x: number
  readonly y: number
  is_dragging: boolean
  timer: ReturnType<typeof setTimeout> | undefined
}

const isTouch = ({ pointerType }: PointerEvent) => pointerType === 'touch'

/** Undefined for another button, and outside of the rows. */
function startOf(event: PointerEvent, { spotAt, barAt }: Options): Start | undefined {
  const spot = event.button === 0 && event.isPrimary ? spotAt(event) : undefined
  if (spot === undefined) return undefined
  const target = event.target as HTMLElement
  const key = target.closest<HTMLElement>('[data-bar]')?.dataset.bar
  const bar = key === undefined ? undefined : barAt(spot.row, key)
  const grip = (target.dataset.edge ?? 'whole') as Grip
  return { ...spot, bar, grip, x: event.clientX, y: event.clientY, is_dragging: false, timer: undefined }
}

export function useGestures(options: Options) {
  const { box, spotAt, homeAt, canMove, canSelect, onClick, onDrop } = options
  const [gesture, setGesture] = useState<Gesture>()
  const start = useRef<Start>(undefined)
  const is_tapped = useRef(false)
  useNoTouchScroll(box, () => start.current?.is_dragging === true)
  useEscape(() => stop())

  function stop(): void {
    clearTimeout(start.current?.timer)
    start.current = undefined
    setGesture(undefined)
  }

  function begin(element: HTMLElement, pointer: number): void {
    const from = start.current
    if (from === undefined || !(from.bar === undefined ? canSelect : canMove(from.bar))) return
    from.is_dragging = true
    element.setPointerCapture(pointer)
    setGesture(gestureOf(from, from, homeAt(from.row)))
  }

  function onPointerDown(event: PointerEvent<HTMLElement>): void {
    start.current = startOf(event, options)
    const { currentTarget, pointerId } = event
    if (start.current !== undefined && isTouch(event))
      start.current.timer = setTimeout(() => begin(currentTarget, pointerId), press_ms)
  }

  function onPointerMove(event: PointerEvent<HTMLElement>): void {
    const from = start.current
    if (from === undefined) return
    const is_far = Math.hypot(event.clientX - from.x, event.clientY - from.y) >= drag_px
    if (!from.is_dragging && is_far) {
      // A finger that moves before the long press is over scrolls.
      if (isTouch(event)) stop()
      else begin(event.currentTarget, event.pointerId)
    }
    if (from.is_dragging) drag(from, event)
  }

  function drag(from: Start, event: PointerEvent): void {
    scrollAtEdge(box, event)
    const spot = spotAt(event)
    if (spot === undefined) return
    const next = gestureOf(from, spot, homeAt(spot.row))
    setGesture((now) => (isSame(now, next) ? now : next))
  }

  function onPointerUp(event: PointerEvent<HTMLElement>): void {
    const from = start.current
    is_tapped.current = from !== undefined && isTouch(event)
    if (from === undefined) return
    const spot = spotAt(event) ?? from
    stop()
    if (from.is_dragging) onDrop(gestureOf(from, spot, homeAt(spot.row)), event)
    else onClick(from, from.bar, event)
  }

  /** Without this, the mouse events that follow a tap would close the menu that the tap has opened. */
  function onTouchEnd(event: TouchEvent<HTMLElement>): void {
    if (is_tapped.current && event.cancelable) event.preventDefault()
    is_tapped.current = false
  }

  return { gesture, handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: stop, onTouchEnd } }
}

function scrollAtEdge(box: HTMLDivElement | null, { clientX, clientY }: PointerEvent): void {
  if (box === null) return
  const { left, right, top, bottom } = box.getBoundingClientRect()
  const x = clientX > right - edge_px ? scroll_px : clientX < left + edge_px ? -scroll_px : 0
  const y = clientY > bottom - edge_px ? scroll_px : clientY < top + edge_px ? -scroll_px : 0
  if (x !== 0 || y !== 0) box.scrollBy(x, y)
}

/** While something is dragged with a finger the grid does not scroll. */
function useNoTouchScroll(box: HTMLDivElement | null, isDragging: () => boolean): void {
  const latest = useRef(isDragging)
  latest.current = isDragging
  useEffect(() => {
    const handle = (event: globalThis.TouchEvent) => latest.current() && event.cancelable && event.preventDefault()
    box?.addEventListener('touchmove', handle, { passive: false })
    return () => box?.removeEventListener('touchmove', handle)
  }, [box])
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
