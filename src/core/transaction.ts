// One transaction on one connection: begin, context, work, COMMIT with its answer checked, or ROLLBACK.
import { createHash } from 'node:crypto'
import type { Pool, PoolClient, QueryResult } from 'pg'
import type { Sql } from 'sql-template-tag'
import type { Actor } from './auth.ts'
import { isInfrastructure, isSqlstate } from './database-errors.ts'
import { CommitUnknownError, InternalError, PoolExhaustedError, QueryTimeoutError } from './outages.ts'

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
}

export interface ConnectionOptions {
  readonly pool: Pool
  readonly prepared: boolean
  /** How many callers may wait for a connection at once (200). */
  readonly acquire_queue?: number
  /** Sees the text of every statement; the isolation audit of the tests listens here. */
  readonly onStatement?: (text: string) => void
}

/** How a transaction begins: the BEGIN itself, and the one statement that sets role and claims. */
export interface Opening {
  readonly begin: string
  readonly context: Sql
  /** When the caller will not wait any longer, by performance.now: no statement begins after it. */
  readonly deadline?: number
}

async function acquire({ pool, acquire_queue }: ConnectionOptions): Promise<PoolClient> {
  if (pool.waitingCount >= (acquire_queue ?? 200)) throw new PoolExhaustedError()
  // Idle connections and room for new ones count only as far as nobody who waits has them already.
  const is_full = pool.waitingCount >= pool.options.max - pool.totalCount + pool.idleCount
  try {
    return await pool.connect()
  } catch (error) {
    const has_waited = error instanceof Error && error.message.startsWith('timeout exceeded')
    throw has_waited && is_full ? new PoolExhaustedError({ cause: error }) : error
  }
}

/** begin, context and the first statement of `work` leave in one round trip: nobody waits for the first two. */
export async function attemptOnce<T>(
  options: ConnectionOptions,
  opening: Opening,
  work: (tx: SystemTx) => Promise<T>,
  progress: { has_begun: boolean },
): Promise<T> {
  const client = await acquire(options)
  let failure: unknown
  const onError = (error: Error) => {
    failure = error
  }
  client.on('error', onError)
  const sent: Promise<unknown>[] = []
  sendTogether(client)
  const opened = Promise.all([client.query(opening.begin), send(client, opening.context, options)])
  const begun = opened.then(
    () => {
      progress.has_begun = true
    },
    (error) => {
      failure ??= error
    },
  )
  try {
    const result = await work(statements(client, options, opening, sent))
    await begun
    if (failure !== undefined) throw failure
    await commit(client, opening, sent)
    return result
  } catch (error) {
    await begun
    // What failed first is the reason; behind it the server only says that the transaction has failed.
    const cause = failure ?? (isSqlstate(error, '25P02') ? await firstFailure(sent) : undefined) ?? error
    const is_lost = isInfrastructure(cause) || error instanceof CommitUnknownError
    failure = is_lost
      ? cause
      : await client.query('rollback').then(
          () => undefined,
          (broken: unknown) => broken,
        )
    throw error instanceof CommitUnknownError ? error : cause
  } finally {
    client.off('error', onError)
    client.release(failure !== undefined)
  }
}

/** COMMIT can answer ROLLBACK (an error inside was swallowed), and its answer can get lost: neither is a success. */
async function commit(client: PoolClient, { begin }: Opening, sent: readonly Promise<unknown>[]): Promise<void> {
  let result: QueryResult
  try {
    sendTogether(client)
    result = await client.query('commit')
  } catch (error) {
    const may_be_saved = begin === 'begin' && isInfrastructure(error)
    throw may_be_saved ? new CommitUnknownError({ cause: error }) : error
  }
  const failed = await firstFailure(sent)
  if (failed !== undefined) throw failed
  if (result.command !== 'COMMIT')
    throw new InternalError({ cause: new Error('the transaction had failed before COMMIT') })
}

async function firstFailure(sent: readonly Promise<unknown>[]): Promise<unknown> {
  const settled = await Promise.allSettled(sent)
  return settled.find((one) => one.status === 'rejected')?.reason
}

const names = new Map<string, string>()

function nameOf(text: string): string {
  const known = names.get(text)
  if (known !== undefined) return known
  const name = createHash('sha256').update(text).digest('base64url').slice(0, 24)
  names.set(text, name)
  return name
}

/**
 * What this turn of the event loop still sends on the connection leaves in one write: on most machines a write costs more
 * than the statement in it. The embedded database has no socket to hold back.
 */
function sendTogether(client: PoolClient): void {
  const { stream } = client.connection
  if (stream.cork === undefined || stream.writableCorked > 0) return
  stream.cork()
  process.nextTick(() => stream.uncork())
}

function send(client: PoolClient, statement: Sql, options: ConnectionOptions): Promise<QueryResult> {
  const { text, values } = statement
  options.onStatement?.(text)
  sendTogether(client)
  return client.query(options.prepared ? { name: nameOf(text), text, values } : { text, values })
}

function statements(
  client: PoolClient,
  options: ConnectionOptions,
  { deadline = Number.POSITIVE_INFINITY }: Opening,
  sent: Promise<unknown>[],
): SystemTx {
  async function query<Row>(statement: Sql): Promise<Row[]> {
    if (performance.now() > deadline) throw new QueryTimeoutError({ cause: new Error('no time left for a statement') })
    return (await send(client, statement, options)).rows
  }
  return {
    query,
    send(statement) {
      const answer = send(client, statement, options)
      answer.catch(() => {})
      sent.push(answer)
    },
    async one<Row>(statement: Sql) {
      const [row, ...others] = await query<Row>(statement)
      if (row === undefined || others.length > 0) throw new Error(`expected one row, got ${others.length}`)
      return row
    },
    async maybe<Row>(statement: Sql) {
      return (await query<Row>(statement))[0]
    },
    async attempt(work) {
      const mark = sent.length
      // None of these is waited for alone: each leaves with the statement behind it, which fails if it does.
      const sendAlong = (text: string) => void client.query(text).catch(() => {})
      sendAlong('savepoint attempt')
      try {
        const result = await work()
        sendAlong('release savepoint attempt')
        return result
      } catch (error) {
        if (isInfrastructure(error)) throw error
        // What was sent since is undone with the rest, whether or not it failed.
        sent.length = mark
        sendAlong('rollback to savepoint attempt')
        await client.query('release savepoint attempt')
        throw error
      }
    },
    script: (text, values) => client.query(text, values as unknown[]),
  }
}
