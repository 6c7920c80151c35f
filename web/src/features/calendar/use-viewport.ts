// Which days are on the screen. React learns of a scroll only when another week appears.
import { type RefObject, useCallback, useEffect, useLayoutEffect, useState } from 'react'
import type { Day } from '../../locales/days.ts'
import { type Geometry, type Span, visibleDays, xOf } from './geometry.ts'

export interface Viewport extends Span {
  readonly scrollTo: (day: Day, is_smooth?: boolean) => void
}

interface Options {
  readonly geometry: Geometry
  /** The day at the left edge at first. */
  readonly start: Day
  /** Called when scrolling has ended, with the day at the left edge. */
  readonly onRest: (day: Day) => void
}

const rest_ms = 400

export function useViewport(ref: RefObject<HTMLDivElement | null>, { geometry, start, onRest }: Options): Viewport {
  const [span, setSpan] = useState<Span>(() => visibleDays(geometry, xOf(geometry, start), 1400))
  const measure = useCallback(() => {
    const box = ref.current
    if (box === null) return
    const next = visibleDays(geometry, box.scrollLeft, box.clientWidth)
    setSpan((now) => (now.from === next.from && now.to === next.to ? now : next))
  }, [ref, geometry])

  // The same day stays at the left edge when the zoom changes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another zoom moves the screen, not the address that follows it.
  useLayoutEffect(() => {
    ref.current?.scrollTo({ left: xOf(geometry, start) })
    measure()
  }, [geometry])

  useEffect(() => {
    const box = ref.current
    if (box === null) return
    let timer: ReturnType<typeof setTimeout>
    function handle(): void {
      measure()
      clearTimeout(timer)
      timer = setTimeout(() => {
        if (box !== null) onRest(geometry.first_day + Math.round(box.scrollLeft / geometry.day_width))
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
  }, [ref, geometry, measure, onRest])

  const scrollTo = useCallback(
    (day: Day, is_smooth = false) => {
      const is_still = matchMedia('(prefers-reduced-motion: reduce)').matches
      ref.current?.scrollTo({ left: xOf(geometry, day), behavior: is_smooth && !is_still ? 'smooth' : 'instant' })
    },
    [ref, geometry],
  )
  return { ...span, scrollTo }
}
