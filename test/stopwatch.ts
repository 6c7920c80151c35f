// A clock for upper bounds: it counts what this process is to answer for, on a machine that has more to do than that.

const tick_ms = 5

/** Kept from before any test puts a clock of its own in their place. */
const { setInterval, clearInterval } = globalThis

/**
 * How much of the time between two looks at the clock is this process's own: a look that comes late, because the process
 * stood in line for a processor, counts as what was computed meanwhile (of all its threads, never more than has passed).
 */
export function ownPart(passed_ms: number, computed_ms: number): number {
  return Math.min(passed_ms, Math.max(2 * tick_ms, computed_ms))
}

export interface OwnClock {
  /** Milliseconds of its own since the start. */
  ms(): number
  /** A clock that is not stopped keeps ticking, which others may notice. */
  stop(): void
}

export function startOwnClock(): OwnClock {
  let counted = 0
  let looked_at = performance.now()
  let computed = computedMs()

  function ms(): number {
    const now = performance.now()
    const used = computedMs()
    counted += ownPart(now - looked_at, used - computed)
    looked_at = now
    computed = used
    return counted
  }

  const ticks = setInterval(ms, tick_ms).unref()
  return { ms, stop: () => clearInterval(ticks) }
}

/** Milliseconds of processor this process has used, in all its threads. */
function computedMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** How long the work takes, in ms: at least so long by the wall's clock, at most so long by this process's own. */
export async function timed<T>(work: () => Promise<T>): Promise<{ result: T; wall_ms: number; own_ms: number }> {
  const started = performance.now()
  const own = startOwnClock()
  try {
    const result = await work()
    return { result, wall_ms: performance.now() - started, own_ms: own.ms() }
  } finally {
    own.stop()
  }
}
