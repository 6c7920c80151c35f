// Reads the calendar in chunks of eight weeks, and what has changed since.
import { queryOptions, useQueries, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { api, bodyOf } from '../../api/client.ts'
import { subscribeToChanges } from '../../api/live.ts'
import { useAgency } from '../../api/me.ts'
import { dateOf } from '../../locales/days.ts'
import { applyChanges, type Chunk, chunk_days, readAnswer } from './chunk.ts'
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
    queryFn: async ({ signal }) => {
      const query = { ...rangeOf(number), ...filters }
      return readAnswer(await bodyOf(api.GET('/api/v1/calendar', { params: { query }, signal })))
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
  readonly error: unknown
  readonly retry: () => void
}

/** The chunks with these numbers, kept current by the changes of the agency. */
export function useChunks(numbers: readonly number[], filters: Filters): Chunks {
  const { agency_id } = useAgency()
  const results = useQueries({ queries: numbers.map((number) => chunkQuery({ agency_id, filters, number })) })
  useLiveChunks(agency_id)
  const failed = results.find(({ error }) => error !== null)
  return {
    chunks: new Map(results.flatMap(({ data }, n) => (data === undefined ? [] : [[numbers[n] ?? 0, data] as const]))),
    is_loading: results.some(({ isPending }) => isPending),
    error: failed?.error,
    retry: () => results.forEach((result) => void result.refetch()),
  }
}

/** Several changes of one moment are read together. */
const debounce_ms = 150

function useLiveChunks(agency_id: string): void {
  const client = useQueryClient()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = subscribeToChanges((message) => {
      if (message === 'missed') void client.invalidateQueries({ queryKey: ['calendar', agency_id] })
      clearTimeout(timer)
      timer = setTimeout(() => void readChanges(), debounce_ms)
    })
    async function readChanges(): Promise<void> {
      const held = client.getQueriesData<Chunk>({ queryKey: ['calendar', agency_id] })
      await Promise.allSettled(
        held.map(async ([key, chunk]) => {
          if (chunk === undefined) return
          const [, , filters, number] = key as ReturnType<typeof chunkQuery>['queryKey']
          const query = { ...rangeOf(number), ...filters, since: chunk.position }
          const answer = await bodyOf(api.GET('/api/v1/calendar', { params: { query } }))
          client.setQueryData<Chunk>(key, (now) => now && applyChanges(now, answer))
        }),
      )
    }
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [client, agency_id])
}
