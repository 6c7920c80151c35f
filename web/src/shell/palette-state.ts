// Whether the command palette is open. A store, so that any screen can open it.
import { useEffect, useSyncExternalStore } from 'react'

let is_open = false
const listeners = new Set<() => void>()

function set(next: boolean): void {
  is_open = next
  for (const listener of listeners) listener()
}

export const openPalette = (): void => set(true)
export const closePalette = (): void => set(false)

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const usePaletteOpen = (): boolean => useSyncExternalStore(subscribe, () => is_open)

/** Ctrl K or Cmd K opens it, also while somebody types. */
export function usePaletteKey(): void {
  useEffect(() => {
    function handle(event: KeyboardEvent): void {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      set(!is_open)
    }
    document.addEventListener('keydown', handle)
    return () => document.removeEventListener('keydown', handle)
  }, [])
}
