// The cache of what was read from the API, and what a change makes stale.
import { QueryClient } from '@tanstack/react-query'
import { ApiError, OfflineError } from './errors.ts'
import { type LiveMessage, subscribeToChanges } from './live.ts'

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (failures, error) => failures < 2 && isTemporary(error),
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
})

const isTemporary = (error: unknown) =>
  error instanceof OfflineError || (error instanceof ApiError && (error.status === 503 || error.status === 429))

/**
 * The first part of every query key names what it is about. An event of the type `booking.created` makes all queries stale that can show
 * bookings.
 * The calendar reads its changes itself (features/calendar).
 */
const shown_in: Readonly<Record<string, readonly string[]>> = {
  booking: ['bookings', 'today', 'reports', 'guests', 'search', 'find', 'availability'],
  property: ['properties', 'bookings', 'today', 'reports', 'search', 'find', 'availability'],
  photo: ['photos'],
  guest: ['guests', 'bookings', 'today', 'find'],
  block: ['blocks', 'search', 'reports', 'availability'],
  hold: ['holds', 'today', 'search', 'availability'],
  conflict: ['conflicts', 'today'],
  member: ['team', 'me'],
  invitation: ['team'],
  agency: ['agency', 'me', 'today', 'reports'],
  feature: ['features'],
}

/** Returns the function that ends this. */
export function refreshOnChanges(): () => void {
  return subscribeToChanges((message) => {
    for (const topic of topicsOf(message)) void queryClient.invalidateQueries({ queryKey: [topic] })
  })
}

function topicsOf(message: LiveMessage): Set<string> {
  if (message === 'missed') return new Set(Object.values(shown_in).flat())
  return new Set(message.flatMap(({ type }) => shown_in[type.slice(0, type.indexOf('.'))] ?? []))
}
