// The share of one agency: how many of the pool's connections its requests use at once, and in which order the others wait.
import type { Actor } from '../auth/permissions.ts'
import { createLimiter, type Entry } from '../limiter.ts'

export interface TenantLimiter {
  /**
   * Runs `work` when the agency has a connection left: no agency uses more than four fifths of the pool. A person with many
   * requests under way waits behind colleagues with few. Rejects with `refuse` after a second, or at once when the queue is full.
   */
  run<T>(person: Person, entry: Pick<Entry, 'signal' | 'deadline'>, work: () => Promise<T>): Promise<T>
  /** How many requests wait, of all agencies. */
  waiting(): number
}

export type Person = Pick<Actor, 'agency_id' | 'user_id'>

export interface TenantLimiterOptions {
  readonly pool_size: number
  /** Whether the queue is too long for one more; asked when 200 wait. */
  readonly isTooLong: (waiting: number) => boolean
  readonly refuse: () => Error
}

/** As many as a page of the console asks at once. Whoever has more under way uses a program, or does not read the answers. */
const few = 6

export function createTenantLimiter({ pool_size, isTooLong, refuse }: TenantLimiterOptions): TenantLimiter {
  const agencies = createLimiter({
    // A fifth of a small pool is no connection.
    concurrency: pool_size < 5 ? Number.POSITIVE_INFINITY : Math.floor(pool_size * 0.8),
    maxWaiting: 200,
    mayExceed: (waiting) => !isTooLong(waiting),
    maxWait_ms: 1000,
    refuse,
  })
  const under_way = new Map<string, number>()

  return {
    async run({ agency_id, user_id }, entry, work) {
      const person = `${agency_id} ${user_id}`
      const count = under_way.get(person) ?? 0
      under_way.set(person, count + 1)
      try {
        return await agencies.run(agency_id, { ...entry, priority: count < few ? 0 : 1 }, work)
      } finally {
        const left = (under_way.get(person) ?? 1) - 1
        if (left === 0) under_way.delete(person)
        else under_way.set(person, left)
      }
    },
    waiting: agencies.waiting,
  }
}
