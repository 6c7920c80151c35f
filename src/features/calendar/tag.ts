// The ETag of a calendar, from the number of changes of the agency: known without reading the calendar.
import sql from 'sql-template-tag'
import { findScope } from '../../core/auth/permissions.ts'
import { all } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { weakTag } from '../../http/etag.ts'
import type { CalendarQuery } from './schema.ts'

/** Increase it when the same data are answered in another form. */
const form = 1

/**
 * Every change adds an entry to the audit log in its transaction, and a hold that expires is one active hold less. So the answer is the
 * same while both numbers are. The answer is read by a later statement and can be newer than its tag, never older.
 *
 * Undefined when the number of entries is not known, and for `since`, whose answer also depends on what is sealed.
 */
export async function readTag(tx: Tx, query: CalendarQuery): Promise<string | undefined> {
  if (query.since !== undefined) return undefined
  const { role } = tx.actor
  const owner_id = findScope(role, 'availability:read') === 'own' ? tx.actor.id : null
  const own = sql`o.property_id in (
    select p.id from properties p where p.agency_id = ${tx.agency_id} and p.owner_id = ${owner_id})`
  // By occupancies_hold_key: active holds, and those that expired some minutes ago.
  const active = all(
    sql`o.agency_id = ${tx.agency_id}`,
    sql`o.hold_id is not null and o.expires_at > now()`,
    owner_id === null ? undefined : own,
  )
  const { num_entries, num_holds } = await tx.one<{ num_entries: number | null; num_holds: number }>(sql`
    select app.entry_count() as num_entries, (select count(*) from occupancies o where ${active}) as num_holds`)
  if (num_entries === null) return undefined
  const asked = Object.entries(query).sort()
  return weakTag([form, tx.agency_id, role, owner_id, asked, num_entries, num_holds])
}
