// Load shedding: when the event loop lags for longer than a moment, requests are refused at once, the dearest first.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import type { Logger } from '../core/log.ts'
import { OverloadedError } from '../core/server-errors.ts'

/** How often the loop is asked whether it comes round. */
const tick_ms = 20

/** How long, and how many turns on end, the loop must be late before the first request is refused. */
const patience_ms = 500
const patience_turns = 3

/** How long it must keep up before it is given that patience again. */
const calm_ms = 1000

/**
 * How late each kind of request still is let in, as a multiple of the limit. Health probes have no line here: they are
 * always answered. A change with an Idempotency-Key comes last: its client will send it again, whatever we do.
 */
const tolerance = { list: 0.5, read: 1, keyed: 2 } as const

export interface LoopWatch {
  /** Milliseconds the loop is late right now, once it has been late for half a second; otherwise 0. */
  delay(): number
  stop(): void
}

export interface LoopWatchOptions {
  readonly limit_ms: number
  readonly onChange?: (is_overloaded: boolean) => void
  /** Milliseconds of a clock that never goes back; performance.now unless a test turns it. */
  readonly now?: () => number
}

/**
 * Watches the event loop by a timer of its own rather than by the histogram of perf_hooks: the histogram knows a turn only
 * when it is over, this knows how long the present one lasts already, so a turn that is full of requests is cut short.
 * One long task alone is no overload: nothing is refused before three turns in a row, and half a second, have been late.
 */
export function watchLoop({ limit_ms, onChange, now = () => performance.now() }: LoopWatchOptions): LoopWatch {
  const late_ms = limit_ms * tolerance.list
  let ticked_at = now()
  let lateness = 0
  let late_since: number | undefined
  let late_turns = 0
  let calm_since = ticked_at
  let is_overloaded = false

  function change(to: boolean): void {
    if (to === is_overloaded) return
    is_overloaded = to
    onChange?.(to)
  }

  function tick(): void {
    const before = ticked_at
    ticked_at = now()
    lateness = ticked_at - before - tick_ms
    if (lateness <= late_ms) {
      late_since = undefined
      late_turns = 0
      if (ticked_at - calm_since >= calm_ms) change(false)
      return
    }
    late_since ??= before
    late_turns += 1
    calm_since = ticked_at
    if (late_turns >= patience_turns && ticked_at - late_since >= patience_ms) change(true)
  }

  const timer = setInterval(tick, tick_ms)
  timer.unref()
  return {
    delay: () => (is_overloaded ? Math.max(lateness, now() - ticked_at - tick_ms) : 0),
    stop: () => clearInterval(timer),
  }
}

/** MAX_LOOP_DELAY; unset, 200 ms, and none with the embedded database: that one holds the loop whenever it works. */
export function delayLimit({ max_loop_delay, database_url }: Config): number | 'off' {
  return max_loop_delay ?? (database_url === undefined ? 'off' : 200)
}

/**
 * How long the line for a connection to the database may be, in people and in time, before another read joins it, with the
 * tolerance of its kind: who would wait for long had better ask again. Changes are never refused for it.
 */
const longest_line = { waiting: 200, wait_ms: 500 }

/**
 * So long such a read waits outside, and is refused if the line is still too long then. Clients that ask again as soon as they are
 * refused would otherwise take the time in which others are served: measured, 15,000 refusals a second and hardly an answer.
 */
const pause_ms = 200

/** One for all: to make an error, with its stack, takes longer than anything else about a refusal. */
const refusal = new OverloadedError()

export interface Shedding {
  readonly limit_ms: number | 'off'
  /** How many requests wait for a connection, and for how many milliseconds who joins them. */
  readonly line: () => { waiting: number; wait_ms: number }
  readonly log: Logger
  readonly watchWith?: (options: LoopWatchOptions) => LoopWatch
}

/** Refuses with 503 OVERLOADED while the process that listens is overloaded. Call it before whatever costs time. */
export function installShedding(app: FastifyInstance, { limit_ms, line, log, watchWith = watchLoop }: Shedding): void {
  if (limit_ms === 'off') return
  let watch: LoopWatch | undefined
  const onChange = (is_overloaded: boolean) =>
    is_overloaded
      ? log.warn('the event loop lags: requests are refused until it does not')
      : log.info('the event loop keeps up again')
  app.server.once('listening', () => {
    watch = watchWith({ limit_ms, onChange })
  })
  app.addHook('onClose', async () => watch?.stop())
  app.addHook('onRequest', (request, _reply, done) => {
    const tolerated = toleranceOf(request)
    const refuseIf = (is_too_much: boolean) => (is_too_much ? done(refusal) : done())
    const is_late = (watch?.delay() ?? 0) > limit_ms * tolerated
    if (is_late || !isRead(request) || !isLong(line(), tolerated)) refuseIf(is_late)
    else setTimeout(() => refuseIf(isLong(line(), tolerated)), pause_ms)
  })
}

function isLong({ waiting, wait_ms }: ReturnType<Shedding['line']>, tolerated: number): boolean {
  return waiting > longest_line.waiting * tolerated && wait_ms > longest_line.wait_ms * tolerated
}

const isRead = ({ method }: FastifyRequest) => method === 'GET' || method === 'HEAD'

function toleranceOf(request: FastifyRequest): number {
  const { headers, routeOptions } = request
  const { url = '' } = routeOptions
  if (/^\/health(\/|$)/.test(url)) return Number.POSITIVE_INFINITY
  if (!isRead(request)) return headers['idempotency-key'] === undefined ? tolerance.read : tolerance.keyed
  return isList(routeOptions) ? tolerance.list : tolerance.read
}

/** What takes parameters may answer with a hundred rows or look at many more; an export is all of them. */
function isList({ url = '', schema }: FastifyRequest['routeOptions']): boolean {
  const { properties = {} } = (schema?.querystring ?? {}) as { properties?: object }
  return Object.keys(properties).length > 0 || url.endsWith('/export')
}
