// The one way in which a booking that exists is changed: locked, written, recorded and announced in one transaction.
import sql from 'sql-template-tag'
import { BookingNotFoundError } from '../../core/errors.ts'
import { changes, recordAudit } from '../../core/events/audit.ts'
import { announce } from '../../core/events/events.ts'
import { withholdAnswers } from '../../core/idempotency.ts'
import { assignments } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import { type Expected, requireVersion } from '../../core/versions.ts'
import { findBooking, getBooking } from './listing.ts'
import type { FullBooking } from './schema.ts'

/** One change of a booking at a time, until the transaction ends. Throws BookingNotFoundError, VersionMismatchError. */
export async function lockedBooking(tx: Tx, id: string, expected?: Expected): Promise<FullBooking> {
  const lock = tx.query(sql`
    select b.id from bookings b
    where b.agency_id = ${tx.agency_id} and b.id = ${id} and b.deleted_at is null for no key update`)
  // Its own statement, so that it sees what the lock has waited for.
  const [, booking] = await settleAll(lock, findBooking(tx, id))
  if (booking === undefined) throw new BookingNotFoundError()
  requireVersion(booking.version, expected)
  return booking as FullBooking
}

/** Writes the columns and raises the version. Call it with the booking locked; returns it as it is now. */
export async function saveChanges(
  tx: Tx,
  before: FullBooking,
  columns: Readonly<Record<string, unknown>>,
  action = 'booking.updated',
): Promise<FullBooking> {
  const update = tx.query(sql`
    update bookings b set ${assignments({ ...columns, ...formerGuest(before, columns) })}, version = b.version + 1
    where b.agency_id = ${tx.agency_id} and b.id = ${before.id} and b.status = ${before.status}`)
  if (clearsWords(before, columns)) await withholdAnswers(tx, [before.id])
  const [, after] = await settleAll(update, getBooking(tx, before.id), announce(tx, 'booking.changed', before.id))
  const entry = { action, entity_type: 'booking', entity_id: before.id }
  const { before: was, after: is } = changes(flat(before), flat(after as FullBooking))
  recordAudit(tx, { ...entry, before: was, after: is })
  return after as FullBooking
}

/** Somebody takes words away, maybe on request: no answer that was kept for a key may bring them back. */
function clearsWords(before: FullBooking, columns: Readonly<Record<string, unknown>>): boolean {
  return (['guest_message', 'internal_notes'] as const).some((name) => before[name] !== null && columns[name] === null)
}

/** Notes may still be about the guest who leaves the booking: erasing that guest must find it. */
function formerGuest({ guest }: FullBooking, { guest_id }: Readonly<Record<string, unknown>>): object {
  if (guest === null || guest_id === undefined || guest_id === guest.id) return {}
  return { former_guest_ids: sql`array_append(b.former_guest_ids, ${guest.id}::uuid)` }
}

/** A booking as the log keeps it, for what is new or gone. */
export function audited(booking: FullBooking): object {
  return flat(booking)
}

function flat({ guest, ...columns }: FullBooking): Record<string, unknown> {
  return { ...columns, guest_id: guest?.id ?? null }
}
