// Sends several statements as one pipeline with one Sync, and reads their results.
import pg, { type PoolClient } from 'pg'
import { isSqlstate } from './database-errors.ts'

export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
  /** The name of the prepared statement on the connection. Without a name it is parsed each time. */
  readonly name: string | undefined
}

type Row = Record<string, unknown>

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

interface Field {
  readonly name: string
  readonly dataTypeID: number
}

interface Column {
  readonly name: string
  readonly parse: (text: string) => unknown
  /** A column `guest.email` is the member `email` of the object `guest`, which is null when all its members are null. */
  readonly parent?: { readonly name: string; readonly empty: Row }
}

/** How the rows of a statement are parsed. `empty` has every member, so that V8 uses one hidden class for all rows. */
interface RowParser {
  readonly columns: readonly Column[]
  readonly empty: Row
}

/** The part of pg.Client that its type definitions leave out. */
interface ClientInternals {
  readonly connection: Connection
  /** Milliseconds; 0 or undefined: no limit. */
  readonly connectionParameters: { query_timeout: number | undefined }
}

/** The part of pg.Connection that its type definitions leave out. */
interface Connection {
  readonly stream: { destroy(): void }
  /** Writes one protocol message; the embedded database has no such method. */
  _send?(message: Buffer): void
  /** Prepared statements by name: those the server has, and those sent but not yet confirmed. pg updates both. */
  readonly parsedStatements: Record<string, string>
  readonly submittedNamedStatements: Record<string, string>
  parse(message: { name: string | undefined; text: string }): void
  bind(message: { statement: string | undefined; values: readonly unknown[] }): void
  describe(message: { type: 'P' }): void
  execute(): void
  sync(): void
}

const { prepareValue } = (pg as unknown as { utils: { prepareValue(value: unknown): unknown } }).utils

/** Most values are strings already; pg converts the others. */
const toWireValue = (value: unknown): unknown => (typeof value === 'string' ? value : prepareValue(value))

/** Row parsers of prepared statements, by connection. Their result type is fixed, so Describe is sent only once. */
const rowParsers = new WeakMap<Connection, Map<string, RowParser>>()

function rowParsersOf(connection: Connection): Map<string, RowParser> {
  const parsers = rowParsers.get(connection) ?? new Map<string, RowParser>()
  rowParsers.set(connection, parsers)
  return parsers
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
 * error that a schema change explains.
 */
export function sendPipeline(client: PoolClient, statements: readonly QueuedStatement[]): Promise<boolean> {
  return new Promise((resolve) => {
    const internals = client as unknown as ClientInternals
    const limit_ms = internals.connectionParameters.query_timeout
    const done = (is_stale: boolean) => {
      clearTimeout(timer)
      resolve(is_stale)
    }
    const query = createQuery(client, statements, done)
    const timer = limit_ms ? setTimeout(abortQuery, limit_ms, internals, query) : undefined
    withoutQueryTimeout(internals, () => {
      // In pipeline mode pg accepts only instances of its own Query class.
      client.query(Object.setPrototypeOf(query, pg.Query.prototype))
    })
  })
}

/** Same error text as pg. The connection is closed, because later messages on it could not be assigned to a query. */
function abortQuery(client: ClientInternals, query: ReturnType<typeof createQuery>): void {
  query.callback(new Error('Query read timeout'))
  client.connection.stream.destroy()
}

/**
 * Disables the timer of pg, which replaces `callback` of the query. Replacing a method gives the object its own hidden
 * class, and everything its closures reach (all rows) stays in memory until the next full GC (docs/performance.md).
 */
function withoutQueryTimeout({ connectionParameters }: ClientInternals, work: () => void): void {
  const { query_timeout } = connectionParameters
  connectionParameters.query_timeout = 0
  try {
    work()
  } finally {
    connectionParameters.query_timeout = query_timeout
  }
}

const missingResult = () => new Error('the server is ready again but has not answered every statement')

/** The query object for pg: `submit` is called once, then the handlers in the order of the server's messages. */
function createQuery(client: PoolClient, statements: readonly QueuedStatement[], done: (is_stale: boolean) => void) {
  const parsers = rowParsersOf((client as unknown as ClientInternals).connection)
  const newly_prepared: string[] = []
  let [current, is_stale] = [0, false]
  let parser: RowParser | undefined
  let rows: Row[] = []
  let parse_error: unknown

  const query = {
    // Name and text of the current statement: pg records them when the server confirms a Parse. Plain properties, no
    // getters: see withoutQueryTimeout.
    name: statements[0]?.statement.name,
    text: statements[0]?.statement.text,
    /** Called when the server is ready again, and with an error after a failure or a timeout. */
    callback(error?: unknown) {
      for (const { reject } of statements.slice(current)) reject(error ?? missingResult())
      current = statements.length
      done(is_stale)
    },
    submit(connection: Connection): Error | null {
      try {
        const values = statements.map(({ statement }) => statement.values.map(toWireValue))
        withSingleWrite(connection, () => {
          for (const [i, { statement }] of statements.entries())
            newly_prepared.push(...writeStatement(connection, parsers, statement, values[i] ?? []))
          connection.sync()
        })
        return null
      } catch (error) {
        return error as Error
      }
    },
    handleRowDescription({ fields }: { fields: readonly Field[] }) {
      parser = createRowParser(client, fields)
    },
    handleDataRow({ fields }: { fields: readonly (string | null)[] }) {
      parser ??= parsers.get(statements[current]?.statement.name ?? '') ?? no_columns
      try {
        rows.push(parseRow(parser, fields))
      } catch (error) {
        parse_error ??= error
      }
    },
    handleCommandComplete({ text }: { text: string }) {
      const { statement, resolve, reject } = statements[current] as QueuedStatement
      const { name } = statement
      if (name !== undefined && !parsers.has(name)) parsers.set(name, parser ?? no_columns)
      const result = { rows, command: text.split(' ', 1)[0] ?? '' }
      current += 1
      query.name = statements[current]?.statement.name
      query.text = statements[current]?.statement.text
      parser = undefined
      rows = []
      if (parse_error === undefined) resolve(result)
      else reject(parse_error)
      parse_error = undefined
    },
    handleEmptyQuery: (): void => query.handleCommandComplete({ text: '' }),
    handleError(error: unknown, connection: Connection) {
      // The server has skipped the statements after the failed one, so it has not prepared them.
      forgetUnconfirmed(connection, newly_prepared)
      is_stale = isStale(statements[current]?.statement.name, newly_prepared, error)
      query.callback(error)
    },
    handleReadyForQuery: (): void => query.callback(),
  }
  return query
}

function forgetUnconfirmed({ parsedStatements, submittedNamedStatements }: Connection, names: readonly string[]): void {
  for (const name of names) if (!(name in parsedStatements)) delete submittedNamedStatements[name]
}

function isStale(name: string | undefined, newly_prepared: readonly string[], error: unknown): boolean {
  return name !== undefined && !newly_prepared.includes(name) && isSqlstate(error, ...stale_states)
}

/** Joins all messages into one write: each write is a system call, and the server starts when it has all of them. */
function withSingleWrite(connection: Connection, work: () => void): void {
  const { _send: send } = connection
  if (send === undefined) {
    work()
    return
  }
  const messages: Buffer[] = []
  connection._send = (message) => void messages.push(message)
  try {
    work()
  } finally {
    connection._send = send
  }
  send.call(connection, Buffer.concat(messages))
}

/** Writes the messages of one statement. Returns its name when this prepares it on the connection. */
function writeStatement(
  connection: Connection,
  parsers: Map<string, RowParser>,
  { name, text }: Statement,
  values: readonly unknown[],
): string[] {
  const is_prepared =
    name !== undefined && (name in connection.parsedStatements || name in connection.submittedNamedStatements)
  if (!is_prepared) connection.parse({ name, text })
  connection.bind({ statement: name, values })
  if (name === undefined || !parsers.has(name)) connection.describe({ type: 'P' })
  connection.execute()
  if (name === undefined || is_prepared) return []
  connection.submittedNamedStatements[name] = text
  return [name]
}

const no_columns: RowParser = { columns: [], empty: {} }

function createRowParser(client: PoolClient, fields: readonly Field[]): RowParser {
  const paths = fields.map(({ name }) => name.split('.', 2) as [string, string?])
  const parentOf = (outer: string) => {
    const members = paths.filter(([name, member]) => name === outer && member !== undefined)
    return { name: outer, empty: Object.fromEntries(members.map(([, member]) => [member, null])) }
  }
  const columns = fields.map(({ dataTypeID }, i): Column => {
    const parse = client.getTypeParser(dataTypeID, 'text')
    const [name, member] = paths[i] as [string, string?]
    return member === undefined ? { name, parse } : { name: member, parse, parent: parentOf(name) }
  })
  return { columns, empty: Object.fromEntries(paths.map(([name]) => [name, null])) }
}

function parseRow({ columns, empty }: RowParser, fields: readonly (string | null)[]): Row {
  const row = { ...empty }
  for (let i = 0; i < columns.length; i += 1) {
    const text = fields[i]
    const column = columns[i]
    if (text === null || text === undefined || column === undefined) continue
    const { name, parse, parent } = column
    const target = parent === undefined ? row : ensureParent(row, parent)
    target[name] = parse(text)
  }
  return row
}

function ensureParent(row: Row, { name, empty }: NonNullable<Column['parent']>): Row {
  row[name] ??= { ...empty }
  return row[name] as Row
}
