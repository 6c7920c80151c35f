// Limits concurrent scans: one per agency, and a fixed number of connections for all agencies.
import { countRefusal } from '../counters.ts'
import { createLimiter } from '../limiter.ts'
import { PoolExhaustedError } from '../server-errors.ts'

export interface ScanSlots {
  /**
   * Runs `work` when no other scan of the agency runs and a slot is free. Slots are assigned to agencies in turn. Before `work`
   * starts it can throw PoolExhaustedError (too many scans of the agency wait, or the wait was too long) or the abort reason.
   */
  run<T>(agency_id: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>
}

export interface ScanSlotsOptions {
  /** How many scans of all agencies can run at once. */
  readonly total: number
  /** How many scans of one agency can wait (50). */
  readonly max_waiting?: number
  /** How long a scan waits at most, in milliseconds (1000). */
  readonly max_wait_ms?: number
}

const refuse = () => {
  countRefusal('scan_queue')
  return new PoolExhaustedError({ message: 'Too many searches of your agency are running.' })
}

/** At most one scan of each agency waits for a slot, so the FIFO order of the slots is a round robin of agencies. */
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
