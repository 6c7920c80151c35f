// How fast the line for a connection moves, so that it is judged by how long one stands in it, not by how many do.

export interface Pace {
  /** Somebody has got a connection without waiting: there is no line. */
  free(): void
  /** A transaction has ended: whoever is first in the line goes on. */
  ended(): void
  /** Milliseconds that somebody behind `waiting` others will stand there; undefined: the line is too young to tell. */
  behind(waiting: number): number | undefined
}

/** Long enough to have seen many, short enough to notice a server that has stopped before anybody gives up. */
const window_ms = 250

/**
 * Counts how many leave the line in a quarter of a second; while there is none nothing is learned. `now`: milliseconds of a
 * clock that never goes back.
 */
export function createPace(now: () => number = () => performance.now()): Pace {
  let began = now()
  let count = 0
  let per_ms: number | undefined

  function restart(): void {
    began = now()
    count = 0
  }

  return {
    free() {
      restart()
      per_ms = undefined
    },
    ended() {
      count += 1
      const elapsed = now() - began
      if (elapsed < window_ms) return
      per_ms = count / elapsed
      restart()
    },
    behind(waiting) {
      const elapsed = now() - began
      // A pause of less than a window is no reason to worry.
      const rate = elapsed < 2 * window_ms ? per_ms : count / elapsed
      return rate === undefined ? undefined : waiting / rate
    },
  }
}
