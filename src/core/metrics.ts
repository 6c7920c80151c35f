// The metrics of this process in the format of Prometheus. Loaded only when they are served.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import sql from 'sql-template-tag'
import { activity, jobs, refusal_reasons, refusals } from './counters.ts'
import { type MailStates, readMailStates } from './mail/outbox.ts'
import type { Database } from './postgres/database.ts'
import { cached } from './ttl-cache.ts'

export interface Metrics {
  readonly content_type: string
  /** All metrics as text. Takes at most half a second. */
  text(): Promise<string>
  /** `route` is a template such as /api/v1/bookings/:id, never a path: each value is a new series. */
  recordRequest(route: string, method: string, status: number, seconds: number): void
}

export interface MetricsOptions {
  readonly db: Pick<Database, 'status' | 'systemRead'>
  readonly version: string
}

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function createMetrics({ db, version }: MetricsOptions): Metrics {
  const registers = [new Registry()]
  const [registry] = registers as [Registry]
  collectDefaultMetrics({ register: registry })
  new Gauge({ name: 'roost_build_info', help: 'Always 1.', labelNames: ['version'], registers }).set({ version }, 1)
  const requests = new Histogram({
    name: 'roost_http_request_duration_seconds',
    help: 'Duration of requests. Requests that match no route have the route "none".',
    labelNames: ['route', 'method', 'status'],
    buckets,
    registers,
  })
  addDatabaseMetrics(registers, db)
  addCounters(registers)
  addWorkerMetrics(registers, db)
  addMailMetrics(registers, db)
  return {
    content_type: registry.contentType,
    text: () => registry.metrics(),
    recordRequest(route, method, status, seconds) {
      requests.observe({ route, method, status: `${Math.floor(status / 100)}xx` }, seconds)
    },
  }
}

type Registers = Registry[]

/** A gauge that is read when the metrics are requested. Without a value the metric has no sample. */
function addGauge(
  registers: Registers,
  name: string,
  help: string,
  read: () => number | undefined | Promise<number | undefined>,
) {
  new Gauge({
    name,
    help,
    registers,
    async collect() {
      const value = await read()
      if (value === undefined) this.remove()
      else this.set(value)
    },
  })
}

function addDatabaseMetrics(registers: Registers, db: MetricsOptions['db']): void {
  const pool = () => db.status().pool
  const busy = () => pool().open - pool().idle
  addGauge(registers, 'roost_database_pool_size', 'Connections that this process may open.', () => pool().size)
  addGauge(registers, 'roost_database_pool_open', 'Open connections.', () => pool().open)
  addGauge(registers, 'roost_database_pool_busy', 'Connections that run a transaction.', busy)
  addGauge(registers, 'roost_database_pool_waiting', 'Requests that wait for a connection.', () => pool().waiting)
  addGauge(
    registers,
    'roost_tenant_limiter_waiting',
    'Requests that wait because their agency uses its share of the connections.',
    () => db.status().tenants_waiting,
  )
  addGauge(registers, 'roost_database_breaker_open', '1 while requests are refused because the database is down.', () =>
    Number(db.status().is_breaker_open),
  )
}

/** A counter whose values are kept by counters.ts. */
function addCounter<L extends string>(
  registers: Registers,
  [name, help]: readonly [name: string, help: string],
  labelNames: readonly L[],
  read: () => Iterable<readonly [Partial<Record<L, string>>, number]>,
): void {
  new Counter({
    name,
    help,
    labelNames,
    registers,
    collect() {
      this.reset()
      for (const [labels, value] of read()) this.inc(labels, value)
    },
  })
}

function addCounters(registers: Registers): void {
  const refused = ['roost_refusals_total', 'Requests refused before their work began.'] as const
  addCounter(registers, refused, ['reason'], () => refusal_reasons.map((reason) => [{ reason }, refusals[reason]]))
  const replays = ['roost_idempotency_replays_total', 'Responses repeated for an Idempotency-Key.'] as const
  addCounter(registers, replays, [], () => [[{}, activity.replays]])
  addCounter(registers, ['roost_jobs_total', 'Runs of background jobs.'], ['job', 'result'], () =>
    [...jobs].flatMap(([job, { completed, failed }]) => [
      [{ job, result: 'completed' }, completed] as const,
      [{ job, result: 'failed' }, failed] as const,
    ]),
  )
  addCounter(registers, ['roost_job_seconds_total', 'Duration of all runs of background jobs.'], ['job'], () =>
    [...jobs].map(([job, { seconds }]) => [{ job }, seconds]),
  )
}

function addWorkerMetrics(registers: Registers, db: MetricsOptions['db']): void {
  addGauge(
    registers,
    'roost_audit_sealing_lag_seconds',
    'Age of the oldest entry of the audit log that may be unsealed. Only in the process that seals.',
    () => (activity.sealed_at === undefined ? undefined : (performance.now() - activity.sealed_at) / 1000),
  )
  const heartbeat = cached(
    () => performance.now(),
    () => readHeartbeatAge(db),
    () => 5000,
  )
  addGauge(registers, 'roost_worker_heartbeat_age_seconds', 'Age of the heartbeat of the background worker.', heartbeat)
}

/** Undefined when the database does not answer within half a second. */
async function inTime<T>(read: Promise<T>): Promise<T | undefined> {
  const { promise: timeout, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), 500)
  const found = await Promise.race([read.catch(() => undefined), timeout])
  clearTimeout(timer)
  return found
}

function addMailMetrics(registers: Registers, db: MetricsOptions['db']): void {
  const states = cached(
    () => performance.now(),
    () => inTime(readMailStates(db)),
    () => 5000,
  )
  const ageOf = ({ oldest_at }: MailStates) => (oldest_at === null ? 0 : (Date.now() - Date.parse(oldest_at)) / 1000)
  addGauge(registers, 'roost_mail_waiting', 'E-mails that are not sent yet.', async () => (await states())?.waiting)
  addGauge(
    registers,
    'roost_mail_oldest_waiting_seconds',
    'Age of the oldest e-mail that is not sent yet.',
    async () => {
      const found = await states()
      return found && ageOf(found)
    },
  )
  addGauge(
    registers,
    'roost_mail_failed',
    'E-mails of the last seven days that could not be delivered.',
    async () => (await states())?.failed,
  )
}

/** Undefined when the database does not answer within half a second, or no worker has ever run. */
async function readHeartbeatAge(db: MetricsOptions['db']): Promise<number | undefined> {
  const read = db.systemRead((tx) =>
    tx.maybe<{ age: number }>(sql`
      select extract(epoch from now() - h.beat_at) as age from app.heartbeats h where h.name = 'worker'`),
  )
  const row = await inTime(read)
  return row?.age
}
