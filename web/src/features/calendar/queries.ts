// Reads the calendar in chunks of eight weeks, and what has changed since.
import { type QueryClient, queryOptions, useQueries, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { api, bodyOf } from '../../api/client.ts'
import { type LiveMessage, subscribeToChanges } from '../../api/live.ts'
import { useAgency } from '../../api/me.ts'
import { dateOf } from '../../locales/days.ts'
import { type Chunk, chunk_days, mergeAnswer, newerOf, readAnswer } from './chunk.ts'
import type { Search } from './search.ts'

/** The filters that the API has. */
export type Filters = Pick<Search, 'q' | 'city' | 'guests' | 'free_from' | 'free_to'>

export function filtersOf({ q, city, guests, free_from, free_to }: Search): Filters {
  return {
    ...(q !== undefined && { q }),
    ...(city !== undefined && { city }),
    ...(guests !== undefined && { guests }),
    ...(free_from !== undefined && free_to !== undefined && { free_from, free_to }),
  }
}

interface ChunkKey {
  readonly agency_id: string
  readonly filters: Filters
  readonly number: number
}

const rangeOf = (number: number) => ({ from: dateOf(number * chunk_days), to: dateOf((number + 1) * chunk_days) })

function chunkQuery({ agency_id, filters, number }: ChunkKey) {
  return queryOptions({
    queryKey: ['calendar', agency_id, filters, number] as const,
    queryFn: async ({ client, queryKey, signal }) => {
      const query = { ...rangeOf(number), ...filters }
      const read = readAnswer(await bodyOf(api.GET('/api/v1/calendar', { params: { query }, signal })))
      // Changes that were read meanwhile can be newer.
      return newerOf(client.getQueryData<Chunk>(queryKey), read)
    },
    // The changes keep it current.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 5 * 60_000,
    structuralSharing: false,
  })
}

export interface Chunks {
  /** Those that were read, by number. */
  readonly chunks: ReadonlyMap<number, Chunk>
  readonly is_loading: boolean
  /** Undefined unless a chunk could not be read. */
  readonly error: unknown
  readonly retry: () => void
}

/** The chunks with these numbers, kept current by the changes of the agency. */
export function useChunks(numbers: readonly number[], filters: Filters): Chunks {
  const { agency_id } = useAgency()
  const results = useQueries({ queries: numbers.map((number) => chunkQuery({ agency_id, filters, number })) })
  const chunks = new Map(
    results.flatMap(({ data }, n) => (data === undefined ? [] : [[numbers[n] ?? 0, data] as const])),
  )
  useLiveChunks(agency_id, Math.min(...[...chunks.values()].map(({ position }) => position)))
  const failed = results.find(({ error, data }) => error !== null && data === undefined)
  return {
    chunks,
    is_loading: results.some(({ isPending }) => isPending),
    error: failed?.error,
    retry: () => {
      for (const { data, refetch } of results) if (data === undefined) void refetch()
    },
  }
}

/** Several changes of one moment are read together. */
const debounce_ms = 150

/** `oldest` is the lowest position of the chunks on the screen. */
function useLiveChunks(agency_id: string, oldest: number): void {
  const client = useQueryClient()
  const latest = useRef(0)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = subscribeToChanges((message) => {
      if (message === 'missed') void client.invalidateQueries({ queryKey: ['calendar', agency_id] })
      latest.current = Math.max(latest.current, positionOf(message))
      clearTimeout(timer)
      timer = setTimeout(() => void readChanges(client, agency_id, latest.current), debounce_ms)
    })
    // Changes are not followed while the page is closed.
    void readChanges(client, agency_id, Number.POSITIVE_INFINITY)
    return () => {
      clearTimeout(timer)
      stop()
      latest.current = 0
    }
  }, [client, agency_id])
  useEffect(() => {
    // The first read of a chunk can be older than a change that arrived meanwhile.
    if (oldest < latest.current) void readChanges(client, agency_id, latest.current)
  }, [client, agency_id, oldest])
}

const positionOf = (message: LiveMessage): number =>
  message === 'missed' ? 0 : Math.max(...message.map(({ id }) => id))

/** Reads what has changed in the chunks that are older than the change with this number. */
async function readChanges(client: QueryClient, agency_id: string, latest: number): Promise<void> {
  const held = client.getQueriesData<Chunk>({ queryKey: ['calendar', agency_id] })
  await Promise.allSettled(
    held.map(async ([key, chunk]) => {
      if (chunk === undefined || chunk.position >= latest) return
      const [, , filters, number] = key as ReturnType<typeof chunkQuery>['queryKey']
      const since = chunk.position
      const query = { ...rangeOf(number), ...filters, since }
      const answer = await bodyOf(api.GET('/api/v1/calendar', { params: { query } }))
      client.setQueryData<Chunk>(key, (now) => now && mergeAnswer(now, since, answer))
    }),
  )
}
