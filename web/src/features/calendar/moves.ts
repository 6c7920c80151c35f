// Changes of bars that the server has accepted or is asked about: shown at once, until the calendar says the same.
import { useSyncExternalStore } from 'react'
import type { Day } from '../../locales/days.ts'
import type { Bar } from './bars.ts'

export interface Place {
  readonly home_id: string
  readonly first_day: Day
  readonly nights: number
}

export interface ShownMove {
  readonly bar: Bar
  readonly place: Place
  /** The version after the move; undefined until the server has answered. */
  readonly saved_version: number | undefined
}

let moves: ReadonlyMap<string, ShownMove> = new Map()
const listeners = new Set<() => void>()

function set(next: typeof moves): void {
  moves = next
  for (const listener of listeners) listener()
}

export function showMove(bar: Bar, place: Place, saved_version?: number): void {
  set(new Map(moves).set(bar.key, { bar, place, saved_version }))
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

/** Bookings can move to another home. The API has no change of the home of a block. */
export const canChangeHome = ({ kind }: Bar): boolean => kind === 'booking'

export const isAt = (bar: Place, { home_id, first_day, nights }: Place): boolean =>
  bar.home_id === home_id && bar.first_day === first_day && bar.nights === nights

/** Whether the calendar has caught up with a move: it has the bar at its new place, or in the version that was saved or a later one. */
export function isSettled({ bar, place, saved_version }: ShownMove, read: readonly Bar[]): boolean {
  const now = read.find(({ key }) => key === bar.key)
  if (now === undefined) return false
  return isAt(now, place) || (saved_version !== undefined && (now.version ?? 0) >= saved_version)
}

/** The bars of a home with the moves of this screen. */
export function withMoves(bars: readonly Bar[], home_id: string, all: ReturnType<typeof useMoves>): readonly Bar[] {
  if (all.size === 0) return bars
  const staying = bars.filter(({ key }) => !all.has(key))
  const arriving = [...all.values()].filter(({ place }) => place.home_id === home_id)
  return [
    ...staying,
    ...arriving.map(({ bar, place, saved_version = bar.version }) => moved(bar, place, saved_version)),
  ]
}

function moved(bar: Bar, { home_id, first_day, nights }: Place, version: number | undefined): Bar {
  return { ...bar, home_id, first_day, nights, version }
}
