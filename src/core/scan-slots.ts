// Scans run one at a time per agency, and in few connections of all: what they cost stays with their agency.
import { PoolExhaustedError } from './outages.ts'

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

interface Queue {
  is_running: boolean
  /** Insertion order is the order of their turns. */
  readonly waiting: Set<() => void>
}

const refusal = () => new PoolExhaustedError({ message: 'Too many searches of your agency run at once.' })

export function createScanSlots({ total, max_waiting = 50, max_wait_ms = 1000 }: ScanSlotsOptions): ScanSlots {
  /** In the order of their turns: an agency that has had one goes to the end. */
  const queues = new Map<string, Queue>()
  let running = 0

  function start(agency_id: string, queue: Queue): void {
    queue.is_running = true
    running += 1
    queues.set(agency_id, queue)
  }

  function end(agency_id: string, queue: Queue): void {
    queue.is_running = false
    running -= 1
    queues.delete(agency_id)
    if (queue.waiting.size > 0) queues.set(agency_id, queue)
    for (const [id, next] of queues) {
      const [first] = next.waiting
      if (next.is_running || first === undefined) continue
      start(id, next)
      first()
      return
    }
  }

  function wait(agency_id: string, queue: Queue, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const leave = () => {
      queue.waiting.delete(go)
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    const fail = (error: unknown) => {
      leave()
      if (!queue.is_running && queue.waiting.size === 0) queues.delete(agency_id)
      reject(error)
    }
    const go = () => {
      leave()
      resolve()
    }
    const onAbort = () => fail(signal?.reason)
    const timer = setTimeout(() => fail(refusal()), max_wait_ms)
    signal?.addEventListener('abort', onAbort)
    queue.waiting.add(go)
    return promise
  }

  async function enter(agency_id: string, queue: Queue, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    if (!queue.is_running && running < total) start(agency_id, queue)
    else if (queue.waiting.size >= max_waiting) throw refusal()
    else {
      queues.set(agency_id, queue)
      await wait(agency_id, queue, signal)
    }
  }

  return {
    async run(agency_id, signal, work) {
      const queue = queues.get(agency_id) ?? { is_running: false, waiting: new Set() }
      await enter(agency_id, queue, signal)
      try {
        return await work()
      } finally {
        end(agency_id, queue)
      }
    },
  }
}
