// A statement that is planned for the tables as they are now.
import sql, { type Sql } from 'sql-template-tag'
import type { Tx } from '../../core/postgres/transaction.ts'

/**
 * A prepared statement keeps the plan it got when the tables were empty, and an import fills them: the lookup of a
 * batch took 84 ms that way, 3 ms planned anew. Not for the small statements of a row: planning costs about 1 ms.
 */
export async function plannedAnew<Row>(tx: Tx, statement: Sql): Promise<Row[]> {
  const [, rows] = await Promise.all([
    tx.query(sql`select set_config('plan_cache_mode', 'force_custom_plan', true)`),
    tx.query<Row>(statement),
    tx.query(sql`select set_config('plan_cache_mode', 'auto', true)`),
  ])
  return rows
}
