// Clears the ledger of holds that have expired. Nobody waits for it: such a hold is in nobody's way as it is.
import sql from 'sql-template-tag'
import type { Database } from '../../core/database.ts'

const batch_size = 500

/**
 * Removes what has expired from the ledger of every agency, batch by batch, each in a transaction of its own. Ends early,
 * after a whole batch, when `signal` is aborted. Returns how many rows it removed.
 */
export async function expireHolds(db: Database, signal?: AbortSignal): Promise<number> {
  let expired = 0
  let deleted = batch_size
  while (deleted === batch_size && !signal?.aborted) {
    deleted = await expireBatch(db)
    expired += deleted
  }
  return expired
}

/**
 * Leaves out every property that somebody is booking right now (the lock is that of lockNights): they clear it
 * themselves, and two who delete the same rows in another order would wait for each other.
 */
async function expireBatch(db: Database): Promise<number> {
  const { deleted } = await db.systemTx((tx) =>
    tx.one<{ deleted: number }>(sql`
      with gone as (
        delete from occupancies where expires_at < now() and ctid = any (array(
          select o.ctid from occupancies o where o.expires_at < now()
            and pg_try_advisory_xact_lock(hashtextextended(o.agency_id || '/' || o.property_id, 0))
          limit ${batch_size}))
        returning 1)
      select count(*) as deleted from gone`),
  )
  return deleted
}
