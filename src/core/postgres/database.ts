// Runs transactions with the tenant context, and retries them only when nothing was saved.
import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'
import sql, { empty } from 'sql-template-tag'
import type { Actor } from '../auth/actors.ts'
import { countRefusal } from '../counters.ts'
import {
  CommitUnknownError,
  DatabaseUnavailableError,
  PoolExhaustedError,
  QueryTimeoutError,
} from '../server-errors.ts'
import { createRecheck } from './actor-recheck.ts'
import type { Breaker } from './breaker.ts'
import { isInfrastructure, isSqlstate, translateError } from './database-errors.ts'
import { createLeases, type Leases } from './leases.ts'
import type { ReadCost } from './read-cost.ts'
import { createScanSlots } from './scan-slots.ts'
import { sessionSettings } from './session-settings.ts'
import { createTenantLimiter } from './tenant-limiter.ts'
import {
  type ConnectionOptions,
  type Progress,
  runTransaction,
  type SystemTx,
  type TransactionOptions,
  type Tx,
} from './transaction.ts'

export interface Database {
  /**
   * A transaction of one agency: begins, sets role and claims, runs `work`, commits. Rolls back when `work` throws.
   * `began_at` (performance.now): the start of the request's time limit, when it has already waited in a queue.
   */
  tenantTx<T>(actor: Actor, work: (tx: Tx) => Promise<T>, began_at?: number): Promise<T>
  /** The same, READ ONLY. A read of cost `scan` waits for a slot (scan-slots.ts) and has a statement timeout of 2 s. */
  tenantRead<T>(actor: Actor, work: (tx: Tx) => Promise<T>, cost?: ReadCost): Promise<T>
  /** Without an agency (sign-in, jobs, operations), as the role roost_system: sees only what its policies allow. */
  systemTx<T>(work: (tx: SystemTx) => Promise<T>): Promise<T>
  /** The same, READ ONLY, so it never throws CommitUnknownError. */
  systemRead<T>(work: (tx: SystemTx) => Promise<T>): Promise<T>
  /**
   * How many requests wait for a connection, in the pool's queue or in their agency's queue, and the expected wait of the
   * next one in milliseconds (Infinity while that is not known).
   */
  queueStatus(): { waiting: number; wait_ms: number }
  status(): DatabaseStatus
  close(): Promise<void>
}

interface DatabaseStatus {
  readonly is_breaker_open: boolean
  /** Connections of the pool, and requests that wait for one. */
  readonly pool: { readonly size: number; readonly open: number; readonly idle: number; readonly waiting: number }
  /** Requests of all agencies that wait because their agency uses its share. */
  readonly tenants_waiting: number
}

export interface DatabaseOptions extends Omit<ConnectionOptions, 'leases'> {
  readonly pool: Pool
  readonly breaker: Breaker
  readonly log?: { error(fields: object, text: string): void }
  /** Time limit of a request's transaction with its retries, in milliseconds (9000). */
  readonly request_ms?: number
}

/** The timeouts increase in this order: lock, statement, the query timeout (7 s), request, idle in transaction. */
const idle_limit = sql`set_config('idle_in_transaction_session_timeout', '10000', true)`
const default_limits = sql`set_config('lock_timeout', '2000', true), set_config('statement_timeout', '5000', true), ${idle_limit}`

/** Without parallel workers and JIT compilation: both would take processor time from other requests. */
const scan_limits = sql`set_config('lock_timeout', '1000', true), set_config('statement_timeout', '2000', true), ${idle_limit},
  set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true)`

const read_only = sql`set_config('transaction_read_only', 'on', true)`

const reconnect_limit_ms = 1500
const max_attempts = 3
const request_limit_ms = 9000

function recordFailure(breaker: Breaker, error: unknown): void {
  if (isInfrastructure(error)) breaker.recordFailure()
  else if (error instanceof PoolExhaustedError) breaker.recordSaturation()
}

function poolExhausted(breaker: Breaker): PoolExhaustedError {
  countRefusal('tenant_queue')
  breaker.recordSaturation()
  return new PoolExhaustedError()
}

/** An attempt to run a transaction. The first one has number 1; `started` is its start, also for the later ones. */
interface Attempt {
  readonly number: number
  readonly started: number
  readonly prepared: boolean
}

export function createDatabase(options: DatabaseOptions): Database {
  const { breaker, pool } = options
  const leases = createLeases(pool)
  const tenantLimiter = createTenantLimiter({
    pool_size: pool.options.max,
    isQueueTooLong: leases.isQueueTooLong,
    refuse: () => poolExhausted(breaker),
  })
  // Half of the pool: the other half stays free for indexed reads and writes.
  const scans = createScanSlots({ total: Math.max(1, Math.floor(pool.options.max / 2)) })
  pool.on('error', (error) => options.log?.error({ error: error.message }, 'an idle database connection failed'))

  async function run<T>(
    transaction: TransactionOptions,
    work: (tx: SystemTx) => Promise<T>,
    attempt: Attempt = { number: 1, started: performance.now(), prepared: options.prepared },
  ): Promise<T> {
    if (breaker.isOpen()) throw new DatabaseUnavailableError()
    const { number, prepared } = attempt
    const progress = { has_begun: false, is_stale: false }
    try {
      const result = await runTransaction({ ...options, leases, prepared }, transaction, work, progress)
      breaker.recordSuccess()
      return result
    } catch (error) {
      if (isWriteInRead(error, transaction)) throw error
      recordFailure(breaker, error)
      if (!canRetry(error, transaction, progress, attempt)) throw translateError(error) ?? error
    }
    await delay(20 * number + Math.random() * 50)
    // Other connections may have the same stale statement, so the retry uses no prepared statements.
    return run(transaction, work, { ...attempt, number: number + 1, prepared: prepared && !progress.is_stale })
  }

  async function runForTenant<T>(kind: Kind, actor: Actor, deadline: number, work: (tx: Tx) => Promise<T>): Promise<T> {
    if (breaker.isOpen()) throw new DatabaseUnavailableError()
    const { agency_id, request } = actor
    const recheck = createRecheck(actor)
    const client = { signal: request?.signal, deadline }
    const transaction = { ...transactionOf(kind, 'roost_tenant', claimsOf(actor)), ...recheck, ...client }
    const attempt = (tx: SystemTx) => {
      recheck.reset()
      return work({ ...tx, actor, agency_id, requireActor: () => recheck.now(tx) })
    }
    const entry = { ...client, is_read: kind === 'indexed' }
    return tenantLimiter.run(actor, entry, () => run(transaction, attempt))
  }

  return {
    tenantTx: (actor, work, began_at) => runForTenant('write', actor, deadlineOf(actor, options, began_at), work),
    tenantRead(actor, work, cost = 'indexed') {
      const deadline = deadlineOf(actor, options)
      const read = () => runForTenant(cost, actor, deadline, work)
      return cost === 'scan' ? scans.run(actor.agency_id, actor.request?.signal, read).catch(addAdvice) : read()
    },
    systemTx: (work) => run(transactionOf('write', 'roost_system', ''), work),
    systemRead: (work) => run(transactionOf('indexed', 'roost_system', ''), work),
    queueStatus: () => queueStatusOf(leases, leases.waiting() + tenantLimiter.waiting()),
    status: () => ({ ...statusOf(pool, breaker, leases), tenants_waiting: tenantLimiter.waiting() }),
    close: async () => {
      breaker.stop()
      await pool.end()
    },
  }
}

function queueStatusOf(leases: Leases, waiting: number): ReturnType<Database['queueStatus']> {
  return { waiting, wait_ms: leases.wait_ms(waiting) }
}

function statusOf(pool: Pool, breaker: Breaker, leases: Leases): Omit<DatabaseStatus, 'tenants_waiting'> {
  const { options, totalCount: open, idleCount: idle } = pool
  return { is_breaker_open: breaker.isOpen(), pool: { size: options.max, open, idle, waiting: leases.waiting() } }
}

/**
 * Whether nothing was saved and another attempt may succeed: a prepared statement was stale, the connection failed before
 * BEGIN or during a read, or the transaction had a serialization failure or a deadlock.
 */
function canRetry(
  error: unknown,
  { is_read }: TransactionOptions,
  { has_begun, is_stale }: Progress,
  { number, started, prepared }: Attempt,
): boolean {
  // The transaction may have been committed.
  if (error instanceof CommitUnknownError) return false
  if (is_stale && prepared) return true
  const has_attempts_left = number < max_attempts
  if (isInfrastructure(error))
    return (!has_begun || (is_read && has_attempts_left)) && performance.now() - started < reconnect_limit_ms
  return has_begun && isSqlstate(error, '40001', '40P01') && has_attempts_left
}

/** A write in a read is a bug. The same SQLSTATE in a write means that the server has become read-only. */
function isWriteInRead(error: unknown, { is_read }: TransactionOptions): boolean {
  return is_read && isSqlstate(error, '25006')
}

/** Repeating the same scan takes as long again, so the error advises to narrow it. */
function addAdvice(error: unknown): never {
  if (!(error instanceof QueryTimeoutError)) throw error
  const message =
    'The search took too long. Request less data, for example a shorter range of dates, or use fewer filters.'
  throw new QueryTimeoutError({ message, cause: error })
}

/** Only requests have a deadline; commands, jobs and imports, which have the rights of the operator, have none. */
function deadlineOf(
  { request_id, role }: Actor,
  { request_ms }: DatabaseOptions,
  began_at = performance.now(),
): number {
  return request_id === undefined || role === 'operator' ? Infinity : began_at + (request_ms ?? request_limit_ms)
}

function claimsOf(actor: Actor): string {
  return JSON.stringify({ sub: actor.id, agency_id: actor.agency_id, app_role: actor.role })
}

type Kind = 'write' | ReadCost

/** Role and claims are local to the transaction, so a pooled connection carries no tenant context to the next one. */
function transactionOf(kind: Kind, role: 'roost_tenant' | 'roost_system', claims: string): TransactionOptions {
  const is_read = kind !== 'write'
  const context = sql`select set_config('role', ${role}, true), set_config('request.jwt.claims', ${claims}, true), ${sessionSettings}, ${kind === 'scan' ? scan_limits : default_limits}${
    is_read ? sql`, ${read_only}` : empty
  }, now() as began_at`
  return { context, is_read }
}
