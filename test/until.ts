// Waiting for a condition instead of for a time.
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Polls until the condition holds; returns how long that took, in ms. The limit ends a test that would hang, it is not a
 * target: on the busiest machine a condition that holds at all holds before. Throws when the limit is reached.
 */
export async function until(holds: () => unknown, limit_ms = 60_000): Promise<number> {
  const started = performance.now()
  while (!(await holds())) {
    if (performance.now() - started > limit_ms) throw new Error(`not within ${limit_ms} ms: ${holds}`)
    await delay(5)
  }
  return performance.now() - started
}
