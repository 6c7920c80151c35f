// Waiting for a condition instead of for a time.
import { setTimeout as delay } from 'node:timers/promises'

/** Polls until the condition holds; throws when it does not within `limit_ms`. Returns how long it took, in ms. */
export async function until(holds: () => boolean | Promise<boolean>, limit_ms: number): Promise<number> {
  const started = performance.now()
  while (!(await holds())) {
    if (performance.now() - started > limit_ms) throw new Error(`not within ${limit_ms} ms: ${holds}`)
    await delay(5)
  }
  return performance.now() - started
}
