// Runs the job handlers: starts when the database is available, recovers after outages, stops cleanly.
import { setTimeout as delay } from 'node:timers/promises'
import type { ConstructorOptions, Job, PgBoss } from 'pg-boss'
import { countJob } from '../counters.ts'
import type { Logger } from '../log.ts'
import type { Database } from '../postgres/database.ts'
import { traced } from '../trace.ts'
import { createBoss, errorCode, systemDb } from './boss.ts'

/** UUIDs only: the job tables have no row-level security and keep rows for days, so they must not hold personal data. */
export type JobData = Readonly<Record<`${string}_id`, string>>

export interface JobHandler {
  /** Schedule as a cron expression in UTC. Without it the job runs only when it is enqueued. */
  readonly cron?: string
  /** Jobs fetched at once (default 1) and run one after the other. When one fails, the whole batch is retried. */
  readonly batch_size?: number
  /** Runs at least once per job, so it must be idempotent. `signal` aborts when the worker stops or loses the job. */
  run(data: JobData, signal: AbortSignal): Promise<void>
}

export type JobHandlers = Readonly<Record<string, JobHandler>>

export interface JobsOptions {
  readonly db: Database
  readonly log: Logger
  readonly is_embedded: boolean
}

/** Five attempts with exponential backoff. Jobs of a dead worker are released after 30 s and found within another 10 s. */
export const queue_options = {
  retryLimit: 4,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 300,
  heartbeatSeconds: 30,
}
const poller_options = { pollingIntervalSeconds: 2, heartbeatRefreshSeconds: 10 }
const worker_options = { supervise: true, schedule: true, superviseIntervalSeconds: 10, monitorIntervalSeconds: 10 }

const retry_interval_ms = 1000
const stop_grace_ms = 8000
const stop_timeout_ms = 10_000

export interface JobsState extends JobsOptions {
  readonly outage: Outage
  readonly stopping: AbortController
  /** Job name -> id of its poller in `boss`. */
  readonly pollers: Map<string, string>
  handlers: JobHandlers
  /** Set when the worker has started. */
  boss?: PgBoss
}

export function newState(options: JobsOptions): JobsState {
  const outage = createOutageLog(options.log)
  return { ...options, outage, stopping: new AbortController(), pollers: new Map(), handlers: {} }
}

/** Creates a pg-boss on the deployment's database that reports to the log. Does not start it. */
export async function openBoss(state: JobsState, options: ConstructorOptions): Promise<PgBoss> {
  const boss = await createBoss({
    backend: state.is_embedded ? 'pglite' : 'postgres',
    monitorVacuum: !state.is_embedded, // PGlite has no autovacuum to watch
    db: systemDb(state.db, () => state.boss !== undefined && state.outage.end()),
    ...options,
  })
  boss.on('error', state.outage.begin)
  boss.on('warning', ({ message }) => state.log.warn({ warning: message }, 'job queue warning'))
  return boss
}

/** Never rejects. Each attempt uses a new instance: one that failed during its start keeps timers and does not schedule. */
export async function startOrRetry(state: JobsState): Promise<void> {
  const { outage, stopping } = state
  while (!stopping.signal.aborted) {
    const boss = await openBoss(state, worker_options)
    try {
      await boss.start()
      await register(state, boss)
      state.boss = boss
      return outage.end()
    } catch (error) {
      outage.begin(error)
      await boss.stop({ graceful: false, close: false }).catch(outage.begin)
      await delay(retry_interval_ms, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
}

/** Starts pollers last: a failure after the first poller would repeat the whole start while it runs. */
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

/** pg-boss stores the thrown error with the job. Only a code is thrown, because messages may contain personal data. */
async function handle(state: JobsState, handler: JobHandler, job: Job<JobData>): Promise<void> {
  const began_at = performance.now()
  try {
    const signal = AbortSignal.any([job.signal, state.stopping.signal])
    await traced(`job ${job.name}`, { 'roost.job_id': job.id }, () => handler.run(job.data ?? {}, signal))
    countJob(job.name, 'completed', began_at)
  } catch (error) {
    countJob(job.name, 'failed', began_at)
    const fields = { job: job.name, job_id: job.id, attempt: job.retryCount + 1, error: errorMessage(error) }
    state.log.error(fields, 'job failed')
    throw new Error(String(errorCode(error) ?? 'INTERNAL_ERROR'))
  } finally {
    wakePoller(state, job.name)
  }
}

/** Makes the poller of a job fetch now instead of at its next interval. */
export function wakePoller({ boss, pollers }: JobsState, name: string): void {
  boss?.notifyWorker(pollers.get(name) ?? '')
}

/** Waits 8 s for running jobs, then returns them to the queue. Resolves within 10 s even when the server does not respond. */
export async function stopWorker(state: JobsState, starting: Promise<void>): Promise<void> {
  state.stopping.abort()
  const stopped = starting.then(() => state.boss?.stop({ close: false, timeout: stop_grace_ms }))
  if (!(await settlesWithin(stop_timeout_ms, stopped))) state.log.warn('background jobs did not stop cleanly')
}

async function settlesWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController()
  const timeout = delay(ms, false, { signal: timer.signal }).catch(() => false)
  return await Promise.race([
    work.then(
      () => true,
      () => false,
    ),
    timeout,
  ]).finally(() => timer.abort())
}

interface Outage {
  isActive(): boolean
  begin(error: unknown): void
  end(): void
}

/** Logs the begin and the end of an outage, not the failed attempts in between. */
function createOutageLog(log: Logger): Outage {
  let is_active = false
  return {
    isActive: () => is_active,
    begin(error) {
      if (is_active) return
      is_active = true
      const message = errorMessage(error)
      const advice = /not installed|requires migrations/.test(message) ? '; run `roost migrate up`' : ''
      log.error({ error: message }, `background jobs interrupted, retrying${advice}`)
    },
    end() {
      if (is_active) log.info('background jobs resumed')
      is_active = false
    },
  }
}

const errorMessage = (error: unknown) => String((error as { message?: unknown } | undefined)?.message ?? error)
