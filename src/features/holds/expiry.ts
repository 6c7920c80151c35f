// Deletes the occupancies of expired holds, and one day later the notes of the holds. Both are changes of the hold.
import sql, { type Sql } from 'sql-template-tag'
import { jobOf } from '../../core/auth/actors.ts'
import { recordAudits } from '../../core/events/audit.ts'
import type { Database } from '../../core/postgres/database.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { type ChangedHold, holdEntry, holdVersion } from '../availability/occupancies.ts'

const batch_size = 500

/**
 * Deletes the expired occupancies of all agencies, in batches with a transaction each. Stops between batches when
 * `signal` is aborted. Returns the number of deleted rows. Expired holds do not block nights, even before this runs.
 */
export function expireHolds(db: Database, signal?: AbortSignal): Promise<number> {
  const agencies = sql`select distinct o.agency_id from occupancies o where o.expires_at < now()`
  return inAgencies(db, agencies, expireBatch, signal)
}

/**
 * Skips properties that are locked by `reserve`, which deletes expired occupancies itself. Without the lock, two
 * transactions that delete the same rows in different order could deadlock.
 */
async function expireBatch(tx: Tx): Promise<number> {
  const expired = await tx.query<ChangedHold>(sql`
    delete from occupancies o where o.agency_id = ${tx.agency_id} and o.expires_at < now() and o.ctid = any (array(
      select d.ctid from occupancies d where d.agency_id = ${tx.agency_id} and d.expires_at < now()
        and pg_try_advisory_xact_lock(hashtextextended(d.agency_id || '/' || d.property_id, 0))
      limit ${batch_size}))
    returning o.hold_id as id, o.property_id, ${holdVersion(tx)} as version`)
  recordAudits(
    tx,
    expired.map((hold) => holdEntry('hold.expired', hold)),
  )
  return expired.length
}

/**
 * Deletes the notes of holds of all agencies that expired more than a day ago without a booking, in batches. The
 * idempotency keys of their requests have expired by then, so no replayed answer contains the notes. Stops between
 * batches when `signal` is aborted. Returns the number of holds.
 */
export function deleteExpiredNotes(db: Database, signal?: AbortSignal): Promise<number> {
  const agencies = sql`select distinct h.agency_id from holds h where ${hasExpiredNotes}`
  return inAgencies(db, agencies, clearBatch, signal)
}

const hasExpiredNotes = sql`h.notes is not null and h.booking_id is null and h.expires_at < now() - interval '1 day'`

async function clearBatch(tx: Tx): Promise<number> {
  const cleared = await tx.query<ChangedHold>(sql`
    update holds u set notes = null where u.agency_id = ${tx.agency_id} and u.id = any (array(
      select h.id from holds h where h.agency_id = ${tx.agency_id} and ${hasExpiredNotes} limit ${batch_size} for update))
    returning u.id, u.property_id, u.version`)
  recordAudits(
    tx,
    cleared.map((hold) => ({ ...holdEntry('hold.updated', hold), after: { notes: null } })),
  )
  return cleared.length
}

/** Runs batches in each of the agencies until one is not full. Returns the sum of their results. */
async function inAgencies(
  db: Database,
  agencies: Sql,
  runBatch: (tx: Tx) => Promise<number>,
  signal?: AbortSignal,
): Promise<number> {
  const found = await db.systemRead((tx) => tx.query<{ agency_id: string }>(agencies))
  let total = 0
  for (const { agency_id } of found) {
    for (let count = batch_size; count === batch_size && !signal?.aborted; total += count) {
      count = await db.tenantTx(jobOf(agency_id), runBatch)
    }
  }
  return total
}
