// The audit entries of a booking, oldest first.
import sql, { type Sql } from 'sql-template-tag'
import type { Cursors } from '../../core/cursors.ts'
import { BookingNotFoundError } from '../../core/errors.ts'
import { auditEntryBytes } from '../../core/events/audit-values.ts'
import { limitByBytes, type Page, readPage } from '../../core/postgres/pages.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { HistoryEntry, HistoryQuery } from './list-schema.ts'

/** Includes deleted bookings. Throws BookingNotFoundError, CursorInvalidError. */
export async function bookingHistory(
  tx: Tx,
  cursors: Cursors,
  id: string,
  query: HistoryQuery,
): Promise<Page<HistoryEntry>> {
  const booking = await tx.maybe(sql`
    select b.id from bookings b where b.agency_id = ${tx.agency_id} and b.id = ${id}`)
  if (booking === undefined) throw new BookingNotFoundError()
  const first_id = '00000000-0000-0000-0000-000000000000'
  // Ordered by id, a UUIDv7 made while the booking is locked. `created_at` is the start of the transaction, which may
  // be earlier than that of an entry committed before it.
  const read = ([after = first_id]: readonly string[] = [], limit: Sql) =>
    tx.query<HistoryEntry>(
      limitByBytes(
        sql`
      select a.id, a.created_at, a.action, a.actor_id, coalesce(x.kind, 'operator') as actor_kind,
        x.name as actor_name, a.actor_role, a.request_id, a.before, a.after
      from audit_log a
      left join actors x on x.agency_id = a.agency_id and x.id = a.actor_id
      where a.agency_id = ${tx.agency_id} and a.entity_type = 'booking' and a.entity_id = ${id} and a.id > ${after}::uuid
      order by a.id limit ${limit}`,
        auditEntryBytes,
      ),
    )
  return readPage(tx, cursors, `bookings/${id.toLowerCase()}/history`, query, read, (entry) => [entry.id])
}
