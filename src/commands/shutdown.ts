// Ends the process: cleanly after a signal, at once after an uncaught exception.
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../core/log.ts'

const stop_timeout_ms = 25_000

export interface ShutdownOptions {
  /** Time between `drain` and `stop` after SIGTERM, for load balancers to react. SIGINT does not wait. */
  readonly grace_ms: number
  /** Makes the health check fail; requests are still served. */
  readonly drain: () => void
  /** Accepts no new work, completes work in progress and closes everything. */
  readonly stop: () => Promise<void>
}

/** npm and bin/run.mjs pass a signal on that the terminal has sent to the service as well: it arrives up to three times. */
const repetition_ms = 500

/**
 * The first SIGTERM or SIGINT stops cleanly and exits with 0. A second one, or a timeout of 25 s, exits with 1; the same signal
 * again within half a second is not a second one.
 */
export function stopOnSignal(log: Logger, { grace_ms, drain, stop }: ShutdownOptions): void {
  let first: { readonly signal: NodeJS.Signals; readonly at_ms: number } | undefined

  async function stopCleanly(signal: NodeJS.Signals): Promise<void> {
    log.info({ signal }, 'stopping')
    drain()
    if (signal === 'SIGTERM') await delay(grace_ms)
    setTimeout(() => process.exit(1), stop_timeout_ms).unref()
    await stop()
  }

  const onSignal = (signal: NodeJS.Signals) => {
    if (first?.signal === signal && performance.now() - first.at_ms < repetition_ms) return
    if (first !== undefined) process.exit(1)
    first = { signal, at_ms: performance.now() }
    stopCleanly(signal).then(
      () => process.exit(0),
      (error) => {
        log.error({ err: error, signal }, 'could not stop cleanly')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}

const crash_grace_ms = 500

/**
 * After an uncaught exception or rejection: logs it, accepts no new work, and exits with 1 after 500 ms, so that the
 * supervisor restarts the process. Open transactions end with their connections.
 */
export function stopOnCrash(log: Logger, stopAccepting: () => Promise<unknown>): void {
  let is_exiting = false
  process.on('uncaughtException', (error, origin) => {
    log.fatal({ err: error, origin }, 'uncaught exception: the process exits')
    if (is_exiting) return
    is_exiting = true
    setTimeout(() => process.exit(1), crash_grace_ms)
    stopAccepting().catch(() => {})
  })
}
