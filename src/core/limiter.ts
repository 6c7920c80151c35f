// Bounded queues: how much work with one key runs at once, how much of it waits, and for how long.

export interface LimiterOptions {
  /** Weight of the work with one key that may run at once. */
  readonly concurrency: number
  /** Entries of one key that may wait. The next one is refused at once. */
  readonly maxWaiting: number
  /** Whether one more may wait although `maxWaiting` do, because they are served quickly enough (never). */
  readonly mayExceed?: (waiting: number) => boolean
  /** How many entries of all keys together may wait (no limit). */
  readonly maxWaitingTotal?: number
  /** How long an entry waits at most before it is refused. */
  readonly maxWait_ms: number
  /** The error of an entry that is refused because the queue is full or its time is over. */
  readonly refuse: () => Error
}

export interface Entry {
  /** An entry that waits is dropped when this is aborted, with its reason. Work that runs is not interrupted. */
  readonly signal?: AbortSignal | undefined
  /** By performance.now: the entry does not wait any longer, even if `maxWait_ms` would allow it. */
  readonly deadline?: number | undefined
  /** How much of `concurrency` it takes (1). */
  readonly weight?: number
  /** 0 runs before 1, and 1 (the default) does not count against the waiting entries of 0. */
  readonly priority?: 0 | 1
}

export interface Limiter {
  /**
   * Runs `work` as soon as there is room for it under its key: first in, first out within a priority. Rejects without
   * having started it when the queue is full, when it would have waited too long, or when `signal` is aborted.
   */
  run<T>(key: string, entry: Entry, work: () => Promise<T>): Promise<T>
  /** How many entries wait, of all keys. */
  waiting(): number
}

interface Waiting {
  readonly weight: number
  readonly expires_at: number
  start(): void
  fail(error: unknown): void
}

/** The entries of one key. */
interface Queue {
  running: number
  /** By priority; insertion order is the order in which they start. */
  readonly waiting: readonly [Set<Waiting>, Set<Waiting>]
}

export function createLimiter(options: LimiterOptions): Limiter {
  const queues = new Map<string, Queue>()
  const count = { waiting: 0 }

  async function enter(queue: Queue, entry: Entry): Promise<void> {
    const { signal, deadline = Number.POSITIVE_INFINITY, weight = 1, priority = 1 } = entry
    signal?.throwIfAborted()
    const before = waitingBefore(queue, priority)
    if (before === 0 && queue.running + weight <= options.concurrency) queue.running += weight
    else if (isFull(options, before, count.waiting) || deadline <= performance.now()) throw options.refuse()
    else await wait(options, queue, entry, count)
  }

  function forgetIdle(key: string, { running, waiting: [first, second] }: Queue): void {
    if (running === 0 && first.size + second.size === 0) queues.delete(key)
  }

  return {
    async run(key, entry, work) {
      const queue = queues.get(key) ?? { running: 0, waiting: [new Set(), new Set()] }
      queues.set(key, queue)
      let has_entered = false
      try {
        await enter(queue, entry)
        has_entered = true
        return await work()
      } finally {
        if (has_entered) queue.running -= entry.weight ?? 1
        admit(options, queue)
        forgetIdle(key, queue)
      }
    },
    waiting: () => count.waiting,
  }
}

/** How many start before a new entry of this priority. */
function waitingBefore({ waiting: [first, second] }: Queue, priority: 0 | 1): number {
  return first.size + (priority === 0 ? 0 : second.size)
}

function isFull(options: LimiterOptions, waiting: number, total: number): boolean {
  const { maxWaiting, maxWaitingTotal = Number.POSITIVE_INFINITY, mayExceed = () => false } = options
  return total >= maxWaitingTotal || (waiting >= maxWaiting && !mayExceed(waiting))
}

/** Starts the next entries as far as there is room. One that does not fit yet holds back those behind it. */
function admit({ concurrency, refuse }: LimiterOptions, queue: Queue): void {
  for (const line of queue.waiting) {
    for (const next of line) {
      // Its timer is due as well, but the event loop was busy.
      if (performance.now() > next.expires_at) next.fail(refuse())
      else if (queue.running + next.weight > concurrency) return
      else {
        queue.running += next.weight
        next.start()
      }
    }
  }
}

/** Resolves when the entry has its room; rejects when it leaves the queue without. */
function wait(options: LimiterOptions, queue: Queue, entry: Entry, count: { waiting: number }): Promise<void> {
  const { signal, deadline = Number.POSITIVE_INFINITY, weight = 1, priority = 1 } = entry
  const line = queue.waiting[priority]
  const now = performance.now()
  const expires_at = Math.min(now + options.maxWait_ms, deadline)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const leave = () => {
    line.delete(waiting)
    count.waiting -= 1
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
  const waiting: Waiting = {
    weight,
    expires_at,
    start() {
      leave()
      resolve()
    },
    fail(error) {
      leave()
      reject(error)
    },
  }
  const onAbort = () => waiting.fail(signal?.reason)
  const timer = setTimeout(() => waiting.fail(options.refuse()), expires_at - now)
  signal?.addEventListener('abort', onAbort)
  line.add(waiting)
  count.waiting += 1
  return promise
}
