// Measures how many transactions end per millisecond, to estimate the wait time in a queue.

export interface DrainRate {
  /** Call it when a transaction has ended. */
  recordEnd(): void
  /** The expected wait in milliseconds of a request behind `waiting` others; Infinity while no transaction has ended. */
  wait_ms(waiting: number): number
}

/** Long enough for many transactions, short enough to detect a stopped server before the request timeout. */
const window_ms = 250

/** A shorter part of a window is not used. */
const min_sample_ms = 50

/**
 * Counts ended transactions in windows of 250 ms. While no request waits, this measures demand and not capacity, so the wait
 * time of a queue that has just formed may be overestimated. `now`: milliseconds of a monotonic clock.
 */
export function createDrainRate(now: () => number = () => performance.now()): DrainRate {
  let began = now()
  let count = 0
  let last_per_ms = 0

  function perMs(): number {
    const elapsed = now() - began
    // The pause after a finished window counts only when it is longer than a window.
    if (elapsed >= 2 * window_ms) return count / elapsed
    return elapsed < min_sample_ms ? last_per_ms : Math.max(last_per_ms, count / elapsed)
  }

  return {
    recordEnd() {
      count += 1
      const elapsed = now() - began
      if (elapsed < window_ms) return
      last_per_ms = count / elapsed
      began = now()
      count = 0
    },
    wait_ms(waiting) {
      return waiting === 0 ? 0 : waiting / perMs()
    },
  }
}
