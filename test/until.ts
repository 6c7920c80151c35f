// Waiting for a condition instead of for a time.
import { setTimeout as delay } from 'node:timers/promises'
import { startOwnClock } from './stopwatch.ts'

/**
 * Polls until the condition holds; throws when it does not within `limit_ms` of this process's own time. Returns how long it
 * took by the wall's clock, in ms.
 */
export async function until(holds: () => unknown, limit_ms = 15_000): Promise<number> {
  const started = performance.now()
  const own = startOwnClock()
  try {
    while (!(await holds())) {
      if (own.ms() > limit_ms) throw new Error(`not within ${limit_ms} ms: ${holds}`)
      await delay(5)
    }
    return performance.now() - started
  } finally {
    own.stop()
  }
}
