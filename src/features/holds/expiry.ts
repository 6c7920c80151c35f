// Clears the ledger of holds that have expired, and a day later their notes. Expired holds do not block.
import sql from 'sql-template-tag'
import type { Database } from '../../core/postgres/database.ts'

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

/**
 * Deletes the notes of holds that expired more than a day ago and became no booking, of every agency, batch by batch. By
 * then no answer to a keyed request repeats them either. Ends early when `signal` is aborted. Returns how many.
 */
export async function deleteExpiredNotes(db: Database, signal?: AbortSignal): Promise<number> {
  let cleared = 0
  let updated = batch_size
  while (updated === batch_size && !signal?.aborted) {
    updated = await clearBatch(db)
    cleared += updated
  }
  return cleared
}

async function clearBatch(db: Database): Promise<number> {
  const { updated } = await db.systemTx((tx) =>
    tx.one<{ updated: number }>(sql`
      with cleared as (
        update holds set notes = null
        where notes is not null and booking_id is null and expires_at < now() - interval '1 day' and ctid = any (array(
          select h.ctid from holds h
          where h.notes is not null and h.booking_id is null and h.expires_at < now() - interval '1 day'
          limit ${batch_size}))
        returning 1)
      select count(*) as updated from cleared`),
  )
  return updated
}
