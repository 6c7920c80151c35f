// The database as features see it: transactions that know their agency, retried only while nothing can have been saved.
import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'
import sql, { empty } from 'sql-template-tag'
import type { Actor } from '../auth/permissions.ts'
import {
  CommitUnknownError,
  DatabaseUnavailableError,
  PoolExhaustedError,
  QueryTimeoutError,
} from '../server-errors.ts'
import type { Breaker } from './breaker.ts'
import { isInfrastructure, isSqlstate, translate } from './database-errors.ts'
import { createLeases } from './leases.ts'
import type { ReadCost } from './read-cost.ts'
import { createRecheck } from './rechecks.ts'
import { createScanSlots } from './scan-slots.ts'
import { sessionSettings } from './session-settings.ts'
import { createTenantLimiter } from './tenant-limiter.ts'
import { attemptOnce, type ConnectionOptions, type Opening, type SystemTx, type Tx } from './transaction.ts'

export interface Database {
  /**
   * One agency's transaction: begins, sets role and claims, runs `work`, commits. Any throw rolls back. `began_at`: when its
   * request joined a queue before (performance.now), since the time for a request includes that.
   */
  tenantTx<T>(actor: Actor, work: (tx: Tx) => Promise<T>, began_at?: number): Promise<T>
  /** The same, READ ONLY. `cost`: what it reads (indexed); a scan waits for a slot (scan-slots.ts) and has 2 s for a statement. */
  tenantRead<T>(actor: Actor, work: (tx: Tx) => Promise<T>, cost?: ReadCost): Promise<T>
  /** Before an agency is known (sign-in, jobs, operations): the role sees only what policies name. */
  systemTx<T>(work: (tx: SystemTx) => Promise<T>): Promise<T>
  /** The same, READ ONLY: when it fails there is never a question whether something was saved. */
  systemRead<T>(work: (tx: SystemTx) => Promise<T>): Promise<T>
  /**
   * How many wait for a connection, in the pool's line or in their agency's, and for how many milliseconds who joins them;
   * Infinity while the line is too young to tell.
   */
  line(): { waiting: number; wait_ms: number }
  close(): Promise<void>
}

export interface DatabaseOptions extends Omit<ConnectionOptions, 'leases'> {
  readonly pool: Pool
  readonly breaker: Breaker
  readonly log?: { error(fields: object, text: string): void }
  /** How long a transaction of a request may take in all, its repetitions included (9000). */
  readonly request_ms?: number
}

/** Each limit is below the next: lock < statement < the driver's own query timeout (7 s) < request < idle in transaction. */
const idle_limit = sql`set_config('idle_in_transaction_session_timeout', '10000', true)`
const limits = sql`set_config('lock_timeout', '2000', true), set_config('statement_timeout', '5000', true), ${idle_limit}`

/** A scan uses one processor, and compiles no plan: both would be taken from others. */
const scanLimits = sql`set_config('lock_timeout', '1000', true), set_config('statement_timeout', '2000', true), ${idle_limit},
  set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true)`

const readOnly = sql`set_config('transaction_read_only', 'on', true)`

const setup_budget_ms = 1500
const contention_attempts = 3
const request_budget_ms = 9000

function tellBreaker(breaker: Breaker, error: unknown): void {
  if (isInfrastructure(error)) breaker.failed()
  else if (error instanceof PoolExhaustedError) breaker.suspected()
}

function full(breaker: Breaker): PoolExhaustedError {
  breaker.suspected()
  return new PoolExhaustedError()
}

/** One of the attempts to run a transaction: the first is number 1, and `started` is when that began. */
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
    isTooLong: leases.isTooLong,
    refuse: () => full(breaker),
  })
  // Half of the pool: the other half stays for what costs little.
  const scans = createScanSlots({ total: Math.max(1, Math.floor(pool.options.max / 2)) })
  pool.on('error', (error) => options.log?.error({ error: error.message }, 'an idle database connection broke'))

  async function run<T>(
    opening: Opening,
    work: (tx: SystemTx) => Promise<T>,
    attempt: Attempt = { number: 1, started: performance.now(), prepared: options.prepared },
  ): Promise<T> {
    if (breaker.isOpen()) throw new DatabaseUnavailableError()
    const { number, prepared } = attempt
    const progress = { has_begun: false, is_stale: false }
    try {
      const result = await attemptOnce({ ...options, leases, prepared }, opening, work, progress)
      breaker.succeeded()
      return result
    } catch (error) {
      if (isOurs(error, opening)) throw error
      tellBreaker(breaker, error)
      // A change that may have been saved is not made again, whatever failed in it before.
      const is_outdated = progress.is_stale && prepared && !(error instanceof CommitUnknownError)
      if (!is_outdated && !mayRetry(error, opening, progress.has_begun, attempt)) throw translate(error) ?? error
    }
    await delay(20 * number + Math.random() * 50)
    // Other connections may have the same outdated statement: from then on nothing is prepared.
    return run(opening, work, { ...attempt, number: number + 1, prepared: prepared && !progress.is_stale })
  }

  async function tenant<T>(kind: Kind, actor: Actor, deadline: number, work: (tx: Tx) => Promise<T>): Promise<T> {
    if (breaker.isOpen()) throw new DatabaseUnavailableError()
    const { agency_id, request } = actor
    const recheck = createRecheck(actor)
    const client = { signal: request?.signal, deadline }
    const opening = { ...openingOf(kind, 'authenticated', claimsOf(actor)), ...recheck, ...client }
    const attempt = (tx: SystemTx) => {
      recheck.restart()
      return work({ ...tx, actor, agency_id, requireActor: () => recheck.now(tx) })
    }
    return tenantLimiter.run(actor, client, () => run(opening, attempt))
  }

  return {
    tenantTx: (actor, work, began_at) => tenant('write', actor, deadlineOf(actor, options, began_at), work),
    tenantRead(actor, work, cost = 'indexed') {
      const deadline = deadlineOf(actor, options)
      const read = () => tenant(cost, actor, deadline, work)
      return cost === 'scan' ? scans.run(actor.agency_id, actor.request?.signal, read).catch(advise) : read()
    },
    systemTx: (work) => run(openingOf('write', 'roost_system', ''), work),
    systemRead: (work) => run(openingOf('indexed', 'roost_system', ''), work),
    line() {
      const waiting = leases.waiting() + tenantLimiter.waiting()
      return { waiting, wait_ms: leases.wait_ms(waiting) }
    },
    close: async () => {
      breaker.stop()
      await pool.end()
    },
  }
}

/**
 * Lost against another transaction, or never got as far as BEGIN: nothing was saved, so it may run again. Nor has a read saved
 * anything whose connection breaks.
 */
function mayRetry(error: unknown, { is_read }: Opening, has_begun: boolean, { number, started }: Attempt): boolean {
  const is_early = number < contention_attempts
  if (isInfrastructure(error))
    return (!has_begun || (is_read && is_early)) && performance.now() - started < setup_budget_ms
  return has_begun && isSqlstate(error, '40001', '40P01') && is_early
}

/** A write in a transaction that only reads is a bug of ours; in another one the server itself has become read-only. */
function isOurs(error: unknown, { is_read }: Opening): boolean {
  return is_read && isSqlstate(error, '25006')
}

/** A scan that took too long takes as long the next time. */
function advise(error: unknown): never {
  if (!(error instanceof QueryTimeoutError)) throw error
  const message = 'The search took too long. Ask for less, for example by dates, or without some of the filters.'
  throw new QueryTimeoutError({ message, cause: error })
}

/** Commands may take their time: nobody in front of them has given up by then. */
function deadlineOf({ request_id }: Actor, { request_ms }: DatabaseOptions, began_at = performance.now()): number {
  return request_id === undefined ? Infinity : began_at + (request_ms ?? request_budget_ms)
}

function claimsOf(actor: Actor): string {
  return JSON.stringify({ sub: actor.user_id ?? undefined, agency_id: actor.agency_id, app_role: actor.role })
}

type Kind = 'write' | ReadCost

/** Role and claims are local to the transaction, so a connection never carries one agency's context to the next. */
function openingOf(kind: Kind, role: 'authenticated' | 'roost_system', claims: string): Opening {
  const is_read = kind !== 'write'
  const context = sql`select set_config('role', ${role}, true), set_config('request.jwt.claims', ${claims}, true), ${sessionSettings}, ${kind === 'scan' ? scanLimits : limits}${
    is_read ? sql`, ${readOnly}` : empty
  }`
  return { context, is_read }
}
