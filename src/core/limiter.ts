// A keyed limiter: limits the concurrency and the waiting entries of each key (bounded queues).

export interface LimiterOptions {
  /** The total weight of the work that can run at once for one key. */
  readonly concurrency: number
  /** How many entries of one key can wait. The next one is refused immediately. */
  readonly maxWaiting: number
  /** Whether another entry can wait although `maxWaiting` entries do (default: never). */
  readonly mayExceed?: (waiting: number) => boolean
  /** How many entries of all keys can wait in total (default: no limit). */
  readonly maxWaitingTotal?: number
  /** How long an entry waits at most before it is refused. */
  readonly maxWait_ms: number
  /** Creates the error for an entry when the queue is full or its wait time has ended. */
  readonly refuse: () => Error
}

export interface Entry {
  /** Rejects a waiting entry with the abort reason. Work that has started is not interrupted. */
  readonly signal?: AbortSignal | undefined
  /** By performance.now. An additional limit of the wait time. */
  readonly deadline?: number | undefined
  /** How much of `concurrency` it uses (1). */
  readonly weight?: number
  /** 0 starts before 1 (the default). Waiting entries of priority 1 do not count for `maxWaiting` of priority 0. */
  readonly priority?: 0 | 1
}

export interface Limiter {
  /**
   * Runs `work` as soon as its key has capacity, in FIFO order within a priority. Rejects before `work` has started when the
   * queue is full, when the wait is too long, or when `signal` is aborted.
   */
  run<T>(key: string, entry: Entry, work: () => Promise<T>): Promise<T>
  /** How many entries of all keys wait. */
  waiting(): number
}

interface Waiting {
  readonly weight: number
  readonly expires_at: number
  start(): void
  fail(error: unknown): void
}

/** The state of one key. */
interface Queue {
  running: number
  /** By priority. Entries start in insertion order. */
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

  function deleteIdle(key: string, { running, waiting: [first, second] }: Queue): void {
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
        deleteIdle(key, queue)
      }
    },
    waiting: () => count.waiting,
  }
}

/** How many waiting entries start before a new entry of this priority. */
function waitingBefore({ waiting: [first, second] }: Queue, priority: 0 | 1): number {
  return first.size + (priority === 0 ? 0 : second.size)
}

function isFull(options: LimiterOptions, waiting: number, total: number): boolean {
  const { maxWaiting, maxWaitingTotal = Number.POSITIVE_INFINITY, mayExceed = () => false } = options
  return total >= maxWaitingTotal || (waiting >= maxWaiting && !mayExceed(waiting))
}

/** Starts waiting entries while there is capacity. An entry that does not fit blocks the later ones. */
function admit({ concurrency, refuse }: LimiterOptions, queue: Queue): void {
  for (const entries of queue.waiting) {
    for (const next of entries) {
      // The timer of the entry is late because the event loop was busy.
      if (performance.now() > next.expires_at) next.fail(refuse())
      else if (queue.running + next.weight > concurrency) return
      else {
        queue.running += next.weight
        next.start()
      }
    }
  }
}

/** Resolves when the entry may start; rejects when it is refused or aborted. */
function wait(options: LimiterOptions, queue: Queue, entry: Entry, count: { waiting: number }): Promise<void> {
  const { signal, deadline = Number.POSITIVE_INFINITY, weight = 1, priority = 1 } = entry
  const entries = queue.waiting[priority]
  const now = performance.now()
  const expires_at = Math.min(now + options.maxWait_ms, deadline)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const leave = () => {
    entries.delete(waiting)
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
  entries.add(waiting)
  count.waiting += 1
  return promise
}
