// Locks an existing booking and saves its changes, with their audit entry.
import sql from 'sql-template-tag'
import { BookingNotFoundError } from '../../core/errors.ts'
import { type AuditEntry, pickChanges, recordAudit } from '../../core/events/audit.ts'
import { withholdAnswers } from '../../core/idempotency.ts'
import { assignments } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import { type ExpectedVersions, requireVersion } from '../../core/versions.ts'
import { findBooking, getBooking } from './list.ts'
import type { FullBooking } from './schema.ts'

/** Locks the booking until the transaction ends. Throws BookingNotFoundError, VersionMismatchError. */
export async function lockBooking(tx: Tx, id: string, expected?: ExpectedVersions): Promise<FullBooking> {
  const lock = tx.query(sql`
    select b.id from bookings b
    where b.agency_id = ${tx.agency_id} and b.id = ${id} and b.deleted_at is null for no key update`)
  // A second statement, so that it sees what was committed while this one waited for the lock.
  const [, booking] = await settleAll(lock, findBooking(tx, id))
  if (booking === undefined) throw new BookingNotFoundError()
  requireVersion(booking.version, expected)
  return booking as FullBooking
}

/** Updates the columns and the version. Call it with the booking locked. Returns the booking after the change. */
export async function saveChanges(
  tx: Tx,
  before: FullBooking,
  columns: Readonly<Record<string, unknown>>,
  action = 'booking.updated',
): Promise<FullBooking> {
  const update = tx.query(sql`
    update bookings b set ${assignments({ ...columns, ...formerGuest(before, columns) })}, version = b.version + 1
    where b.agency_id = ${tx.agency_id} and b.id = ${before.id} and b.status = ${before.status}`)
  if (clearsText(before, columns)) await withholdAnswers(tx, [before.id])
  const [, after] = await settleAll(update, getBooking(tx, before.id))
  const changes = pickChanges(auditColumns(before), auditColumns(after as FullBooking))
  const guest_changed = changedOf(before, after as FullBooking)
  const changed = guest_changed.length === 0 ? changes : { ...changes, after: { ...changes.after, guest_changed } }
  recordAudit(tx, { ...bookingEntry(action, after as FullBooking, before), ...changed })
  return after as FullBooking
}

/** The names of the guest's fields that changed, without their values; none when the booking has another guest. */
function changedOf({ guest }: FullBooking, after: FullBooking): string[] {
  if (guest === null || guest.id !== after.guest?.id) return []
  return Object.keys(pickChanges(guest, after.guest).after)
}

/** Deleted text must not be returned by a replayed answer: a guest may have asked for its deletion. */
function clearsText(before: FullBooking, columns: Readonly<Record<string, unknown>>): boolean {
  return (['guest_message', 'internal_notes'] as const).some((name) => before[name] !== null && columns[name] === null)
}

/** Notes may be about a guest who was removed from the booking. Erasing that guest must find them. */
function formerGuest({ guest }: FullBooking, { guest_id }: Readonly<Record<string, unknown>>): object {
  if (guest === null || guest_id === undefined || guest_id === guest.id) return {}
  return { former_guest_ids: sql`array_append(b.former_guest_ids, ${guest.id}::uuid)` }
}

/** The audit entry of a change without its columns. `before` tells whether the booking was moved to another property. */
export function bookingEntry(
  action: string,
  { id, version, property_id }: FullBooking,
  before?: FullBooking,
): Omit<AuditEntry, 'before' | 'after'> {
  const is_moved = before !== undefined && before.property_id !== property_id
  const entry = { action, entity_type: 'booking', entity_id: id, version, property_id }
  return is_moved ? { ...entry, former_property_id: before.property_id } : entry
}

/** The booking as the audit log stores it: `guest_id` instead of the guest. */
export function auditColumns({ guest, ...columns }: FullBooking): Record<string, unknown> {
  return { ...columns, guest_id: guest?.id ?? null }
}
