// One transaction on one connection: begin, context, work, COMMIT with its answer checked, or ROLLBACK.
import type { PoolClient } from 'pg'
import type { Sql } from 'sql-template-tag'
import type { Actor } from '../auth/permissions.ts'
import { CommitUnknownError, InternalError, QueryTimeoutError } from '../server-errors.ts'
import { isInfrastructure, isSqlstate } from './database-errors.ts'
import type { Lease, Leases } from './leases.ts'
import { type Beginning, type Line, openLine } from './statement-queue.ts'

/** Statements inside one open transaction. Rows come back wire-shaped: dates as strings, bigint as number. */
export interface SystemTx {
  query<Row>(statement: Sql): Promise<Row[]>
  /** Sends a statement that nobody waits for: it leaves with the next one, or with COMMIT. If it fails, so does the transaction. */
  send(statement: Sql): void
  /** The only row. Throws when there is none or more than one: a bug, not a missing record. */
  one<Row>(statement: Sql): Promise<Row>
  /** The row, or undefined. */
  maybe<Row>(statement: Sql): Promise<Row | undefined>
  /** Runs `work`; when it throws, what it wrote is undone, and the transaction goes on with the error in your hands. */
  attempt<T>(work: () => Promise<T>): Promise<T>
  /** A text that may hold several statements, as the driver answers it; for pg-boss. */
  script(text: string, values?: readonly unknown[]): Promise<{ rows: unknown[] }>
}

/** A transaction of one agency, as the tenant role, under its row-level security. */
export interface Tx extends SystemTx {
  readonly agency_id: string
  readonly actor: Actor
  /** Throws ForbiddenError or TokenInvalidError unless the actor still may act. Call it before changing their own membership. */
  requireActor(): Promise<void>
}

export interface ConnectionOptions {
  readonly leases: Pick<Leases, 'acquire'>
  readonly prepared: boolean
  /** Sees every statement; the audits of the tests listen here. */
  readonly onStatement?: (text: string, values: readonly unknown[]) => void
}

/** How a transaction begins, and until when. */
export interface Opening extends Beginning {
  /** When the caller will not wait any longer, by performance.now: no statement begins after it. */
  readonly deadline?: number
  /** Nothing begins once it is aborted: the client has gone. */
  readonly signal?: AbortSignal | undefined
  /** Fails unless the actor still may act; sent together with COMMIT, so no wait is behind it (docs/adr/0018). */
  readonly recheck?: () => Sql | undefined
}

/** What is known of a transaction once it has ended. */
export interface Progress {
  has_begun: boolean
  /** A prepared statement failed because the schema changed since; its connection is closed. */
  is_stale: boolean
}

/**
 * Runs `work` and commits. A write begins with its first statement, in one round trip with it. A read has neither BEGIN nor
 * COMMIT: the statements of one turn of the event loop are one round trip and one transaction; READ COMMITTED gives each
 * statement its own snapshot in any case.
 */
export async function attemptOnce<T>(
  options: ConnectionOptions,
  opening: Opening,
  work: (tx: SystemTx) => Promise<T>,
  progress: Progress,
): Promise<T> {
  const { client, release } = await acquire(options, opening)
  const line = openLine(client, opening, options.prepared)
  options.onStatement?.(opening.context.text, opening.context.values)
  let broken: unknown
  const onError = (error: Error) => {
    broken = error
  }
  client.on('error', onError)
  try {
    const result = await work({ ...statements(line, opening, options), script: scriptsOn(client, line, opening) })
    if (broken !== undefined) throw broken
    if (line.is_open()) await commit(line, opening, options)
    return result
  } catch (error) {
    // What failed first is the reason; behind it the server only says that the transaction has failed.
    const cause = broken ?? (isSqlstate(error, ...afterFailure) ? line.failure() : undefined) ?? error
    const is_lost = isInfrastructure(cause) || error instanceof CommitUnknownError
    if (is_lost) broken ??= cause
    else if (line.is_open()) await line.ask('rollback').catch((lost: unknown) => (broken ??= lost))
    throw error instanceof CommitUnknownError ? error : cause
  } finally {
    progress.has_begun = line.has_begun()
    await line.idle()
    progress.is_stale = line.is_stale()
    client.off('error', onError)
    release(broken !== undefined || progress.is_stale)
  }
}

/** A connection, unless the client has gone while it was waited for. */
async function acquire({ leases }: ConnectionOptions, { signal }: Opening): Promise<Lease> {
  const lease = await leases.acquire()
  if (!signal?.aborted) return lease
  lease.release(false)
  throw signal.reason
}

/** What the server says to statements behind a failed one: the transaction is aborted, or was never told of a statement. */
const afterFailure = ['25P02', '26000']

/** COMMIT can answer ROLLBACK (an error inside was swallowed), and its answer can get lost: neither is a success. */
async function commit(line: Line, { recheck }: Opening, { onStatement }: ConnectionOptions): Promise<void> {
  const check = recheck?.()
  if (check !== undefined) {
    onStatement?.(check.text, check.values)
    line.send(check.text, check.values)
  }
  const { command } = await line.ask('commit').catch((error: unknown) => {
    throw isInfrastructure(error) ? new CommitUnknownError({ cause: error }) : error
  })
  if (command === 'COMMIT') return
  throw line.failure() ?? new InternalError({ cause: new Error('the transaction had failed before COMMIT') })
}

function statements(
  line: Line,
  { is_read, deadline = Number.POSITIVE_INFINITY }: Opening,
  { onStatement }: ConnectionOptions,
): Omit<SystemTx, 'script'> {
  async function query<Row>({ text, values }: Sql): Promise<Row[]> {
    if (performance.now() > deadline) throw new QueryTimeoutError({ cause: new Error('no time left for a statement') })
    onStatement?.(text, values)
    return (await line.ask(text, values)).rows as Row[]
  }
  return {
    query,
    send({ text, values }) {
      onStatement?.(text, values)
      line.send(text, values)
    },
    async one<Row>(statement: Sql) {
      const [row, ...others] = await query<Row>(statement)
      if (row === undefined || others.length > 0) throw new Error(`expected one row, got ${others.length}`)
      return row
    },
    async maybe<Row>(statement: Sql) {
      return (await query<Row>(statement))[0]
    },
    // What fails in a read has changed nothing, and the next statement is a transaction of its own.
    attempt: (work) => (is_read ? work() : attemptOn(line, work)),
  }
}

/** By the driver's own means, which take several statements in one text. */
function scriptsOn(client: PoolClient, line: Line, { is_read }: Opening): SystemTx['script'] {
  return async (text, values) => {
    if (is_read) throw new Error('scripts are not for reads: they would run outside of the transaction')
    if (!line.is_open()) await line.ask('select')
    return client.query(text, values as unknown[])
  }
}

async function attemptOn<T>(line: Line, work: () => Promise<T>): Promise<T> {
  const forgive = line.mark()
  const saved = line.ask('savepoint attempt').then(
    () => true,
    () => false,
  )
  try {
    const result = await work()
    line.send('release savepoint attempt')
    return result
  } catch (error) {
    if (isInfrastructure(error) || !(await saved)) throw error
    forgive()
    line.send('rollback to savepoint attempt')
    await line.ask('release savepoint attempt')
    throw error
  }
}
