// The statement queue of one transaction: statements of one event loop turn are sent as one pipeline.
import { createHash } from 'node:crypto'
import type { PoolClient } from 'pg'
import type { Sql } from 'sql-template-tag'
import { tracedStatement } from '../trace.ts'
import { type QueuedStatement, type Statement, type StatementResult, sendPipeline } from './pipeline.ts'
import { begin } from './session-settings.ts'

export interface StatementQueue {
  /** Sends the statement together with all others of this event loop turn. */
  query(text: string, values?: readonly unknown[]): Promise<StatementResult>
  /** The same without a result. A failure, as `translate` returns it, is available from `failure`. */
  enqueue(text: string, values?: readonly unknown[], translate?: (error: unknown) => unknown): void
  /** Whether there is a transaction that has to be committed or rolled back. */
  is_open(): boolean
  /** Whether the server has confirmed the start of the transaction. */
  has_begun(): boolean
  /** When the transaction began, by the clock of the database; undefined until the server has confirmed it. */
  began_at(): string | undefined
  /** The first failure that was not reported to a caller of `query`: of the start, or of a statement of `enqueue`. */
  failure(): unknown
  /** Returns a function that discards the failures since this call; for ROLLBACK TO SAVEPOINT. */
  mark(): () => void
  /** Whether a prepared statement failed because the schema changed. The connection must not be used again. */
  is_stale(): boolean
  /** Resolves when no pipeline is running. */
  idle(): Promise<void>
}

export interface TransactionStart {
  /**
   * The statement that sets role and claims, and returns now() as `began_at`. It applies to one transaction, so every
   * transaction begins with it.
   */
  readonly context: Sql
  /** A statement after it that fails unless the actor is still authorized. Evaluated at each start. */
  readonly precheck?: () => Sql | undefined
  /** Without BEGIN: each pipeline is an implicit transaction. */
  readonly is_read: boolean
}

const names = new Map<string, string>()

/** Short texts are their own name, so that COMMIT is readable in pg_prepared_statements and in a packet trace. */
function nameOf(text: string): string {
  const known = names.get(text)
  if (known !== undefined) return known
  const name = text.length < 24 ? text : createHash('sha256').update(text).digest('base64url').slice(0, 24)
  names.set(text, name)
  return name
}

/** Opens a queue on a connection that nothing else uses. BEGIN is sent with the first statement, not before. */
export function openStatementQueue(
  client: PoolClient,
  { context, is_read, precheck }: TransactionStart,
  prepared: boolean,
): StatementQueue {
  let waiting: QueuedStatement[] = []
  let running: Promise<unknown> = Promise.resolve()
  let is_open = false
  let is_begin_sent = false
  let has_begun = false
  let began_at: string | undefined
  let is_stale = false
  let failed: { readonly error: unknown } | undefined

  function statement(text: string, values: readonly unknown[] = []): Statement {
    return { text, values, name: prepared ? nameOf(text) : undefined }
  }

  const fail = (error: unknown) => {
    failed ??= { error }
  }

  function startStatements(): QueuedStatement[] {
    const begun = ({ rows: [row] }: StatementResult) => {
      has_begun = true
      began_at = row?.began_at as string
    }
    const set: QueuedStatement = { statement: statement(context.text, context.values), resolve: begun, reject: fail }
    const check = precheck?.()
    const checked = { statement: statement(check?.text ?? '', check?.values), resolve: () => {}, reject: fail }
    const sets = check === undefined ? [set] : [set, checked]
    if (is_read) return sets
    is_begin_sent = true
    return [{ statement: statement(begin), resolve: () => {}, reject: fail }, ...sets]
  }

  function flush(): void {
    const statements = is_begin_sent ? waiting : [...startStatements(), ...waiting]
    waiting = []
    running = sendPipeline(client, statements).then((has_stale) => {
      is_stale ||= has_stale
    })
  }

  function query(text: string, values?: readonly unknown[]): Promise<StatementResult> {
    const send = () =>
      new Promise<StatementResult>((resolve, reject) => {
        if (waiting.length === 0) process.nextTick(flush)
        waiting.push({ statement: statement(text, values), resolve, reject })
        is_open = !is_read
      })
    return tracedStatement(text, send)
  }

  return {
    query,
    enqueue: (text, values, translate = (error) => error) =>
      void query(text, values).catch((error) => fail(translate(error))),
    is_open: () => is_open,
    has_begun: () => has_begun,
    began_at: () => began_at,
    failure: () => failed?.error,
    mark() {
      const before = failed
      return () => {
        failed = before
      }
    },
    is_stale: () => is_stale,
    idle: async () => void (await running),
  }
}
