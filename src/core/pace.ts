// How fast the line for a connection moves, so that it is judged by how long one stands in it, not by how many do.

export interface Pace {
  /** A transaction has ended: whoever is first in the line goes on. */
  ended(): void
  /** Milliseconds that somebody behind `waiting` others will stand there, if the line moves on as it did lately. */
  behind(waiting: number): number
}

/** Long enough to have seen many, short enough to notice a server that has stopped before anybody gives up. */
const window_ms = 250

/** `now`: milliseconds of a clock that never goes back. A pause shorter than the window is no reason to worry. */
export function createPace(now: () => number = () => performance.now()): Pace {
  let began = now()
  let count = 0
  let per_ms = 0
  return {
    ended() {
      count += 1
      const elapsed = now() - began
      if (elapsed < window_ms) return
      per_ms = count / elapsed
      began = now()
      count = 0
    },
    behind(waiting) {
      const elapsed = now() - began
      const rate = elapsed < 2 * window_ms ? per_ms : count / elapsed
      return waiting === 0 ? 0 : waiting / rate
    },
  }
}
