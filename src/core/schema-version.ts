// The version of the schema in the database, compared with that of this code.
import sql from 'sql-template-tag'
import { AppError } from './app-error.ts'
import type { Database } from './postgres/database.ts'
import { SchemaDriftError } from './server-errors.ts'

/** The version of the newest applied migration; null in a database without any. Throws AppError, as every statement. */
export async function readSchemaVersion(db: Database): Promise<string | null> {
  const row = await db.systemTx((tx) => tx.one<{ version: string | null }>(sql`select app.schema_version() as version`))
  return row.version
}

/** Whether readSchemaVersion failed for a reason other than the schema: a schema without the function or the role is old. */
export function isTransient(error: unknown): boolean {
  return error instanceof AppError && error.status === 503 && !(error instanceof SchemaDriftError)
}
