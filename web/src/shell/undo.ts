// The last change and how to take it back: one at a time, for ten seconds.
import { useSyncExternalStore } from 'react'

export interface Undo {
  /** What was done, as a sentence: "Moved to 21–23 June". */
  readonly text: string
  /** Takes it back. Throws what the API answers when somebody has changed the record since. Absent: nothing to take back. */
  readonly undo?: () => Promise<unknown>
}

const life_ms = 10_000
let current: Undo | undefined
let timer: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()

function set(next: Undo | undefined): void {
  clearTimeout(timer)
  current = next
  if (next !== undefined) timer = setTimeout(() => set(undefined), life_ms)
  for (const listener of listeners) listener()
}

/** Shows what was done, with a button that takes it back. */
export const offerUndo = (undo: Undo): void => set(undo)
export const dismissUndo = (): void => set(undefined)

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useUndo = (): Undo | undefined => useSyncExternalStore(subscribe, () => current)

/** Keeps the bar while the pointer or the focus is on it (WCAG 2.2.1). */
export function holdUndo(is_held: boolean): void {
  clearTimeout(timer)
  if (!is_held && current !== undefined) timer = setTimeout(() => set(undefined), life_ms)
}
