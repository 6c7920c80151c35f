// Health of the process and its dependencies, cached for one second.
import sql from 'sql-template-tag'
import type { AppError } from './app-error.ts'
import type { Database } from './postgres/database.ts'
import type { ServerFinding } from './postgres/server-settings.ts'
import { isTransient, readSchemaVersion } from './schema-version.ts'
import {
  DatabaseUnavailableError,
  DatabaseUnsuitableError,
  QueryTimeoutError,
  SchemaDriftError,
  ShuttingDownError,
  TenancyFindingsError,
} from './server-errors.ts'
import type { TenancyWatch } from './tenancy/watch.ts'
import { cached } from './ttl-cache.ts'

export type ComponentStatus = 'ok' | 'error' | 'disabled'

/** starting: the process has just started, and there is no heartbeat yet. */
type WorkerStatus = ComponentStatus | 'starting'

/** The body of GET /health, without the error that a 503 adds. */
interface HealthReport {
  readonly status: 'ok' | 'degraded' | 'unavailable'
  readonly checks: { readonly db: ComponentStatus; readonly redis: ComponentStatus; readonly worker: WorkerStatus }
}

export interface Health {
  /** Never throws. Takes at most 500 ms, and is at most one second old. */
  report(): Promise<HealthReport>
  /** Whether this process should get requests. */
  isReady(): Promise<boolean>
  /** Why not: DB_UNAVAILABLE, DATABASE_UNSUITABLE, SCHEMA_DRIFT, TENANCY_FINDINGS or SHUTTING_DOWN; undefined when ready. */
  readinessError(): Promise<AppError | undefined>
  /** Sets the process to not ready, before it stops. */
  drain(): void
}

export interface HealthOptions {
  /** Resolves when the database answers. Uses its own connection, so that an exhausted pool is not an outage. */
  readonly probe: () => Promise<unknown>
  readonly db: Database
  readonly redis: { status(): Promise<ComponentStatus> }
  /** The version of the newest migration in this code: 14 digits. */
  readonly schema_version: string
  /** The findings about the server; not for the embedded database. The process is not ready while one is an error. */
  readonly server?: () => Promise<readonly ServerFinding[] | undefined>
  /** The process is not ready while it has findings. Undefined when findings are only logged. */
  readonly tenancy?: TenancyWatch
  /** How long after its creation a missing heartbeat is no error, in milliseconds (0): the worker starts after the API. */
  readonly worker_start_ms?: number
  /** A monotonic clock in milliseconds (performance.now). */
  readonly now?: () => number
}

const timeout_ms = 500
const second_ms = 1000

export function createHealth(options: HealthOptions): Health {
  const { probe, db, redis, schema_version, tenancy, now = () => performance.now() } = options
  const server = cached(now, loadServerFindings, () => 10 * second_ms)
  const worker_due = now() + (options.worker_start_ms ?? 0)
  let is_draining = false
  const report = cached(now, loadReport, () => second_ms)
  const schema = cached(now, loadSchemaStatus, (status) => (status === 'ok' ? 10 * second_ms : second_ms))

  async function loadReport(): Promise<HealthReport> {
    const [has_db, has_worker, redis_status] = await Promise.all([
      withTimeout(probe).then(() => true, returnFalse),
      withTimeout(() => hasHeartbeat(db)).catch(returnFalse),
      withTimeout(() => redis.status()).catch(() => 'error' as const),
    ])
    const worker = has_db && !has_worker && now() < worker_due ? 'starting' : statusOf(has_db && has_worker)
    const checks = { db: statusOf(has_db), redis: redis_status, worker } as const
    const is_degraded = checks.redis === 'error' || checks.worker === 'error'
    return { status: has_db ? (is_degraded ? 'degraded' : 'ok') : 'unavailable', checks }
  }

  /** Keeps the last findings when the server does not answer. */
  async function loadServerFindings(before?: readonly ServerFinding[]): Promise<readonly ServerFinding[]> {
    return (await options.server?.()) ?? before ?? []
  }

  /** Keeps the last status when the schema cannot be read, for example because the pool is exhausted. */
  async function loadSchemaStatus(before: SchemaStatus | undefined): Promise<SchemaStatus> {
    try {
      const found = await withTimeout(() => readSchemaVersion(db))
      return found !== null && found >= schema_version ? 'ok' : 'old'
    } catch (error) {
      return isTransient(error) ? (before ?? 'unknown') : 'old'
    }
  }

  async function readinessError(): Promise<AppError | undefined> {
    if (is_draining) return new ShuttingDownError()
    const [{ checks }, schema_status, findings] = await Promise.all([report(), schema(), server()])
    if (checks.db !== 'ok') return new DatabaseUnavailableError()
    const unsuitable = findings.find(({ severity }) => severity === 'error')
    if (unsuitable !== undefined) return new DatabaseUnsuitableError({ message: unsuitable.message })
    if (schema_status === 'unknown') return new DatabaseUnavailableError()
    if (schema_status === 'old') return new SchemaDriftError()
    return (await tenancy?.audit())?.status === 'findings' ? new TenancyFindingsError() : undefined
  }

  return {
    report,
    readinessError,
    isReady: async () => (await readinessError()) === undefined,
    drain: () => {
      is_draining = true
    },
  }
}

type SchemaStatus = 'ok' | 'old' | 'unknown'

const returnFalse = () => false

function statusOf(is_ok: boolean): ComponentStatus {
  return is_ok ? 'ok' : 'error'
}

/** Compares with the clock of the database, which also sets beat_at. The worker updates it several times in 45 s. */
async function hasHeartbeat(db: Database): Promise<boolean> {
  const row = await db.systemTx((tx) =>
    tx.maybe<{ is_fresh: boolean }>(sql`
      select h.beat_at > now() - interval '45 seconds' as is_fresh from app.heartbeats h where h.name = 'worker'`),
  )
  return row?.is_fresh ?? false
}

/** Rejects after 500 ms. The work is not cancelled; its result is ignored. */
function withTimeout<T>(work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new QueryTimeoutError()), timeout_ms)
    work()
      .finally(() => clearTimeout(timer))
      .then(resolve, reject)
  })
}
