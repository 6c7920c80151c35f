// Hears from the database which person has changed, and knows whether it would hear: only then may people be remembered long.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../log.ts'

/** A connection that listens; `closed` resolves when it is gone, for whatever reason. */
export interface Listening {
  readonly closed: Promise<void>
  close(): Promise<void>
}

export type Listen = (heard: (payload: string) => void) => Promise<Listening>

export interface NotificationListenerOptions {
  readonly listen: Listen
  /** Sends a payload to everybody who listens, over another connection. */
  readonly announce: (payload: string) => Promise<unknown>
  readonly onNotification: (user_id: string) => void
  /** Something may have been missed. */
  readonly onDisconnect: () => void
  readonly log: Logger
}

export interface NotificationListener {
  /** Returns at once; connects, and connects again, in the background. */
  start(): void
  /** Whether whatever was committed until two seconds ago has been heard. */
  isHealthy(): boolean
  stop(): Promise<void>
}

const prove_every_ms = 1000
const proof_holds_ms = 2000
/** Without a proof for so long the connection is given up for a new one. */
const patience_ms = 5000

/**
 * Listens, and proves that it does: every second a word of its own goes out over another connection and has to come
 * back. PostgreSQL delivers in the order of commits, so whatever was committed before that word has been heard as well.
 * A frozen connection, and a PgBouncer that does not pass notifications on, give no proof.
 */
export function createNotificationListener({
  listen,
  announce,
  onNotification,
  onDisconnect,
  log,
}: NotificationListenerOptions): NotificationListener {
  const own = `proof ${randomUUID()} `
  const stopping = new AbortController()
  const { signal } = stopping
  let proven_until = Number.NEGATIVE_INFINITY
  let is_reported = false
  let is_started = false
  let running = Promise.resolve()

  function heard(payload: string): void {
    if (payload.startsWith(own)) {
      proven_until = Math.max(proven_until, Number(payload.slice(own.length)) + proof_holds_ms)
      if (is_reported) log.info('changes of people are announced again')
      is_reported = false
    } else if (!payload.startsWith('proof ')) {
      onNotification(payload)
    }
  }

  function report(reason: string): void {
    if (is_reported || signal.aborted) return
    is_reported = true
    log.warn({ reason }, 'changes of people are not announced: everybody is looked up again each second')
  }

  async function proveUntilClosed({ closed }: Listening): Promise<void> {
    let is_open = true
    const ended = closed.then(() => {
      is_open = false
    })
    let last_proof = performance.now()
    while (is_open && !signal.aborted) {
      announce(`${own}${performance.now()}`).catch((error: Error) => report(error.message))
      await Promise.race([ended, pause(prove_every_ms, signal)])
      if (performance.now() < proven_until) last_proof = performance.now()
      else report('no notification comes back')
      if (performance.now() - last_proof > patience_ms) return
    }
    if (!is_open) report('the connection broke')
  }

  async function listenOnce(): Promise<void> {
    const listening = await listen(heard)
    try {
      onDisconnect()
      await proveUntilClosed(listening)
    } finally {
      proven_until = Number.NEGATIVE_INFINITY
      onDisconnect()
      await listening.close()
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await listenOnce().catch((error: Error) => report(error.message))
      await pause(prove_every_ms, signal)
    }
  }

  return {
    start() {
      if (is_started || signal.aborted) return
      is_started = true
      running = run()
    },
    isHealthy: () => performance.now() < proven_until,
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** Ends early when it is time to stop, and keeps no process from ending. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => {})
}
