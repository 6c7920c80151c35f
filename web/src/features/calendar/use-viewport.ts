// Which days are on the screen. React learns of a scroll only when another week appears.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Day } from '../../locales/days.ts'
import { dayAtEdge, type Geometry, pageDays, type Span, visibleDays, xOf } from './geometry.ts'

export interface Viewport extends Span {
  /** The element that scrolls; null while the grid is not shown. */
  readonly box: HTMLDivElement | null
  /** The ref of that element. */
  readonly attach: (box: HTMLDivElement | null) => void
  readonly scrollTo: (day: Day) => void
  /** Scrolls by what is on the screen, in whole weeks: 1 to later days, -1 to earlier ones. */
  readonly scrollPage: (direction: 1 | -1) => void
}

interface Options {
  readonly geometry: Geometry
  /** The day at the left edge at first. */
  readonly start: Day
  /** Called when scrolling has ended, with the day at the left edge. */
  readonly onRest: (day: Day) => void
}

const rest_ms = 400

export function useViewport({ geometry, start, onRest }: Options): Viewport {
  const [box, attach] = useState<HTMLDivElement | null>(null)
  const [span, setSpan] = useState<Span>(() => visibleDays(geometry, xOf(geometry, start), 1400))
  /** Where a smooth scroll ends. */
  const target = useRef<Day>(undefined)
  const measure = useCallback(() => {
    if (box === null) return
    const next = visibleDays(geometry, box.scrollLeft, box.clientWidth)
    setSpan((now) => (now.from === next.from && now.to === next.to ? now : next))
  }, [box, geometry])

  // The same day is at the left edge after the zoom has changed, and after the grid was replaced by a message.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address that follows the screen does not move it.
  useLayoutEffect(() => {
    box?.scrollTo({ left: xOf(geometry, start) })
    measure()
  }, [box, geometry])

  useEffect(() => {
    if (box === null) return
    let timer: ReturnType<typeof setTimeout>
    function handle(): void {
      measure()
      clearTimeout(timer)
      timer = setTimeout(() => {
        target.current = undefined
        if (box !== null) onRest(dayAtEdge(geometry, box.scrollLeft))
      }, rest_ms)
    }
    const observer = new ResizeObserver(measure)
    observer.observe(box)
    box.addEventListener('scroll', handle, { passive: true })
    return () => {
      clearTimeout(timer)
      observer.disconnect()
      box.removeEventListener('scroll', handle)
    }
  }, [box, geometry, measure, onRest])

  function scrollTo(day: Day): void {
    const is_still = matchMedia('(prefers-reduced-motion: reduce)').matches
    target.current = day
    box?.scrollTo({ left: xOf(geometry, day), behavior: is_still ? 'instant' : 'smooth' })
  }

  function scrollPage(direction: 1 | -1): void {
    if (box === null) return
    const from = target.current ?? dayAtEdge(geometry, box.scrollLeft)
    scrollTo(from + direction * pageDays(geometry, box.clientWidth))
  }
  return { ...span, box, attach, scrollTo, scrollPage }
}
