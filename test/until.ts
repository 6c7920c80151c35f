// Waits for a condition instead of a fixed time.
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Polls until the condition holds; returns the time in ms. The limit only ends a test that would hang. Throws when the
 * limit is reached.
 */
export async function until(holds: () => unknown, limit_ms = 300_000): Promise<number> {
  const started = performance.now()
  while (!(await holds())) {
    if (performance.now() - started > limit_ms) throw new Error(`not within ${limit_ms} ms: ${holds}`)
    await delay(5)
  }
  return performance.now() - started
}
