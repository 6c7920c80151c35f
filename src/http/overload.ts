// Load shedding: refuses requests while the event loop lags, the most expensive ones first.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import { countRefusal, type RefusalReason } from '../core/counters.ts'
import type { Logger } from '../core/log.ts'
import { OverloadedError } from '../core/server-errors.ts'

/** The interval of the timer that measures the delay. */
const tick_ms = 20

/** Requests are refused after the event loop has been late for this time and this number of consecutive ticks. */
const overload_after_ms = 500
const overload_after_ticks = 3

/** The overload ends when no tick has been late for so long. */
const recovered_after_ms = 1000

/**
 * The delay up to which each kind of request is accepted, as a multiple of the limit. Health probes and /metrics are always answered. Requests
 * with an Idempotency-Key are refused last, because their clients repeat them in any case.
 */
const tolerance = { list: 0.5, read: 1, keyed: 2 } as const

export interface EventLoopWatch {
  /** The current delay in milliseconds while overloaded, otherwise 0. */
  delay(): number
  stop(): void
}

export interface EventLoopWatchOptions {
  readonly limit_ms: number
  readonly onChange?: (is_overloaded: boolean) => void
  /** A monotonic clock in milliseconds (performance.now). */
  readonly now?: () => number
}

/**
 * Measures the delay of the event loop with a timer. The histogram of perf_hooks includes a turn of the loop only after its end;
 * this also measures the current turn, so requests late in a long turn are refused already. One long task alone is no overload.
 */
export function watchEventLoop({
  limit_ms,
  onChange,
  now = () => performance.now(),
}: EventLoopWatchOptions): EventLoopWatch {
  const late_ms = limit_ms * tolerance.list
  let ticked_at = now()
  let last_delay_ms = 0
  let late_since: number | undefined
  let late_ticks = 0
  let last_late_at = ticked_at
  let is_overloaded = false

  function setOverloaded(to: boolean): void {
    if (to === is_overloaded) return
    is_overloaded = to
    onChange?.(to)
  }

  function tick(): void {
    const before = ticked_at
    ticked_at = now()
    last_delay_ms = ticked_at - before - tick_ms
    if (last_delay_ms <= late_ms) {
      late_since = undefined
      late_ticks = 0
      if (ticked_at - last_late_at >= recovered_after_ms) setOverloaded(false)
      return
    }
    late_since ??= before
    late_ticks += 1
    last_late_at = ticked_at
    const is_overload = late_ticks >= overload_after_ticks && ticked_at - late_since >= overload_after_ms
    if (is_overload) setOverloaded(true)
  }

  const timer = setInterval(tick, tick_ms)
  timer.unref()
  return {
    delay: () => (is_overloaded ? Math.max(last_delay_ms, now() - ticked_at - tick_ms) : 0),
    stop: () => clearInterval(timer),
  }
}

/** MAX_LOOP_DELAY. The default is 200 ms, and 'off' for the embedded database, which blocks the event loop itself. */
export function loopDelayLimit({ max_loop_delay, database_url }: Config): number | 'off' {
  return max_loop_delay ?? (database_url === undefined ? 'off' : 200)
}

/**
 * The limits of the queue for database connections, multiplied by the tolerance of the request. A read is refused when both are
 * exceeded. Mutations are never refused for this reason.
 */
const queue_limit = { waiting: 200, wait_ms: 500 }

/**
 * Such a read waits for this time and is refused if the queue is still too long. Without the pause, clients that retry immediately
 * take most of the processor time: measured, 15,000 refusals a second and almost no successful response.
 */
const pause_ms = 200

/** A shared instance, because creating an error with its stack is the most expensive part of a refusal. */
const refusal = new OverloadedError()

export interface LoadSheddingOptions {
  readonly limit_ms: number | 'off'
  /** How many requests wait for a connection, and the expected wait of the next one in milliseconds. */
  readonly queueStatus: () => { waiting: number; wait_ms: number }
  readonly log: Logger
  readonly watchWith?: (options: EventLoopWatchOptions) => EventLoopWatch
}

/** Refuses requests with 503 OVERLOADED while the process is overloaded. Call it before any expensive hook. */
export function installLoadShedding(
  app: FastifyInstance,
  { limit_ms, queueStatus, log, watchWith = watchEventLoop }: LoadSheddingOptions,
): void {
  if (limit_ms === 'off') return
  let watch: EventLoopWatch | undefined
  const onChange = (is_overloaded: boolean) =>
    is_overloaded
      ? log.warn('the event loop lags: requests are refused until it recovers')
      : log.info('the event loop has recovered')
  app.server.once('listening', () => {
    watch = watchWith({ limit_ms, onChange })
  })
  app.addHook('onClose', async () => watch?.stop())
  app.addHook('onRequest', (request, _reply, done) => {
    const tolerated = toleranceOf(request)
    const refuseIf = (is_too_much: boolean, reason: RefusalReason) => {
      if (is_too_much) countRefusal(reason)
      done(is_too_much ? refusal : undefined)
    }
    const is_late = (watch?.delay() ?? 0) > limit_ms * tolerated
    if (is_late || !isRead(request) || !isTooLong(queueStatus(), tolerated)) refuseIf(is_late, 'event_loop')
    else setTimeout(() => refuseIf(isTooLong(queueStatus(), tolerated), 'connection_queue'), pause_ms)
  })
}

function isTooLong({ waiting, wait_ms }: ReturnType<LoadSheddingOptions['queueStatus']>, tolerated: number): boolean {
  return waiting > queue_limit.waiting * tolerated && wait_ms > queue_limit.wait_ms * tolerated
}

const isRead = ({ method }: FastifyRequest) => method === 'GET' || method === 'HEAD'

function toleranceOf(request: FastifyRequest): number {
  const { headers, routeOptions } = request
  const { url = '' } = routeOptions
  if (/^\/(health|metrics)(\/|$)/.test(url)) return Number.POSITIVE_INFINITY
  if (!isRead(request)) return headers['idempotency-key'] === undefined ? tolerance.read : tolerance.keyed
  return isList(routeOptions) ? tolerance.list : tolerance.read
}

/** Routes with query parameters may read many rows, and exports read all of them. */
function isList({ url = '', schema }: FastifyRequest['routeOptions']): boolean {
  const { properties = {} } = (schema?.querystring ?? {}) as { properties?: object }
  return Object.keys(properties).length > 0 || url.endsWith('/export')
}
