// Leases of pool connections: acquires them and limits the queue that waits for them.
import type { Pool, PoolClient } from 'pg'
import { countRefusal } from '../counters.ts'
import { PoolExhaustedError } from '../server-errors.ts'
import { createDrainRate } from './drain-rate.ts'

/** A connection for the exclusive use of one transaction until it is released. */
export interface Lease {
  readonly client: PoolClient
  /** Returns the connection to the pool, or closes it when `is_broken`. */
  release(is_broken: boolean): void
}

export interface Leases {
  /** Throws PoolExhaustedError after a second, or immediately when the queue is too long. */
  acquire(): Promise<Lease>
  /** How many requests wait for a connection. */
  waiting(): number
  /** The expected wait in milliseconds of a request behind `waiting` others; Infinity while it is not known. */
  wait_ms(waiting: number): number
  /** Whether a queue of this length accepts no more requests. */
  isQueueTooLong(waiting: number): boolean
}

/** 200 requests may always wait; more only if the expected wait is at most one second. */
const queue_limit = { min_length: 200, max_wait_ms: 1000 }

function refuse(cause?: unknown): PoolExhaustedError {
  countRefusal('pool')
  return new PoolExhaustedError({ cause })
}

export function createLeases(pool: Pool): Leases {
  const { max } = pool.options
  const rate = createDrainRate()
  let pending = 0
  /** The pending requests that do not wait: a connection for them is idle or is being opened. */
  let connecting = 0

  const waiting = () => pending - connecting
  const isQueueTooLong = (count: number) =>
    count >= queue_limit.min_length && rate.wait_ms(count) > queue_limit.max_wait_ms

  async function connect(): Promise<PoolClient> {
    // Free capacity counts only as far as the requests that already wait do not need it.
    const must_wait = pool.waitingCount >= max - pool.totalCount + pool.idleCount
    if (!must_wait) connecting += 1
    try {
      return await pool.connect()
    } catch (error) {
      const has_timed_out = error instanceof Error && error.message.startsWith('timeout exceeded')
      throw has_timed_out && must_wait ? refuse(error) : error
    } finally {
      if (!must_wait) connecting -= 1
    }
  }

  return {
    async acquire() {
      if (isQueueTooLong(waiting())) throw refuse()
      pending += 1
      try {
        const client = await connect()
        return {
          client,
          release(is_broken) {
            client.release(is_broken)
            rate.recordEnd()
          },
        }
      } finally {
        pending -= 1
      }
    },
    waiting,
    wait_ms: rate.wait_ms,
    isQueueTooLong,
  }
}
