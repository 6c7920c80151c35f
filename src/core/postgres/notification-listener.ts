// Listens for notifications (LISTEN/NOTIFY) and checks with heartbeats that they arrive.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../log.ts'

/** A connection with LISTEN. `closed` resolves when it has ended for any reason. */
export interface NotificationConnection {
  readonly closed: Promise<void>
  close(): Promise<void>
}

type Listen = (onPayload: (payload: string) => void) => Promise<NotificationConnection>

export interface NotificationListenerOptions {
  readonly listen: Listen
  /** Sends NOTIFY on another connection. */
  readonly notify: (payload: string) => Promise<unknown>
  readonly onNotification: (user_id: string) => void
  /** Called when notifications may have been missed: after connecting and after a connection has ended. */
  readonly onDisconnect: () => void
  readonly log: Logger
}

export interface NotificationListener {
  /** Returns immediately. Connects and reconnects in the background. */
  start(): void
  /** Whether all notifications committed more than two seconds ago have been received. */
  isHealthy(): boolean
  stop(): Promise<void>
}

const heartbeat_interval_ms = 1000
const healthy_for_ms = 2000
/** The connection is replaced when no heartbeat has returned for so long. */
const heartbeat_timeout_ms = 5000

const heartbeat_prefix = 'heartbeat '

/**
 * Sends a heartbeat over another connection every second and expects it back on the listening connection. PostgreSQL delivers
 * notifications in commit order, so a returned heartbeat proves that all earlier ones have been received. This also detects a
 * frozen connection and a PgBouncer that does not forward notifications.
 */
export function createNotificationListener(options: NotificationListenerOptions): NotificationListener {
  const { listen, notify, onNotification, onDisconnect, log } = options
  const own_heartbeat = `${heartbeat_prefix}${randomUUID()} `
  const stopping = new AbortController()
  const { signal } = stopping
  const outage = createOutageLog(log)
  const report = (reason: string) => {
    if (!signal.aborted) outage.report(reason)
  }
  let healthy_until = Number.NEGATIVE_INFINITY
  let running: Promise<void> = Promise.resolve()
  let is_started = false

  function onPayload(payload: string): void {
    if (payload.startsWith(own_heartbeat)) {
      healthy_until = Math.max(healthy_until, Number(payload.slice(own_heartbeat.length)) + healthy_for_ms)
      outage.ended()
    } else if (!payload.startsWith(heartbeat_prefix)) {
      onNotification(payload)
    }
  }

  const isHealthy = () => performance.now() < healthy_until

  async function sendHeartbeatsUntilClosed({ closed }: NotificationConnection): Promise<void> {
    let is_open = true
    const ended = closed.then(() => {
      is_open = false
    })
    let last_healthy_at = performance.now()
    while (is_open && !signal.aborted) {
      notify(`${own_heartbeat}${performance.now()}`).catch((error: Error) => report(error.message))
      await Promise.race([ended, pause(heartbeat_interval_ms, signal)])
      if (isHealthy()) last_healthy_at = performance.now()
      else report('no heartbeat returns')
      if (performance.now() - last_healthy_at > heartbeat_timeout_ms) return
    }
    if (!is_open) report('the connection ended')
  }

  async function listenOnce(): Promise<void> {
    const connection = await listen(onPayload)
    try {
      onDisconnect()
      await sendHeartbeatsUntilClosed(connection)
    } finally {
      healthy_until = Number.NEGATIVE_INFINITY
      onDisconnect()
      await connection.close()
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await listenOnce().catch((error: Error) => report(error.message))
      await pause(heartbeat_interval_ms, signal)
    }
  }

  return {
    start() {
      if (is_started || signal.aborted) return
      is_started = true
      running = run()
    },
    isHealthy,
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** Logs one warning per outage and one line when it has ended. */
function createOutageLog(log: Logger) {
  let is_reported = false
  return {
    report(reason: string) {
      if (!is_reported)
        log.warn({ reason }, 'membership notifications do not arrive: memberships are cached for one second only')
      is_reported = true
    },
    ended() {
      if (is_reported) log.info('membership notifications arrive again')
      is_reported = false
    },
  }
}

/** Ends early when the listener is stopped. Does not keep the process alive. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => {})
}
