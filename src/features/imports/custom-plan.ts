// Runs a prepared statement with a plan for the present size of the tables.
import sql, { type Sql } from 'sql-template-tag'
import type { Tx } from '../../core/postgres/transaction.ts'

/**
 * PostgreSQL caches the plan of a prepared statement, and an import starts with empty tables: the lookup of a batch took
 * 84 ms with the cached plan, 3 ms with a custom plan. Planning takes about 1 ms, too much for the statements of a row.
 */
export async function withCustomPlan<Row>(tx: Tx, statement: Sql): Promise<Row[]> {
  const [, rows] = await Promise.all([
    tx.query(sql`select set_config('plan_cache_mode', 'force_custom_plan', true)`),
    tx.query<Row>(statement),
    tx.query(sql`select set_config('plan_cache_mode', 'auto', true)`),
  ])
  return rows
}
