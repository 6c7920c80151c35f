// Deletes the occupancies of expired holds, and one day later the notes of the holds.
import sql from 'sql-template-tag'
import type { Database } from '../../core/postgres/database.ts'

const batch_size = 500

/**
 * Deletes the expired occupancies of all agencies, in batches with a transaction each. Stops between batches when
 * `signal` is aborted. Returns the number of deleted rows. Expired holds do not block nights, even before this runs.
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
 * Skips properties that are locked by `reserve`, which deletes expired occupancies itself. Without the lock, two
 * transactions that delete the same rows in different order could deadlock.
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
 * Deletes the notes of holds of all agencies that expired more than a day ago without a booking, in batches. The
 * idempotency keys of their requests have expired by then, so no replayed answer contains the notes. Stops between
 * batches when `signal` is aborted. Returns the number of holds.
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
