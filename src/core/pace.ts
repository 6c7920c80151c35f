// How fast transactions come and go, so that a line is judged by how long one stands in it, not by how many do.

export interface Pace {
  /** A transaction has ended: whoever is first in the line goes on. */
  ended(): void
  /** Milliseconds that somebody behind `waiting` others will stand there; Infinity while nothing has been seen to end. */
  behind(waiting: number): number
}

/** Long enough to have seen many, short enough to notice a server that has stopped before anybody gives up. */
const window_ms = 250

/** Before that what has ended says little. */
const glimpse_ms = 50

/**
 * Counts what ends in a quarter of a second. Where nobody waits that is how much was asked, which is less than could have been done:
 * a line that has just begun may be taken for a slower one than it is. `now`: milliseconds of a clock that never goes back.
 */
export function createPace(now: () => number = () => performance.now()): Pace {
  let began = now()
  let count = 0
  let last_per_ms = 0

  function perMs(): number {
    const elapsed = now() - began
    // A pause of less than a window is no reason to worry.
    if (elapsed >= 2 * window_ms) return count / elapsed
    return elapsed < glimpse_ms ? last_per_ms : Math.max(last_per_ms, count / elapsed)
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
    behind(waiting) {
      return waiting === 0 ? 0 : waiting / perMs()
    },
  }
}
