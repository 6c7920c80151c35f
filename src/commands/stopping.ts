// How a process ends: in order when it is told to, and soon when a bug leaves nobody knowing what state it is in.
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../core/log.ts'

const patience_ms = 25_000

export interface Stopping {
  /** How long SIGTERM waits between the two, so that a load balancer sees it coming. Ctrl+C does not wait. */
  readonly grace_ms: number
  /** Tells whoever asks that this process is about to stop; it still serves. */
  readonly drain: () => void
  /** Takes no new work, finishes what is under way, closes everything. */
  readonly stop: () => Promise<void>
}

/** The first SIGTERM or SIGINT stops in order and exits with 0; a second one, or 25 s, stops at once with 1. */
export function stopOnSignal(log: Logger, { grace_ms, drain, stop }: Stopping): void {
  let is_stopping = false

  async function stopInOrder(signal: NodeJS.Signals): Promise<void> {
    log.info({ signal }, 'stopping')
    drain()
    if (signal === 'SIGTERM') await delay(grace_ms)
    setTimeout(() => process.exit(1), patience_ms).unref()
    await stop()
  }

  const onSignal = (signal: NodeJS.Signals) => {
    if (is_stopping) process.exit(1)
    is_stopping = true
    stopInOrder(signal).then(
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

const last_words_ms = 500

/**
 * An exception or a rejection that nobody caught: the log has its stack, nothing new is taken, what is under way has half
 * a second, then the process exits with 1 for its supervisor to start another. Open transactions end with its connections.
 */
export function stopOnCrash(log: Logger, takeNothingMore: () => Promise<unknown>): void {
  let is_dying = false
  process.on('uncaughtException', (error, origin) => {
    log.fatal({ err: error, origin }, 'nobody caught this: the process ends')
    if (is_dying) return
    is_dying = true
    setTimeout(() => process.exit(1), last_words_ms)
    takeNothingMore().catch(() => {})
  })
}
