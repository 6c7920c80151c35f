// Scans run one at a time per agency, and in few connections of all: what they cost stays with their agency.
import { createLimiter } from '../limiter.ts'
import { PoolExhaustedError } from '../server-errors.ts'

export interface ScanSlots {
  /**
   * Runs `work` when no other scan of the agency runs and a slot is free. Agencies take turns. Throws PoolExhaustedError without
   * having started it when too many scans of the agency wait or the wait was too long, and the reason of `signal` when that is aborted.
   */
  run<T>(agency_id: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>
}

export interface ScanSlotsOptions {
  /** How many scans of all agencies run at once. */
  readonly total: number
  /** How many of one agency may wait (50). */
  readonly max_waiting?: number
  /** How long each of them waits (1000). */
  readonly max_wait_ms?: number
}

const refuse = () => new PoolExhaustedError({ message: 'Too many searches of your agency run at once.' })

/** At most one scan of each agency waits for a slot, so first in, first out means that agencies take turns. */
export function createScanSlots({ total, max_waiting = 50, max_wait_ms = 1000 }: ScanSlotsOptions): ScanSlots {
  const perAgency = createLimiter({ concurrency: 1, maxWaiting: max_waiting, maxWait_ms: max_wait_ms, refuse })
  const slots = createLimiter({
    concurrency: total,
    maxWaiting: Number.POSITIVE_INFINITY,
    maxWait_ms: max_wait_ms,
    refuse,
  })
  return {
    run(agency_id, signal, work) {
      const deadline = performance.now() + max_wait_ms
      return perAgency.run(agency_id, { signal }, () => slots.run('all', { signal, deadline }, work))
    },
  }
}
