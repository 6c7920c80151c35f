// Whether the service answers: read by the banner, written by every request.
import { useSyncExternalStore } from 'react'

/** `down`: the service answers 503. `offline`: there is no answer at all. */
export type Connection = 'up' | 'down' | 'offline'

let connection: Connection = 'up'
const listeners = new Set<() => void>()

function set(next: Connection): void {
  if (connection === next) return
  connection = next
  for (const listener of listeners) listener()
  if (next !== 'up') probe()
}

export const reportAnswer = (status: number) => set(status === 502 || status === 503 || status === 504 ? 'down' : 'up')
export const reportOutage = () => set('offline')

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useConnection = (): Connection => useSyncExternalStore(subscribe, () => connection)

/** Asks every few seconds until the service is ready again, so that the banner goes away by itself. */
function probe(): void {
  setTimeout(async () => {
    try {
      const response = await fetch('/health/ready', { cache: 'no-store' })
      // A body that is not read keeps the connection.
      await response.text()
      set(response.ok ? 'up' : 'down')
    } catch {
      set('offline')
    }
    if (connection !== 'up') probe()
  }, 2000)
}
