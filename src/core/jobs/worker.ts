// The worker side of the queue: starts when the database is there, runs handlers, heals after outages, stops cleanly.
import { setTimeout as delay } from 'node:timers/promises'
import type { ConstructorOptions, Job, PgBoss } from 'pg-boss'
import type { Logger } from '../log.ts'
import type { Database } from '../postgres/database.ts'
import { codeOf, createBoss, systemDb } from './boss.ts'

/** Ids only (uuid): job tables know no agency and keep their rows for days, so nobody's data goes in. */
export type JobData = Readonly<Record<`${string}_id`, string>>

export interface JobHandler {
  /** When it runs by itself, as a cron expression in UTC; left out: only when somebody enqueues it. */
  readonly cron?: string
  /** How many jobs are fetched at once (1) and run one after the other; when one fails, all of them run again. */
  readonly batch_size?: number
  /** Runs at least once per job, so twice must do no harm. `signal` aborts when the worker stops or lost the job. */
  run(data: JobData, signal: AbortSignal): Promise<void>
}

export type JobHandlers = Readonly<Record<string, JobHandler>>

export interface JobsOptions {
  readonly db: Database
  readonly log: Logger
  readonly is_embedded: boolean
}

/** Five tries with growing pauses. The jobs of a worker that died are free after 30 s, found by the others within 10. */
export const queue_options = {
  retryLimit: 4,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 300,
  heartbeatSeconds: 30,
}
const poller_options = { pollingIntervalSeconds: 2, heartbeatRefreshSeconds: 10 }
const worker_options = { supervise: true, schedule: true, superviseIntervalSeconds: 10, monitorIntervalSeconds: 10 }

const retry_ms = 1000
const grace_ms = 8000
const stop_ms = 10_000

export interface JobsState extends JobsOptions {
  readonly outage: Outage
  readonly stopping: AbortController
  /** Job name -> the id of its poller in `boss`. */
  readonly pollers: Map<string, string>
  handlers: JobHandlers
  /** Set when everything is started. */
  boss?: PgBoss
}

export function newState(options: JobsOptions): JobsState {
  const outage = watchOutage(options.log)
  return { ...options, outage, stopping: new AbortController(), pollers: new Map(), handlers: {} }
}

/** A pg-boss on our database that reports to the log; not started. */
export async function openBoss(state: JobsState, options: ConstructorOptions): Promise<PgBoss> {
  const boss = await createBoss({
    backend: state.is_embedded ? 'pglite' : 'postgres',
    monitorVacuum: !state.is_embedded, // PGlite has no autovacuum to watch
    db: systemDb(state.db, () => state.boss !== undefined && state.outage.ended()),
    ...options,
  })
  boss.on('error', state.outage.began)
  boss.on('warning', ({ message }) => state.log.warn({ warning: message }, 'the job queue warns'))
  return boss
}

/** Never rejects. A new instance for each try: one that failed half-way keeps timers, and would not schedule later. */
export async function startOrRetry(state: JobsState): Promise<void> {
  const { outage, stopping } = state
  while (!stopping.signal.aborted) {
    const boss = await openBoss(state, worker_options)
    try {
      await boss.start()
      await register(state, boss)
      state.boss = boss
      return outage.ended()
    } catch (error) {
      outage.began(error)
      await boss.stop({ graceful: false, close: false }).catch(outage.began)
      await delay(retry_ms, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
}

/** Pollers last: once one runs, nothing may fail that would start all of this again. */
async function register(state: JobsState, boss: PgBoss): Promise<void> {
  const handlers = Object.entries(state.handlers)
  for (const [name, { cron }] of handlers) {
    await boss.createQueue(name, queue_options)
    await boss.updateQueue(name, queue_options)
    if (cron !== undefined) await boss.schedule(name, cron)
  }
  for (const [name, handler] of handlers) {
    const options = { ...poller_options, batchSize: handler.batch_size ?? 1 }
    const poller = await boss.work<JobData>(name, options, async (jobs) => {
      for (const job of jobs) await handle(state, handler, job)
    })
    state.pollers.set(name, poller)
  }
}

/** pg-boss keeps what a handler throws beside the job: only a code, because messages may quote data. */
async function handle(state: JobsState, handler: JobHandler, job: Job<JobData>): Promise<void> {
  try {
    await handler.run(job.data ?? {}, AbortSignal.any([job.signal, state.stopping.signal]))
  } catch (error) {
    const fields = { job: job.name, job_id: job.id, attempt: job.retryCount + 1, error: messageOf(error) }
    state.log.error(fields, 'a job failed')
    throw new Error(String(codeOf(error) ?? 'INTERNAL_ERROR'))
  } finally {
    wake(state, job.name)
  }
}

/** The next job is fetched at once, not at the next poll. */
export function wake({ boss, pollers }: JobsState, name: string): void {
  boss?.notifyWorker(pollers.get(name) ?? '')
}

/** Running jobs may finish within the grace; then they go back to the queue. Returns in 10 s, even from a frozen server. */
export async function stopWorker(state: JobsState, starting: Promise<void>): Promise<void> {
  state.stopping.abort()
  const stopped = starting.then(() => state.boss?.stop({ close: false, timeout: grace_ms }))
  if (!(await settlesWithin(stop_ms, stopped))) state.log.warn('background work did not stop cleanly')
}

async function settlesWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController()
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false)
  return await Promise.race([
    work.then(
      () => true,
      () => false,
    ),
    late,
  ]).finally(() => timer.abort())
}

interface Outage {
  isOn(): boolean
  began(error: unknown): void
  ended(): void
}

/** Says when background work stands still and when it goes on, not every failed try in between. */
function watchOutage(log: Logger): Outage {
  let is_on = false
  return {
    isOn: () => is_on,
    began(error) {
      if (is_on) return
      is_on = true
      const message = messageOf(error)
      const advice = /not installed|requires migrations/.test(message) ? '; run `roost migrate up`' : ''
      log.error({ error: message }, `background work stands still and is tried again${advice}`)
    },
    ended() {
      if (is_on) log.info('background work goes on')
      is_on = false
    },
  }
}

const messageOf = (error: unknown) => String((error as { message?: unknown } | undefined)?.message ?? error)
