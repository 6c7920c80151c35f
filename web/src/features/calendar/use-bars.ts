// The homes and bars of the screen, from the chunks that were read and the moves of this screen.
import { useEffect, useMemo, useRef, useState } from 'react'
import { type Day, todayIn } from '../../locales/days.ts'
import { useQuarterHour } from '../../locales/use-quarter-hour.ts'
import { type Bar, type Home, hasExpired, nextExpiry, barsOf as readBars, homeAt as readHome, toneOf } from './bars.ts'
import type { Chunk } from './chunk.ts'
import { forgetMove, isSettled, useMoves, withMoves } from './moves.ts'
import { type GridRow, rowsOf } from './rows.ts'
import type { Search } from './search.ts'

interface Options {
  readonly chunks: ReadonlyMap<number, Chunk>
  readonly search: Search
  readonly closed: ReadonlySet<string>
}

export interface BarsOnScreen {
  readonly homes: readonly Home[]
  readonly rows: readonly GridRow[]
  readonly barsOf: (home: Home) => readonly Bar[]
  /** The home of a row; undefined for a group. */
  readonly homeAt: (row: number) => Home | undefined
  /** The local day of a home. */
  readonly todayOf: (home: Home) => Day
  readonly has_holds: boolean
  readonly is_filtered: boolean
}

export function useBarsOnScreen({ chunks, search, closed }: Options): BarsOnScreen {
  const moves = useMoves()
  const parts = useSame([...chunks.values()])
  const now = useExpiry(parts)
  const read = useMemo(() => {
    const cache = new Map<string, readonly Bar[]>()
    return (home: Home): readonly Bar[] => {
      const known = cache.get(home.id)
      if (known !== undefined) return known
      const bars = readBars(parts, home.id).filter((bar) => !hasExpired(bar, now))
      cache.set(home.id, bars)
      return bars
    }
  }, [parts, now])
  useSettledMoves(parts, moves)
  const todayOf = useTodayOf()
  const homes = useMemo(() => {
    const [first] = parts
    const all = first === undefined ? [] : first.homes.id.map((_, n) => readHome(first, n))
    if (!search.attention) return all
    return all.filter((home) => read(home).some((bar) => toneOf(bar, todayOf(home)) === 'attention'))
  }, [parts, read, search.attention, todayOf])
  const rows = useMemo(() => rowsOf(homes, search.grouped === true, closed), [homes, search.grouped, closed])
  const readMoved = useMemo(() => {
    const cache = new Map<string, readonly Bar[]>()
    return (home: Home): readonly Bar[] => {
      const known = cache.get(home.id) ?? withMoves(read(home), home.id, moves)
      cache.set(home.id, known)
      return known
    }
  }, [moves, read])
  return {
    homes,
    rows,
    barsOf: moves.size === 0 ? read : readMoved,
    homeAt: (row) => {
      const at = rows[row]
      return at?.kind === 'home' ? at.home : undefined
    },
    todayOf,
    has_holds: parts.some(({ occupants }) => occupants.kind.includes('hold')),
    is_filtered: [search.q, search.city, search.guests, search.free_from, search.attention].some(Boolean),
  }
}

/** The local day of a home. */
function useTodayOf(): (home: Home) => Day {
  const now = useQuarterHour()
  return useMemo(() => {
    const todays = new Map<string, Day>()
    return ({ time_zone }) => {
      const known = todays.get(time_zone) ?? todayIn(time_zone, now)
      todays.set(time_zone, known)
      return known
    }
  }, [now])
}

/** A time after the last hold that has expired. The API has no change for an expiry until it deletes the hold. */
function useExpiry(parts: readonly Chunk[]): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const next = nextExpiry(parts, now)
    if (next === undefined) return
    const timer = setTimeout(() => setNow(Date.now()), next - Date.now())
    return () => clearTimeout(timer)
  }, [parts, now])
  return now
}

/** A move is no longer needed when the calendar shows the bar at its new place. */
function useSettledMoves(parts: readonly Chunk[], moves: ReturnType<typeof useMoves>): void {
  useEffect(() => {
    for (const [key, move] of moves) {
      const homes = new Set([move.bar.home_id, move.place.home_id])
      if ([...homes].some((home_id) => isSettled(move, readBars(parts, home_id)))) forgetMove(key)
    }
  }, [parts, moves])
}

/** The same array as long as its members are the same. */
function useSame<T>(next: readonly T[]): readonly T[] {
  const last = useRef(next)
  const is_same = last.current.length === next.length && next.every((item, n) => item === last.current[n])
  if (!is_same) last.current = next
  return last.current
}
