// Configures pg-boss and connects it to the database, as roost_system or as the schema owner.
import type { ConstructorOptions, Db, PgBoss } from 'pg-boss'
import { AppError } from '../app-error.ts'
import type { Database } from '../postgres/database.ts'

/** A connection of the schema owner: one session. A query text may hold several statements. */
export interface JobsConnection {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
}

/**
 * Creates a pg-boss that does not change its schema: roost_system may not, and REINDEX CONCURRENTLY fails in a transaction.
 * Imported on demand, so that a start with a current schema does not load it.
 */
export async function createBoss(options: ConstructorOptions): Promise<PgBoss> {
  const { PgBoss } = await import('pg-boss')
  return new PgBoss({
    migrate: false,
    createSchema: false,
    reindex: false,
    registerInstance: false,
    openTelemetry: { enabled: false },
    flowIntervalSeconds: 3600, // no job depends on another
    ...options,
  })
}

/** Runs each query in a system transaction. pg-boss checks SQLSTATEs, so the driver's error is thrown, not the AppError. */
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

/** Runs one query at a time and rolls back after a failure, so that no transaction stays open. */
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

/** Removes BEGIN and COMMIT, which some queries contain: in a transaction the server warns about them. */
function withoutTransaction(text: string): string {
  return /^\s*begin;(.*)commit;\s*$/is.exec(text)?.[1] ?? text
}

/** The driver returns a list of results for a text with several statements; pg-boss expects all rows in one. */
function allRows(result: { rows: unknown[] } | { rows: unknown[] }[]): { rows: unknown[] } {
  return Array.isArray(result) ? { rows: result.flatMap(({ rows }) => rows) } : result
}

export const errorCode = (error: unknown) => (error as { code?: unknown } | undefined)?.code
const hasSqlstate = (error: unknown) => /^[0-9A-Z]{5}$/.test(String(errorCode(error)))
