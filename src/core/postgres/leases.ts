// Connections of the pool: who gets one, how many requests wait for one, and for how long.
import type { Pool, PoolClient } from 'pg'
import { PoolExhaustedError } from '../server-errors.ts'
import { createDrainRate } from './drain-rate.ts'

/** A connection for one transaction. Nobody else uses it until it is released. */
export interface Lease {
  readonly client: PoolClient
  /** `is_broken`: the connection is closed instead of being used again. */
  release(is_broken: boolean): void
}

export interface Leases {
  /** Throws PoolExhaustedError after a second, or at once when too many requests wait. */
  acquire(): Promise<Lease>
  /** How many requests wait for a connection. */
  waiting(): number
  /** Milliseconds that a request behind so many others will wait; Infinity when that is not known yet. */
  wait_ms(waiting: number): number
  /** Whether the queue is too long for one more. */
  isTooLong(waiting: number): boolean
}

/** So many may wait however slow the queue is; more, if all of them get a connection within so many milliseconds. */
const longest_queue = { at_least: 200, most_ms: 1000 }

export function createLeases(pool: Pool): Leases {
  const { max } = pool.options
  const rate = createDrainRate()
  let asked = 0
  /** Of those: requests for which there is a connection that only has to be opened or handed over. */
  let connecting = 0

  const waiting = () => asked - connecting
  const isTooLong = (count: number) => count >= longest_queue.at_least && rate.wait_ms(count) > longest_queue.most_ms

  async function connect(): Promise<PoolClient> {
    // Idle connections and room for new ones count only as far as they are not taken by requests that wait already.
    const is_full = pool.waitingCount >= max - pool.totalCount + pool.idleCount
    if (!is_full) connecting += 1
    try {
      return await pool.connect()
    } catch (error) {
      const has_waited = error instanceof Error && error.message.startsWith('timeout exceeded')
      throw has_waited && is_full ? new PoolExhaustedError({ cause: error }) : error
    } finally {
      if (!is_full) connecting -= 1
    }
  }

  return {
    async acquire() {
      if (isTooLong(waiting())) throw new PoolExhaustedError()
      asked += 1
      try {
        const client = await connect()
        return {
          client,
          release(is_broken) {
            client.release(is_broken)
            rate.ended()
          },
        }
      } finally {
        asked -= 1
      }
    },
    waiting,
    wait_ms: rate.wait_ms,
    isTooLong,
  }
}
