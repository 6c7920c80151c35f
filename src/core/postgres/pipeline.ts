// What leaves for the server together and is answered together: statements with one Sync behind them.
import pg, { type PoolClient } from 'pg'
import { isSqlstate } from './database-errors.ts'

export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
  /** Under which it is kept prepared on the connection; without a name it is parsed each time. */
  readonly name: string | undefined
}

type Row = Record<string, unknown>

export interface Answer {
  readonly rows: Row[]
  /** First word of the tag: SELECT, COMMIT, ROLLBACK. */
  readonly command: string
}

/** A statement, and who waits for its answer. */
export interface Asked {
  readonly statement: Statement
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

interface Field {
  readonly name: string
  readonly dataTypeID: number
}

interface Column {
  readonly name: string
  readonly parse: (text: string) => unknown
  /** A column `guest.email` is the member `email` of `guest`, which is null when all of its members are. */
  readonly inside?: { readonly name: string; readonly empty: Row }
}

/** How the rows of a statement are read. `empty` has every member, so that all rows have one shape for the engine. */
interface Reader {
  readonly columns: readonly Column[]
  readonly empty: Row
}

/** The part of the driver's client that its types leave out. */
interface Driver {
  readonly connection: Wire
  /** Milliseconds; 0 or none: no limit. */
  readonly connectionParameters: { query_timeout: number | undefined }
}

/** The part of the driver's connection that its types leave out. */
interface Wire {
  readonly stream: { destroy(): void }
  /** Where each message of the protocol goes; the embedded database has none. */
  _send?(message: Buffer): void
  /** Statements by name: that the server has, and that are on their way to it. The driver keeps both up to date. */
  readonly parsedStatements: Record<string, string>
  readonly submittedNamedStatements: Record<string, string>
  parse(message: { name: string | undefined; text: string }): void
  bind(message: { statement: string | undefined; values: readonly unknown[] }): void
  describe(message: { type: 'P' }): void
  execute(): void
  sync(): void
}

const { prepareValue } = (pg as unknown as { utils: { prepareValue(value: unknown): unknown } }).utils

/** Most values are texts already; what else there is the driver writes as it always does. */
const toWire = (value: unknown): unknown => (typeof value === 'string' ? value : prepareValue(value))

/** What kept statements return, by connection: there it cannot change, so the server need not describe it again. */
const readers = new WeakMap<Wire, Map<string, Reader>>()

function readersOf(wire: Wire): Map<string, Reader> {
  const known = readers.get(wire) ?? new Map<string, Reader>()
  readers.set(wire, known)
  return known
}

/**
 * What PostgreSQL answers when a statement was prepared before the schema changed: its result has another type now, or
 * it can no longer be analysed with the parameter types it was prepared with (RevalidateCachedQuery in plancache.c).
 */
const stale_states = ['0A000', '42P01', '42703', '42804', '42883']

/**
 * Sends the statements in one go. Unless they say BEGIN themselves they are one transaction, which ends with them
 * (PostgreSQL, chapter "Message Flow", "Pipelining"). After one that fails none is looked at: they are refused with its
 * error. Resolves when the server is done with them, whatever became of them: true when a statement failed that had been
 * prepared on this connection before, with an error that a schema change explains.
 */
export function exchange(client: PoolClient, asked: readonly Asked[]): Promise<boolean> {
  return new Promise((resolve) => {
    const driver = client as unknown as Driver
    const limit_ms = driver.connectionParameters.query_timeout
    const done = (is_stale: boolean) => {
      clearTimeout(timer)
      resolve(is_stale)
    }
    const query = asQuery(client, asked, done)
    const timer = limit_ms ? setTimeout(giveUp, limit_ms, driver, query) : undefined
    withoutTimer(driver, () => {
      // The driver takes nothing but its own kind on a connection where several may be under way.
      client.query(Object.setPrototypeOf(query, pg.Query.prototype))
    })
  })
}

/** As the driver does it, and with its words: what comes afterwards on this connection could belong to anything. */
function giveUp(client: Driver, query: ReturnType<typeof asQuery>): void {
  query.callback(new Error('Query read timeout'))
  client.connection.stream.destroy()
}

/**
 * The driver's own timer puts another `callback` into the query's place. An object whose method is replaced becomes a
 * hidden class of its own, and whatever its functions reach stays until the next full collection: measured, all rows of
 * all answers (docs/performance.md).
 */
function withoutTimer({ connectionParameters }: Driver, work: () => void): void {
  const { query_timeout } = connectionParameters
  connectionParameters.query_timeout = 0
  try {
    work()
  } finally {
    connectionParameters.query_timeout = query_timeout
  }
}

const unanswered = () => new Error('the server is ready again without an answer to every statement')

/** What the driver calls: `submit` once, then the handlers in the order of the server's messages. */
function asQuery(client: PoolClient, asked: readonly Asked[], done: (is_stale: boolean) => void) {
  const known = readersOf((client as unknown as Driver).connection)
  const parsed: string[] = []
  let [at, is_stale] = [0, false]
  let reader: Reader | undefined
  let rows: Row[] = []
  let unreadable: unknown

  const query = {
    // The statement that is being answered; when the server has parsed one, the driver notes it down as known. No
    // getters: see withoutTimer.
    name: asked[0]?.statement.name,
    text: asked[0]?.statement.text,
    /** The server is ready again, or has been waited for too long. */
    callback(error?: unknown) {
      for (const { reject } of asked.slice(at)) reject(error ?? unanswered())
      at = asked.length
      done(is_stale)
    },
    submit(wire: Wire): Error | null {
      try {
        const values = asked.map(({ statement }) => statement.values.map(toWire))
        inOneWrite(wire, () => {
          for (const [i, { statement }] of asked.entries())
            parsed.push(...write(wire, known, statement, values[i] ?? []))
          wire.sync()
        })
        return null
      } catch (error) {
        return error as Error
      }
    },
    handleRowDescription({ fields }: { fields: readonly Field[] }) {
      reader = readerOf(client, fields)
    },
    handleDataRow({ fields }: { fields: readonly (string | null)[] }) {
      reader ??= known.get(asked[at]?.statement.name ?? '') ?? nothing
      try {
        rows.push(read(reader, fields))
      } catch (error) {
        unreadable ??= error
      }
    },
    handleCommandComplete({ text }: { text: string }) {
      const { statement, resolve, reject } = asked[at] as Asked
      if (statement.name !== undefined && !known.has(statement.name)) known.set(statement.name, reader ?? nothing)
      const answer = { rows, command: text.split(' ', 1)[0] ?? '' }
      at += 1
      query.name = asked[at]?.statement.name
      query.text = asked[at]?.statement.text
      reader = undefined
      rows = []
      if (unreadable === undefined) resolve(answer)
      else reject(unreadable)
      unreadable = undefined
    },
    handleEmptyQuery() {
      query.handleCommandComplete({ text: '' })
    },
    handleError(error: unknown, wire: Wire) {
      // Those behind the one that failed were sent, but nobody has parsed them.
      for (const name of parsed) if (!(name in wire.parsedStatements)) delete wire.submittedNamedStatements[name]
      is_stale = isStale(asked[at]?.statement.name, parsed, error)
      query.callback(error)
    },
    handleReadyForQuery() {
      query.callback()
    },
  }
  return query
}

function isStale(name: string | undefined, parsed_now: readonly string[], error: unknown): boolean {
  return name !== undefined && !parsed_now.includes(name) && isSqlstate(error, ...stale_states)
}

/** One packet, not one for each message: the server begins when it has all of it, and each write costs a system call. */
function inOneWrite(wire: Wire, work: () => void): void {
  const { _send: send } = wire
  if (send === undefined) {
    work()
    return
  }
  const messages: Buffer[] = []
  wire._send = (message) => void messages.push(message)
  try {
    work()
  } finally {
    wire._send = send
  }
  send.call(wire, Buffer.concat(messages))
}

/** Writes one statement; returns the name under which the server is asked to keep it, if it is not known yet. */
function write(
  wire: Wire,
  known: Map<string, Reader>,
  { name, text }: Statement,
  values: readonly unknown[],
): string[] {
  const is_parsed = name !== undefined && (name in wire.parsedStatements || name in wire.submittedNamedStatements)
  if (!is_parsed) wire.parse({ name, text })
  wire.bind({ statement: name, values })
  if (name === undefined || !known.has(name)) wire.describe({ type: 'P' })
  wire.execute()
  if (name === undefined || is_parsed) return []
  wire.submittedNamedStatements[name] = text
  return [name]
}

const nothing: Reader = { columns: [], empty: {} }

function readerOf(client: PoolClient, fields: readonly Field[]): Reader {
  const paths = fields.map(({ name }) => name.split('.', 2) as [string, string?])
  const insideOf = (outer: string) => {
    const members = paths.filter(([name, member]) => name === outer && member !== undefined)
    return { name: outer, empty: Object.fromEntries(members.map(([, member]) => [member, null])) }
  }
  const columns = fields.map(({ dataTypeID }, i): Column => {
    const parse = client.getTypeParser(dataTypeID, 'text')
    const [name, member] = paths[i] as [string, string?]
    return member === undefined ? { name, parse } : { name: member, parse, inside: insideOf(name) }
  })
  return { columns, empty: Object.fromEntries(paths.map(([name]) => [name, null])) }
}

function read({ columns, empty }: Reader, fields: readonly (string | null)[]): Row {
  const row = { ...empty }
  for (let i = 0; i < columns.length; i += 1) {
    const text = fields[i]
    const column = columns[i]
    if (text === null || text === undefined || column === undefined) continue
    const { name, parse, inside } = column
    const target = inside === undefined ? row : insideIn(row, inside)
    target[name] = parse(text)
  }
  return row
}

function insideIn(row: Row, { name, empty }: NonNullable<Column['inside']>): Row {
  row[name] ??= { ...empty }
  return row[name] as Row
}
