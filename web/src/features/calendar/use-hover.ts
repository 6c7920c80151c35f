// Which bar the pointer rests on. The card appears after a moment and never during a drag.
import { type PointerEvent, useEffect, useRef, useState } from 'react'
import type { Bar } from './bars.ts'
import type { Hovered } from './parts/hover-card.tsx'

const delay_ms = 350

export function useHover(barAt: (row: number, key: string) => Bar | undefined, is_busy: boolean) {
  const [hovered, setHovered] = useState<Hovered>()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const over = useRef<string>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])

  function leave(): void {
    clearTimeout(timer.current)
    over.current = undefined
    setHovered(undefined)
  }

  function onPointerOver(event: PointerEvent): void {
    if (event.pointerType !== 'mouse') return
    const element = (event.target as HTMLElement).closest<HTMLElement>('[data-bar]')
    const row = element?.closest<HTMLElement>('[data-row]')?.dataset.row
    const key = element?.dataset.bar
    if (key === over.current) return
    leave()
    if (element === null || row === undefined || key === undefined) return
    over.current = key
    const { clientX } = event
    timer.current = setTimeout(() => {
      const bar = barAt(Number(row), key)
      if (bar !== undefined) setHovered({ bar, x: clientX, y: element.getBoundingClientRect().bottom })
    }, delay_ms)
  }

  return {
    hovered: is_busy ? undefined : hovered,
    handlers: { onPointerOver, onPointerLeave: leave, onWheel: leave, onPointerDownCapture: leave },
  }
}
