// Circuit breaker for the database: opens after repeated failures, closes when a probe succeeds.

export interface Breaker {
  readonly isOpen: () => boolean
  readonly recordSuccess: () => void
  readonly recordFailure: () => void
  /** All connections are busy. If nothing has succeeded for `silence_ms`, probes the server; opens when two probes fail. */
  readonly recordSaturation: () => void
  readonly stop: () => void
}

export interface BreakerOptions {
  /** Resolves when the server answers. */
  readonly probe: () => Promise<unknown>
  /** Whether the probe uses its own connection. Only then its result is meaningful while the pool is exhausted. */
  readonly has_own_connection?: boolean
  readonly failures?: number
  readonly silence_ms?: number
  readonly probe_ms?: number
  readonly onChange?: (is_open: boolean) => void
  /** Called with the error of the first failed probe, then every `reminder_interval_ms` (30 s). */
  readonly onStillDown?: (reason: unknown) => void
  readonly reminder_interval_ms?: number
}

/**
 * Opens after `failures` failures in a row (5) if nothing has succeeded for `silence_ms` (1 s): a server restart takes a third
 * of that, and requests that have not begun are retried meanwhile. While open, it probes every `probe_ms` (250 ms) and closes
 * when a probe succeeds.
 */
export function createBreaker(options: BreakerOptions): Breaker {
  const limit = options.failures ?? 5
  const silence_ms = options.silence_ms ?? 1000
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  let reminded_at = Number.NEGATIVE_INFINITY
  let is_probing = false
  let succeeded_at = Number.NEGATIVE_INFINITY

  const isSilent = () => performance.now() - succeeded_at >= silence_ms

  function close() {
    failures = 0
    if (timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    reminded_at = Number.NEGATIVE_INFINITY
    options.onChange?.(false)
  }

  function stayOpen(reason: unknown) {
    if (performance.now() - reminded_at >= (options.reminder_interval_ms ?? 30_000)) {
      reminded_at = performance.now()
      options.onStillDown?.(reason)
    }
    scheduleProbe()
  }

  function scheduleProbe() {
    timer = setTimeout(() => {
      options.probe().then(close, stayOpen)
    }, options.probe_ms ?? 250)
    timer.unref()
  }

  function open() {
    if (timer !== undefined) return
    scheduleProbe()
    options.onChange?.(true)
  }

  /** A busy machine may fail a probe by timeout. The breaker opens only if no request succeeded meanwhile either. */
  async function probeTwice() {
    is_probing = true
    const began = performance.now()
    const openIfSilent = () => {
      if (succeeded_at < began) open()
    }
    await options.probe().catch(() => options.probe().catch(openIfSilent))
    is_probing = false
  }

  return {
    isOpen: () => timer !== undefined,
    recordSuccess: () => {
      succeeded_at = performance.now()
      if (timer === undefined) failures = 0
    },
    recordFailure: () => {
      failures += 1
      if (failures >= limit && isSilent()) open()
    },
    recordSaturation: () => {
      if (options.has_own_connection === true && isSilent() && !is_probing && timer === undefined) void probeTwice()
    },
    stop: () => {
      if (timer !== undefined) clearTimeout(timer)
    },
  }
}
