// pg-boss as we use it: its texts run in our transactions as roost_system, or on the schema owner's session.
import type { ConstructorOptions, Db, PgBoss } from 'pg-boss'
import { AppError } from '../app-error.ts'
import type { Database } from '../postgres/database.ts'

/** What is needed of the schema owner's connection: one session, whose texts may hold several statements. */
export interface JobsConnection {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
}

/**
 * A pg-boss that never changes its schema: at run time the role may not, and REINDEX CONCURRENTLY fails in a
 * transaction. Loaded when there is work: a start that finds the schema current need not pay for it.
 */
export async function createBoss(options: ConstructorOptions): Promise<PgBoss> {
  const { PgBoss } = await import('pg-boss')
  return new PgBoss({
    migrate: false,
    createSchema: false,
    reindex: false,
    registerInstance: false,
    openTelemetry: { enabled: false },
    flowIntervalSeconds: 3600, // no job waits for another
    ...options,
  })
}

/** Each text in a transaction of ours. pg-boss decides by the driver's errors, so they are not put in our words. */
export function systemDb(db: Database, onSuccess: () => void): Db {
  return {
    async executeSql(text, values) {
      try {
        const result = await db.systemTx((tx) => tx.script(withoutTransaction(text), values))
        onSuccess()
        return allRows(result)
      } catch (error) {
        throw error instanceof AppError && hasSqlstate(error.cause) ? error.cause : error
      }
    },
  }
}

/** One text at a time, and a failed one leaves no transaction open for the next. */
export function ownerDb(connection: JobsConnection): Db {
  let previous: Promise<unknown> = Promise.resolve()
  return {
    executeSql(text, values) {
      const result = previous.then(() => connection.query(text, values)).then(allRows)
      previous = result.catch(() => connection.query('rollback').catch(() => {}))
      return result
    },
  }
}

/** Some texts bring their own BEGIN and COMMIT: inside a transaction the server would warn about each of them. */
function withoutTransaction(text: string): string {
  return /^\s*begin;(.*)commit;\s*$/is.exec(text)?.[1] ?? text
}

/** The driver answers a text of several statements with a list; pg-boss wants the rows of all of them. */
function allRows(result: { rows: unknown[] } | { rows: unknown[] }[]): { rows: unknown[] } {
  return Array.isArray(result) ? { rows: result.flatMap(({ rows }) => rows) } : result
}

export const codeOf = (error: unknown) => (error as { code?: unknown } | undefined)?.code
const hasSqlstate = (error: unknown) => /^[0-9A-Z]{5}$/.test(String(codeOf(error)))
