// One transaction on one connection: begin, set the context, run the work, then COMMIT or ROLLBACK.
import type { PoolClient } from 'pg'
import type { Sql } from 'sql-template-tag'
import type { Actor } from '../auth/actors.ts'
import { CommitUnknownError, InternalError, QueryTimeoutError } from '../server-errors.ts'
import { traced } from '../trace.ts'
import { type ConstraintErrors, isInfrastructure, mapConstraint } from './database-errors.ts'
import type { Lease, Leases } from './leases.ts'
import { queryTimeoutOf } from './pipeline.ts'
import { openStatementQueue, type StatementQueue, type TransactionStart } from './statement-queue.ts'

/** Statements inside one open transaction. Rows have the types of the JSON API: dates as strings, bigint as number. */
export interface SystemTx {
  query<Row>(statement: Sql): Promise<Row[]>
  /**
   * Sends a statement with the next one, or with COMMIT, without waiting for it. If it fails, the transaction fails; `known`
   * maps the violation of a named constraint to the caller's error.
   */
  queue(statement: Sql, known?: ConstraintErrors): void
  /** Returns the only row. Throws when there is none or more than one: that is a bug, not a missing record. */
  one<Row>(statement: Sql): Promise<Row>
  /** Returns the row, or undefined. */
  maybe<Row>(statement: Sql): Promise<Row | undefined>
  /**
   * When the transaction began, by the clock of the database: now() in its statements, as the API returns it (RFC 3339).
   * Throws before the first result.
   */
  now(): string
  /**
   * Runs `work` in a savepoint. When it throws, or a statement that it has queued fails, its writes are rolled back, and the
   * transaction can continue.
   */
  savepoint<T>(work: () => Promise<T>): Promise<T>
  /** Runs a text of one or more statements with the simple query protocol; for pg-boss. */
  script(text: string, values?: readonly unknown[]): Promise<{ rows: unknown[] }>
}

/** A transaction of one agency, as the tenant role, under row-level security. */
export interface Tx extends SystemTx {
  readonly agency_id: string
  readonly actor: Actor
  /** Throws ForbiddenError or TokenInvalidError unless the actor is still authorized. Call it before changing the actor's membership. */
  requireActor(): Promise<void>
}

export interface ConnectionOptions {
  readonly leases: Pick<Leases, 'acquire'>
  readonly prepared: boolean
  /** Called with every statement, and with the one that sets the role and the claims of its transaction; tests use it for audits. */
  readonly onStatement?: (text: string, values: readonly unknown[], context: Sql) => void
}

export interface TransactionOptions extends TransactionStart {
  /** By performance.now. No statement starts after it. */
  readonly deadline?: number
  /** Aborted when the client has disconnected: the transaction does not start then. */
  readonly signal?: AbortSignal | undefined
  /** A statement that fails unless the actor is still authorized. Sent in one pipeline with COMMIT (docs/adr/0018). */
  readonly recheck?: () => Sql | undefined
}

/** What is known about a transaction after its end. */
export interface Progress {
  has_begun: boolean
  /** A prepared statement failed because the schema had changed. Its connection is closed. */
  is_stale: boolean
}

/**
 * Runs `work` and commits. A write sends BEGIN with its first statement, in one round trip. A read has neither BEGIN nor
 * COMMIT: the statements of one event loop turn are one round trip and one implicit transaction. Under READ COMMITTED each
 * statement has its own snapshot in both cases.
 */
export function runTransaction<T>(...args: Parameters<typeof runUntraced<T>>): Promise<T> {
  return traced(args[1].is_read ? 'read' : 'transaction', {}, () => runUntraced(...args))
}

async function runUntraced<T>(
  options: ConnectionOptions,
  transaction: TransactionOptions,
  work: (tx: SystemTx) => Promise<T>,
  progress: Progress,
): Promise<T> {
  const { client, release } = await acquire(options, transaction)
  const queue = openStatementQueue(client, transaction, options.prepared)
  options.onStatement?.(transaction.context.text, transaction.context.values, transaction.context)
  let broken: unknown
  const onError = (error: Error) => {
    broken = error
  }
  client.on('error', onError)
  try {
    const statements = createStatements(queue, transaction, options)
    const result = await work({ ...statements, script: createScript(client, queue, transaction) })
    if (broken !== undefined) throw broken
    if (queue.is_open()) await commit(queue, transaction, options)
    return result
  } catch (error) {
    // The first failure is the cause. Every later statement only reports that the transaction is aborted.
    const cause = broken ?? queue.failure() ?? error
    const is_lost = isInfrastructure(cause) || error instanceof CommitUnknownError
    if (is_lost) broken ??= cause
    else if (queue.is_open()) await queue.query('rollback').catch((lost: unknown) => (broken ??= lost))
    throw error instanceof CommitUnknownError ? error : cause
  } finally {
    progress.has_begun = queue.has_begun()
    await queue.idle()
    progress.is_stale = queue.is_stale()
    client.off('error', onError)
    release(broken !== undefined || progress.is_stale)
  }
}

/** Acquires a connection. Throws the abort reason when the client has disconnected meanwhile. */
async function acquire({ leases }: ConnectionOptions, { signal }: TransactionOptions): Promise<Lease> {
  const lease = await leases.acquire()
  if (!signal?.aborted) return lease
  lease.release(false)
  throw signal.reason
}

/** Throws unless the server confirms COMMIT: it may answer ROLLBACK, or the connection may break before its answer. */
async function commit(
  queue: StatementQueue,
  { recheck, context }: TransactionOptions,
  { onStatement }: ConnectionOptions,
): Promise<void> {
  const check = recheck?.()
  if (check !== undefined) {
    onStatement?.(check.text, check.values, context)
    queue.enqueue(check.text, check.values)
  }
  const { command } = await queue.query('commit').catch((error: unknown) => {
    throw isInfrastructure(error) ? new CommitUnknownError({ cause: error }) : error
  })
  if (command === 'COMMIT') return
  throw queue.failure() ?? new InternalError({ cause: new Error('the transaction had failed before COMMIT') })
}

function createStatements(
  queue: StatementQueue,
  { is_read, context, deadline = Number.POSITIVE_INFINITY }: TransactionOptions,
  { onStatement }: ConnectionOptions,
): Omit<SystemTx, 'script'> {
  async function query<Row>({ text, values }: Sql): Promise<Row[]> {
    if (performance.now() > deadline) throw new QueryTimeoutError({ cause: new Error('no time left for a statement') })
    onStatement?.(text, values, context)
    return (await queue.query(text, values)).rows as Row[]
  }
  return {
    query,
    queue({ text, values }, known) {
      onStatement?.(text, values, context)
      queue.enqueue(text, values, known && ((error) => mapConstraint(error, known)))
    },
    now() {
      const began_at = queue.began_at()
      if (began_at === undefined) throw new Error('the transaction has not begun: no statement has a result yet')
      return began_at
    },
    async one<Row>(statement: Sql) {
      const rows = await query<Row>(statement)
      const [row] = rows
      if (row === undefined || rows.length > 1) throw new Error(`expected one row, got ${rows.length}`)
      return row
    },
    async maybe<Row>(statement: Sql) {
      return (await query<Row>(statement))[0]
    },
    // A failed read has changed nothing, and the next statement is a transaction of its own.
    savepoint: (work) => (is_read ? work() : runInSavepoint(queue, work)),
  }
}

/** Uses client.query of pg, which accepts several statements in one text. */
function createScript(client: PoolClient, queue: StatementQueue, { is_read }: TransactionOptions): SystemTx['script'] {
  return async (text, values) => {
    if (is_read) throw new Error('a script cannot run in a read: it would run outside of the transaction')
    if (!queue.is_open()) await queue.query('select')
    const query = { text, values: values as unknown[], ...queryTimeoutOf(client) }
    return client.query(query)
  }
}

async function runInSavepoint<T>(queue: StatementQueue, work: () => Promise<T>): Promise<T> {
  const discardFailures = queue.mark()
  const is_created = queue.query('savepoint attempt').then(
    () => true,
    () => false,
  )
  try {
    const result = await work()
    // Waits, because a statement that `work` has queued may fail.
    await queue.query('release savepoint attempt')
    return result
  } catch (reported) {
    const error = queue.failure() ?? reported
    if (isInfrastructure(error) || !(await is_created)) throw error
    discardFailures()
    queue.enqueue('rollback to savepoint attempt')
    await queue.query('release savepoint attempt')
    throw error
  }
}
