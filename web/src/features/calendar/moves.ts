// Changes of bars that the server has accepted or is asked about: shown at once, until the calendar says the same.
import { useSyncExternalStore } from 'react'
import type { Day } from '../../locales/days.ts'
import type { Bar } from './bars.ts'

export interface Place {
  readonly home_id: string
  readonly first_day: Day
  readonly nights: number
}

let moves: ReadonlyMap<string, { readonly bar: Bar; readonly place: Place }> = new Map()
const listeners = new Set<() => void>()

function set(next: typeof moves): void {
  moves = next
  for (const listener of listeners) listener()
}

export function showMove(bar: Bar, place: Place): void {
  set(new Map(moves).set(bar.key, { bar, place }))
}

export function forgetMove(key: string): void {
  if (!moves.has(key)) return
  const next = new Map(moves)
  next.delete(key)
  set(next)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useMoves = () => useSyncExternalStore(subscribe, () => moves)

export const isAt = (bar: Bar, { home_id, first_day, nights }: Place): boolean =>
  bar.home_id === home_id && bar.first_day === first_day && bar.nights === nights

/** The bars of a home with the moves of this screen. */
export function withMoves(bars: readonly Bar[], home_id: string, all: ReturnType<typeof useMoves>): readonly Bar[] {
  if (all.size === 0) return bars
  const staying = bars.filter(({ key }) => !all.has(key))
  const arriving = [...all.values()].filter(({ place }) => place.home_id === home_id)
  return [...staying, ...arriving.map(({ bar, place }) => ({ ...bar, ...place }))]
}
