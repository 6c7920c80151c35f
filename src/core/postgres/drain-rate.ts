// How fast transactions end, so that a queue is judged by how long one waits in it, not by its length.

export interface DrainRate {
  /** A transaction has ended, and the first of the queue goes on. */
  ended(): void
  /** Milliseconds that a request behind `waiting` others will wait; Infinity while nothing has been seen to end. */
  wait_ms(waiting: number): number
}

/** Long enough to have seen many, short enough to notice a server that has stopped before anybody gives up. */
const window_ms = 250

/** Before that what has ended says little. */
const shortest_ms = 50

/**
 * Counts what ends in a quarter of a second. While nothing waits, that is the demand and not the capacity, so a queue that has just
 * begun may be taken for a slower one than it is. `now`: milliseconds of a clock that never goes back.
 */
export function createDrainRate(now: () => number = () => performance.now()): DrainRate {
  let began = now()
  let count = 0
  let last_per_ms = 0

  function perMs(): number {
    const elapsed = now() - began
    // A pause of less than a window says nothing yet.
    if (elapsed >= 2 * window_ms) return count / elapsed
    return elapsed < shortest_ms ? last_per_ms : Math.max(last_per_ms, count / elapsed)
  }

  return {
    ended() {
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
