// What works and what does not, looked at once a second at most.
import sql from 'sql-template-tag'
import { AppError } from './app-error.ts'
import type { Database } from './postgres/database.ts'
import type { ServerFinding } from './postgres/server-settings.ts'
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

export type Part = 'ok' | 'error' | 'disabled'

/** The answer of GET /health without the error that goes with a 503. */
export interface HealthReport {
  readonly status: 'ok' | 'degraded' | 'unavailable'
  readonly checks: { readonly db: Part; readonly redis: Part; readonly worker: Part }
}

export interface Health {
  /** Never throws, never takes longer than the 500 ms of its probes; at most one second old. */
  report(): Promise<HealthReport>
  /** Whether this process should get requests: the database answers, its schema is new enough, nobody asked to stop. */
  isReady(): Promise<boolean>
  /** Why not, as the error a caller is told: DB_UNAVAILABLE, DATABASE_UNSUITABLE, SCHEMA_DRIFT, TENANCY_FINDINGS or SHUTTING_DOWN. Undefined when ready. */
  obstacle(): Promise<AppError | undefined>
  /** From now on not ready: the process is about to stop. */
  drain(): void
}

export interface HealthOptions {
  /** Resolves when the database answers; on a connection of its own, so that a busy pool is not an outage. */
  readonly probe: () => Promise<unknown>
  readonly db: Database
  readonly redis: { status(): Promise<Part> }
  /** The newest migration this code knows: 14 digits. */
  readonly schema_version: string
  /** What is wrong with the server; left out for the embedded database. An error keeps this process from becoming ready. */
  readonly server?: () => Promise<readonly ServerFinding[] | undefined>
  /** Findings of it keep this process from becoming ready; left out where they are only told. */
  readonly tenancy?: TenancyWatch
  /** Milliseconds of a clock that never goes back; performance.now unless a test turns it. */
  readonly now?: () => number
}

const budget_ms = 500
const second = 1000

export function createHealth(options: HealthOptions): Health {
  const { probe, db, redis, schema_version, tenancy, now = () => performance.now() } = options
  const server = cached(now, judgeServer, () => 10 * second)
  let is_draining = false
  const report = cached(now, look, () => second)
  const schema = cached(now, judgeSchema, (verdict) => (verdict === 'ok' ? 10 * second : second))

  async function look(): Promise<HealthReport> {
    const [answered, beats, redis_part] = await Promise.all([
      within(probe).then(() => true, no),
      within(() => hasHeartbeat(db)).catch(no),
      within(() => redis.status()).catch(() => 'error' as const),
    ])
    const checks = { db: part(answered), redis: redis_part, worker: part(answered && beats) }
    const is_degraded = checks.redis === 'error' || checks.worker === 'error'
    return { status: answered ? (is_degraded ? 'degraded' : 'ok') : 'unavailable', checks }
  }

  /** A server that does not answer says nothing about its settings: what was known before still holds. */
  async function judgeServer(before?: readonly ServerFinding[]): Promise<readonly ServerFinding[]> {
    return (await options.server?.()) ?? before ?? []
  }

  /** A pool that is busy says nothing about the schema: what was known before still holds. */
  async function judgeSchema(before: Verdict | undefined): Promise<Verdict> {
    try {
      const found = await within(() => schemaVersion(db))
      return found !== null && found >= schema_version ? 'ok' : 'old'
    } catch (error) {
      return isPassing(error) ? (before ?? 'unknown') : 'old'
    }
  }

  async function obstacle(): Promise<AppError | undefined> {
    if (is_draining) return new ShuttingDownError()
    const [{ checks }, verdict, findings] = await Promise.all([report(), schema(), server()])
    if (checks.db !== 'ok') return new DatabaseUnavailableError()
    const unsuitable = findings.find(({ severity }) => severity === 'error')
    if (unsuitable !== undefined) return new DatabaseUnsuitableError({ message: unsuitable.message })
    if (verdict === 'unknown') return new DatabaseUnavailableError()
    if (verdict === 'old') return new SchemaDriftError()
    return (await tenancy?.audit())?.status === 'findings' ? new TenancyFindingsError() : undefined
  }

  return {
    report,
    obstacle,
    isReady: async () => (await obstacle()) === undefined,
    drain: () => {
      is_draining = true
    },
  }
}

type Verdict = 'ok' | 'old' | 'unknown'

const no = () => false

function part(is_ok: boolean): Part {
  return is_ok ? 'ok' : 'error'
}

/** By the database's clock, which wrote the beat. The worker beats several times in that span. */
async function hasHeartbeat(db: Database): Promise<boolean> {
  const row = await db.systemTx((tx) =>
    tx.maybe<{ is_fresh: boolean }>(sql`
      select h.beat_at > now() - interval '45 seconds' as is_fresh from app.heartbeats h where h.name = 'worker'`),
  )
  return row?.is_fresh ?? false
}

async function schemaVersion(db: Database): Promise<string | null> {
  const row = await db.systemTx((tx) => tx.one<{ version: string | null }>(sql`select app.schema_version() as version`))
  return row.version
}

/** Whether the question could not be put, as opposed to: this schema has no answer to it. */
function isPassing(error: unknown): boolean {
  return error instanceof AppError && error.status === 503 && !(error instanceof SchemaDriftError)
}

/** The work, given up after 500 ms; what it still does then is nobody's concern. */
function within<T>(work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new QueryTimeoutError()), budget_ms)
    work()
      .finally(() => clearTimeout(timer))
      .then(resolve, reject)
  })
}
