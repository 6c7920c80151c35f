// Counts the deadlocks of a database.
import sql from 'sql-template-tag'
import type { Database } from '../../../core/postgres/database.ts'

/**
 * The total number of deadlocks in this database. Sessions report their statistics with a delay, so each of the pool's
 * `connections` is made to flush them first.
 */
export async function countDeadlocks(db: Database, connections: number): Promise<number> {
  let missing = connections
  const all = Promise.withResolvers<void>()
  const markFlushed = () => {
    missing -= 1
    if (missing <= 0) all.resolve()
  }
  const flush = () =>
    db.systemTx(async (tx) => {
      await tx.query(sql`select pg_stat_force_next_flush()`)
      markFlushed()
      await all.promise
    })
  // A connection that cannot be acquired has no statistics to flush.
  await Promise.all(Array.from({ length: connections }, () => flush().catch(markFlushed)))
  const { count } = await db.systemTx((tx) =>
    tx.one<{ count: number }>(sql`select deadlocks as count from pg_stat_database where datname = current_database()`),
  )
  return count
}
