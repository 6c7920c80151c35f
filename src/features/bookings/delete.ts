// Soft-deletes a booking.
import sql from 'sql-template-tag'
import { recordAudit } from '../../core/events/audit.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import type { ExpectedVersions } from '../../core/versions.ts'
import { deleteOccupancy } from '../availability/occupancies.ts'
import { closedStatuses } from './lifecycle.ts'
import { auditColumns, bookingEntry, lockBooking } from './save.ts'
import { requireTransition } from './status.ts'

/**
 * Frees the nights at once. An open booking becomes cancelled, so the caller must be allowed to cancel it. Throws
 * BookingNotFoundError, VersionMismatchError, InvalidStatusTransitionError.
 */
export async function deleteBooking(tx: Tx, id: string, expected?: ExpectedVersions): Promise<void> {
  const before = await lockBooking(tx, id, expected)
  const is_open = !closedStatuses.includes(before.status)
  if (is_open) requireTransition(tx, before, 'cancelled')
  const update = tx.query(sql`
    update bookings b set deleted_at = now(), version = b.version + 1,
      status = case when ${is_open} then 'cancelled' else b.status end,
      cancelled_at = case when ${is_open} then now() else b.cancelled_at end,
      cancelled_by = case when ${is_open} then 'host' else b.cancelled_by end
    where b.agency_id = ${tx.agency_id} and b.id = ${id}`)
  await settleAll(update, deleteOccupancy(tx, id))
  const deleted = { ...before, version: before.version + 1 }
  recordAudit(tx, { ...bookingEntry('booking.deleted', deleted), before: auditColumns(before) })
}
