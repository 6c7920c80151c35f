// Limits the pool connections of one agency (bulkhead), and orders its waiting requests.
import type { Actor } from '../auth/actors.ts'
import { createLimiter, type Entry } from '../limiter.ts'

export interface TenantLimiter {
  /**
   * Runs `work` when the agency uses less than four fifths of the pool. While other agencies are active, its reads use at most
   * a fifth: reads need the processor, and more of them at once would only delay others. Requests of an actor with many active
   * requests wait behind those of actors with few. Rejects with `refuse` after a second, or immediately when the queue is full.
   */
  run<T>(actor: ActorKey, entry: TenantEntry, work: () => Promise<T>): Promise<T>
  /** How many requests of all agencies wait. */
  waiting(): number
}

type TenantEntry = Pick<Entry, 'signal' | 'deadline'> & { readonly is_read: boolean }
export type ActorKey = Pick<Actor, 'agency_id' | 'id'>

export interface TenantLimiterOptions {
  readonly pool_size: number
  /** Whether a queue of 200 or more requests accepts no more. */
  readonly isQueueTooLong: (waiting: number) => boolean
  readonly refuse: () => Error
}

/** A page of the web console sends at most 6 requests at once. More come from a program, or from unread responses. */
const high_priority_requests = 6

export function createTenantLimiter({ pool_size, isQueueTooLong, refuse }: TenantLimiterOptions): TenantLimiter {
  const concurrency = Math.floor(pool_size * 0.8)
  // A whole number: sums of fractions would not return to 0.
  const read_weight = Math.floor(concurrency / Math.max(1, Math.floor(pool_size / 5)))
  const agencies = createLimiter({
    // In a pool of fewer than 5 connections a fifth is less than one connection, so there is no limit.
    concurrency: pool_size < 5 ? Number.POSITIVE_INFINITY : concurrency,
    maxWaiting: 200,
    mayExceed: (waiting) => !isQueueTooLong(waiting),
    maxWait_ms: 1000,
    refuse,
  })
  const active = new Map<string, number>()
  const hasOthers = createActivity()

  return {
    async run({ agency_id, id }, { is_read, ...entry }, work) {
      const weight = hasOthers(agency_id) && is_read ? read_weight : 1
      const key = `${agency_id} ${id}`
      const count = active.get(key) ?? 0
      active.set(key, count + 1)
      try {
        return await agencies.run(
          agency_id,
          { ...entry, weight, priority: count < high_priority_requests ? 0 : 1 },
          work,
        )
      } finally {
        const left = (active.get(key) ?? 1) - 1
        if (left === 0) active.delete(key)
        else active.set(key, left)
      }
    },
    waiting: agencies.waiting,
  }
}

const activity_ms = 1000

/** Records a request of an agency; returns whether another agency has sent one in this second or in the one before. */
function createActivity(): (agency_id: string) => boolean {
  let earlier = new Set<string>()
  let recent = new Set<string>()
  let began = performance.now()
  return (agency_id) => {
    const elapsed = performance.now() - began
    if (elapsed >= activity_ms) {
      earlier = elapsed < 2 * activity_ms ? recent : new Set()
      recent = new Set()
      began = performance.now()
    }
    recent.add(agency_id)
    return recent.size > 1 || earlier.size > (earlier.has(agency_id) ? 1 : 0)
  }
}
