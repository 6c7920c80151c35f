// The circuit breaker in front of a server that may be down: after a few failures in a row callers are refused at
// once, and a probe in the background finds out when it is back.

export interface Breaker {
  readonly isOpen: () => boolean
  readonly succeeded: () => void
  readonly failed: () => void
  /** All connections are busy: so many callers, or a server that has frozen? After a second of silence a probe tells, twice. */
  readonly suspected: () => void
  readonly stop: () => void
}

export interface BreakerOptions {
  /** Resolves when the server answers again. */
  readonly probe: () => Promise<unknown>
  /** Whether the probe has a connection of its own, so that it says something while all others are busy. */
  readonly probes_apart?: boolean
  readonly failures?: number
  readonly patience_ms?: number
  readonly probe_ms?: number
  readonly onChange?: (is_open: boolean) => void
  /** Why the probe still fails: told of the first one, then every `remind_ms` (30 s). */
  readonly onStillDown?: (reason: unknown) => void
  readonly remind_ms?: number
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
  let timer: NodeJS.Timeout | undefined
  let reminded_at = Number.NEGATIVE_INFINITY
  let is_suspecting = false
  let answered_at = Number.NEGATIVE_INFINITY

  const isSilent = () => performance.now() - answered_at >= patience_ms

  function close() {
    failures = 0
    if (timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    reminded_at = Number.NEGATIVE_INFINITY
    options.onChange?.(false)
  }

  function stayOpen(reason: unknown) {
    if (performance.now() - reminded_at >= (options.remind_ms ?? 30_000)) {
      reminded_at = performance.now()
      options.onStillDown?.(reason)
    }
    probeLater()
  }

  function probeLater() {
    timer = setTimeout(() => {
      options.probe().then(close, stayOpen)
    }, options.probe_ms ?? 250)
    timer.unref()
  }

  function open() {
    if (timer !== undefined) return
    probeLater()
    options.onChange?.(true)
  }

  /** A machine that is only busy may miss a probe, but then something else is answered meanwhile. */
  async function askTwice() {
    is_suspecting = true
    const began = performance.now()
    const openUnlessAnswered = () => {
      if (answered_at < began) open()
    }
    await options.probe().catch(() => options.probe().catch(openUnlessAnswered))
    is_suspecting = false
  }

  return {
    isOpen: () => timer !== undefined,
    succeeded: () => {
      answered_at = performance.now()
      if (timer === undefined) failures = 0
    },
    failed: () => {
      failures += 1
      if (failures >= limit && isSilent()) open()
    },
    suspected: () => {
      if (options.probes_apart === true && isSilent() && !is_suspecting && timer === undefined) void askTwice()
    },
    stop: () => {
      if (timer !== undefined) clearTimeout(timer)
    },
  }
}
