// Sends several statements with one Sync. The only module that uses undocumented parts of pg.
//
// pg 8.23 pipelines queries (`pipeline: true`), but sends a Sync after each one, so that each is a transaction of its own. Here
// several statements are one query of pg. What this relies on, each checked by pipeline.test.ts:
//
// 1. In pipeline mode client.query accepts an object that is an instance of pg.Query, and calls none of its inherited methods
//    when it has its own.
// 2. It calls submit(connection) once, and returns an error of submit through handleError. It does so at once, also while
//    earlier queries are being answered; answers are assigned to the queries in order.
// 3. connection.parse, bind, describe, execute, close and sync each write one protocol message to connection.stream. The stream
//    of a socket can be corked; that of the embedded database cannot.
// 4. The messages of the server are passed to handleRowDescription, handleDataRow, handleCommandComplete, handleEmptyQuery and
//    handleReadyForQuery, in their order; ParseComplete, BindComplete and CloseComplete are not. After handleError none follows.
// 5. A lost connection calls handleError. Without `query_timeout` pg sets no timer and changes no property of the query.
// 6. pg keeps the names of prepared statements for queries with a name only. Ours has none: this module keeps them.
// 7. pg.utils.prepareValue converts a value to its text.
import pg, { type PoolClient } from 'pg'
import { isSqlstate } from './database-errors.ts'
import { createRowParser, type Field, no_columns, parseRow, type Row, type RowParser } from './row-parser.ts'

export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
  /** The name of the prepared statement on the connection. Without a name it is parsed each time. */
  readonly name: string | undefined
}

export interface StatementResult {
  readonly rows: Row[]
  /** The first word of the command tag: SELECT, COMMIT, ROLLBACK. */
  readonly command: string
}

/** A statement of a pipeline, with the callbacks for its result. */
export interface QueuedStatement {
  readonly statement: Statement
  readonly resolve: (result: StatementResult) => void
  readonly reject: (error: unknown) => void
}

interface Connection {
  readonly stream: { cork?(): void; uncork?(): void; destroy(): void }
  parse(message: { name: string | undefined; text: string }): void
  bind(message: { statement: string | undefined; values: readonly unknown[] }): void
  describe(message: { type: 'P' }): void
  execute(): void
  close(message: { type: 'S'; name: string }): void
  sync(): void
}

const connectionOf = (client: PoolClient) => client.connection as unknown as Connection

const query_timeouts = new WeakMap<object, number>()

/** Limits the wait for the answer to each pipeline of the connection. pg's own option for it is not used (see createQuery). */
export function setQueryTimeout(client: PoolClient, ms: number): void {
  query_timeouts.set(client, ms)
}

/** As an option of client.query. Empty for the embedded database, which runs in this thread. */
export function queryTimeoutOf(client: PoolClient): { query_timeout?: number } {
  const query_timeout = query_timeouts.get(client)
  return query_timeout === undefined ? {} : { query_timeout }
}

const { prepareValue } = (pg as unknown as { utils: { prepareValue(value: unknown): unknown } }).utils

/** Most values are strings already; pg converts the others. */
const toWireValue = (value: unknown): unknown => (typeof value === 'string' ? value : prepareValue(value))

/**
 * The prepared statements of a connection, from the moment Parse is sent, with their row parsers once they are known. The result
 * type of a prepared statement is fixed, so Describe is sent until then only.
 */
type PreparedStatements = Map<string, RowParser | undefined>

const prepared_statements = new WeakMap<Connection, PreparedStatements>()

function preparedStatementsOf(connection: Connection): PreparedStatements {
  const prepared: PreparedStatements = prepared_statements.get(connection) ?? new Map()
  prepared_statements.set(connection, prepared)
  return prepared
}

/**
 * SQLSTATEs of a prepared statement that a schema change has made invalid: its result type changed, or it cannot be
 * analysed again with the parameter types it was prepared with (RevalidateCachedQuery in plancache.c).
 */
const stale_states = ['0A000', '42P01', '42703', '42804', '42883']

/**
 * Sends the statements as one pipeline (PostgreSQL, "Message Flow", "Pipelining"). Without an explicit BEGIN they are one
 * implicit transaction. After a failed statement the server skips the rest; these are rejected with the same error.
 * Resolves when the server is ready again, also after a failure: true when an already prepared statement failed with an
 * error that a schema change explains. When the last answer does not arrive in time (setQueryTimeout), the statements fail and the
 * connection is closed, because later messages on it could not be assigned to a query.
 */
export function sendPipeline(client: PoolClient, statements: readonly QueuedStatement[]): Promise<boolean> {
  return new Promise((resolve) => {
    const query = createQuery(client, statements, (is_stale) => {
      clearTimeout(timer)
      resolve(is_stale)
    })
    const abort = () => {
      // The text of pg's own timer.
      query.handleError(new Error('Query read timeout'))
      connectionOf(client).stream.destroy()
    }
    const { query_timeout } = queryTimeoutOf(client)
    const timer = query_timeout === undefined ? undefined : setTimeout(abort, query_timeout)
    client.query(Object.setPrototypeOf(query, pg.Query.prototype))
  })
}

const missingResult = () => new Error('the server is ready again but has not answered every statement')

/**
 * The query object for pg. Its properties are plain values, no getters: an object with getters, or with a property that is replaced
 * as pg's timer does, gets a hidden class of its own, and everything its closures reach (all rows) stays in memory until the next
 * full GC (docs/adr/0015).
 */
function createQuery(client: PoolClient, statements: readonly QueuedStatement[], done: (is_stale: boolean) => void) {
  const prepared = preparedStatementsOf(connectionOf(client))
  const newly_prepared: string[] = []
  let current = 0
  let parser: RowParser | undefined
  let rows: Row[] = []
  let parse_error: unknown

  function finish(error?: unknown, is_stale = false): void {
    for (const { reject } of statements.slice(current)) reject(error ?? missingResult())
    current = statements.length
    done(is_stale)
  }

  const query = {
    submit(connection: Connection): Error | null {
      try {
        const values = statements.map(({ statement }) => statement.values.map(toWireValue))
        connection.stream.cork?.()
        for (const [i, { statement }] of statements.entries())
          newly_prepared.push(...writeStatement(connection, prepared, statement, values[i] ?? []))
        connection.sync()
        return null
      } catch (error) {
        return error as Error
      } finally {
        connection.stream.uncork?.()
      }
    },
    handleRowDescription({ fields }: { fields: readonly Field[] }) {
      parser = createRowParser(client, fields)
    },
    handleDataRow({ fields }: { fields: readonly (string | null)[] }) {
      parser ??= prepared.get(statements[current]?.statement.name ?? '') ?? no_columns
      try {
        rows.push(parseRow(parser, fields))
      } catch (error) {
        parse_error ??= error
      }
    },
    handleCommandComplete({ text }: { text: string }) {
      const { statement, resolve, reject } = statements[current] as QueuedStatement
      const { name } = statement
      if (name !== undefined && prepared.get(name) === undefined) prepared.set(name, parser ?? no_columns)
      const result = { rows, command: text.split(' ', 1)[0] ?? '' }
      current += 1
      parser = undefined
      rows = []
      if (parse_error === undefined) resolve(result)
      else reject(parse_error)
      parse_error = undefined
    },
    handleEmptyQuery: (): void => query.handleCommandComplete({ text: '' }),
    handleError(error: unknown) {
      const name = statements[current]?.statement.name
      const is_stale = name !== undefined && !newly_prepared.includes(name) && isSqlstate(error, ...stale_states)
      // Only the answers to the statements before the failed one show that the server has prepared them.
      const confirmed = statements.slice(0, current).map(({ statement }) => statement.name)
      for (const one of newly_prepared) if (!confirmed.includes(one)) prepared.delete(one)
      finish(error, is_stale)
    },
    handleReadyForQuery: (): void => finish(),
  }
  return query
}

/** Writes the messages of one statement. Returns its name when this prepares it on the connection. */
function writeStatement(
  connection: Connection,
  prepared: PreparedStatements,
  { name, text }: Statement,
  values: readonly unknown[],
): string[] {
  const is_new = name !== undefined && !prepared.has(name)
  // The server may have it already, from a pipeline that failed after Parse. Closing an unknown name is not an error.
  if (is_new) connection.close({ type: 'S', name })
  if (is_new || name === undefined) connection.parse({ name, text })
  connection.bind({ statement: name, values })
  if (name === undefined || prepared.get(name) === undefined) connection.describe({ type: 'P' })
  connection.execute()
  if (!is_new) return []
  prepared.set(name, undefined)
  return [name]
}
