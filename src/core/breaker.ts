// The circuit breaker in front of a server that may be down: after a few failures in a row callers are refused at
// once, and a probe in the background finds out when it is back.

export interface Breaker {
  readonly isOpen: () => boolean
  readonly succeeded: () => void
  readonly failed: () => void
  readonly stop: () => void
}

export interface BreakerOptions {
  /** Resolves when the server answers again. */
  readonly probe: () => Promise<unknown>
  readonly failures?: number
  readonly patience_ms?: number
  readonly probe_ms?: number
  readonly onChange?: (is_open: boolean) => void
}

/**
 * Opens after `failures` failures in a row (5) when nothing has succeeded for `patience_ms` (1 s): a restart of the server
 * takes a third of that, and those who have not begun yet wait for it. Open, it probes every `probe_ms` (250 ms) until one
 * probe succeeds.
 */
export function createBreaker(options: BreakerOptions): Breaker {
  const limit = options.failures ?? 5
  const patience_ms = options.patience_ms ?? 1000
  let failures = 0
  let succeeded_at = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined

  function close() {
    failures = 0
    succeeded_at = performance.now()
    if (timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    options.onChange?.(false)
  }

  function probeLater() {
    timer = setTimeout(() => {
      options.probe().then(close, probeLater)
    }, options.probe_ms ?? 250)
    timer.unref()
  }

  return {
    isOpen: () => timer !== undefined,
    succeeded: () => {
      if (timer !== undefined) return
      failures = 0
      succeeded_at = performance.now()
    },
    failed: () => {
      failures += 1
      if (failures < limit || timer !== undefined) return
      if (performance.now() - succeeded_at < patience_ms) return
      probeLater()
      options.onChange?.(true)
    },
    stop: () => {
      if (timer !== undefined) clearTimeout(timer)
    },
  }
}
