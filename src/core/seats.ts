// Who gets a connection of the pool, alone or together with others, and how long the line for one is.
import type { Pool, PoolClient } from 'pg'
import { createCoaches, type Seat } from './coaches.ts'
import { PoolExhaustedError } from './outages.ts'
import { createPace } from './pace.ts'

export interface Seats {
  /** For one transaction. `is_shared`: it does not mind who travels with it. Throws PoolExhaustedError after a second. */
  take(is_shared: boolean): Promise<Seat>
  /** How many wait for one. */
  waiting(): number
  /** Milliseconds that somebody behind so many others will wait; Infinity when nobody knows. */
  wait_ms(waiting: number): number
  /** Whether nobody is to join so many. */
  isTooLong(waiting: number): boolean
}

/** So many may wait for a connection however slow the line is; more, if all of them get one within so many milliseconds. */
const longest_line = { at_least: 200, most_ms: 1000 }

export function createSeats(pool: Pool): Seats {
  const { max } = pool.options
  const pace = createPace()
  // A fifth of the pool: two are enough for one process, and each is one more session that wants a processor.
  const coaches = createCoaches({ connect, most: Math.max(1, Math.floor(max / 5)) })
  let seatless = 0
  /** Of those: for whom there is a connection, which only has to be opened or handed over. */
  let connecting = 0

  const waiting = () => seatless - connecting
  const isTooLong = (count: number) => count >= longest_line.at_least && pace.behind(count) > longest_line.most_ms

  async function connect(): Promise<PoolClient> {
    // Idle connections and room for new ones count only as far as nobody who waits has them already.
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

  async function alone(): Promise<Seat> {
    const client = await connect()
    return { client, leave: (is_broken) => client.release(is_broken) }
  }

  async function take(is_shared: boolean): Promise<Seat> {
    if (isTooLong(waiting())) throw new PoolExhaustedError()
    seatless += 1
    try {
      // The embedded database has one connection, and no packets.
      return await (is_shared && max > 1 ? coaches.board() : alone())
    } finally {
      seatless -= 1
    }
  }

  return {
    async take(is_shared) {
      const { client, leave } = await take(is_shared)
      return {
        client,
        leave(is_broken) {
          leave(is_broken)
          pace.ended()
        },
      }
    },
    waiting,
    wait_ms: pace.behind,
    isTooLong,
  }
}
