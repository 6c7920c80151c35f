// Idempotency keys: here, the removal of those that have expired.
import sql from 'sql-template-tag'
import type { Database } from './database.ts'

const batch_size = 1000

/**
 * Deletes the expired keys of every agency, 1,000 in a transaction of their own at a time, so that nobody waits long for
 * a lock. Ends early, after a whole batch, when `signal` is aborted. Returns how many were deleted.
 */
export async function purgeExpiredKeys(db: Database, signal?: AbortSignal): Promise<number> {
  let purged = 0
  let deleted = batch_size
  while (deleted === batch_size && !signal?.aborted) {
    deleted = await purgeBatch(db)
    purged += deleted
  }
  return purged
}

/** By place in the table (ctid): no sort, and a key that is renewed meanwhile has moved and stays. */
async function purgeBatch(db: Database): Promise<number> {
  const { deleted } = await db.systemTx((tx) =>
    tx.one<{ deleted: number }>(sql`
      with gone as (
        delete from idempotency_keys where expires_at < now() and ctid = any (array(
          select k.ctid from idempotency_keys k where k.expires_at < now() limit ${batch_size}))
        returning 1)
      select count(*) as deleted from gone`),
  )
  return deleted
}
