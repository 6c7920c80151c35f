// The statements of one transaction on their way to the server: those of one turn of the event loop leave together.
import { createHash } from 'node:crypto'
import type { PoolClient } from 'pg'
import type { Sql } from 'sql-template-tag'
import { type Answer, type Asked, exchange, type Statement } from './pipeline.ts'
import { begin } from './session-settings.ts'

export interface Line {
  /** Leaves with everything else that is asked in this turn of the event loop. */
  ask(text: string, values?: readonly unknown[]): Promise<Answer>
  /** The same; nobody waits for its answer. */
  send(text: string, values?: readonly unknown[]): void
  /** Whether there is a transaction to be ended. */
  is_open(): boolean
  /** Whether the server has answered to its beginning. */
  has_begun(): boolean
  /** The first failure that nobody was told of: of the beginning, or of what was sent. */
  failure(): unknown
  /** Call what it returns when everything since then is undone: no failure since then counts. */
  mark(): () => void
  /** Whether a prepared statement has failed because the schema changed: the connection must not be used again. */
  is_stale(): boolean
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>
}

export interface Beginning {
  /** The one statement that sets role and claims: for one transaction, so every one begins with it. */
  readonly context: Sql
  /** A statement behind it that fails unless the actor still may act; asked whenever something begins. */
  readonly precheck?: () => Sql | undefined
  /** Without BEGIN: what leaves together is a transaction, and ends when it is answered. */
  readonly is_read: boolean
}

const names = new Map<string, string>()

/** Short ones are their own name: so whoever looks at the wire, or at pg_prepared_statements, sees a COMMIT. */
function nameOf(text: string): string {
  const known = names.get(text)
  if (known !== undefined) return known
  const name = text.length < 24 ? text : createHash('sha256').update(text).digest('base64url').slice(0, 24)
  names.set(text, name)
  return name
}

/** A line on a connection that nobody else uses meanwhile. Nothing is sent before there is something to ask. */
export function openLine(client: PoolClient, { context, is_read, precheck }: Beginning, prepared: boolean): Line {
  let waiting: Asked[] = []
  let running: Promise<unknown> = Promise.resolve()
  let is_open = false
  let is_sent = false
  let has_begun = false
  let is_stale = false
  let failed: { readonly error: unknown } | undefined

  function statement(text: string, values: readonly unknown[] = []): Statement {
    return { text, values, name: prepared ? nameOf(text) : undefined }
  }

  const fail = (error: unknown) => {
    failed ??= { error }
  }

  function beginning(): Asked[] {
    const begun = () => {
      has_begun = true
    }
    const set: Asked = { statement: statement(context.text, context.values), resolve: begun, reject: fail }
    const check = precheck?.()
    const sets = check === undefined ? [set] : [set, { ...set, statement: statement(check.text, check.values) }]
    if (is_read) return sets
    is_sent = true
    return [{ statement: statement(begin), resolve: () => {}, reject: fail }, ...sets]
  }

  function leave(): void {
    const asked = is_sent ? waiting : [...beginning(), ...waiting]
    waiting = []
    running = exchange(client, asked).then((has_stale) => {
      is_stale ||= has_stale
    })
  }

  function ask(text: string, values?: readonly unknown[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (waiting.length === 0) process.nextTick(leave)
      waiting.push({ statement: statement(text, values), resolve, reject })
      is_open = !is_read
    })
  }

  return {
    ask,
    send: (text, values) => void ask(text, values).catch(fail),
    is_open: () => is_open,
    has_begun: () => has_begun,
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
