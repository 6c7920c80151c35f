// The rights of a guest under GDPR articles 15, 17 and 20: erasure and export.
import sql, { type Sql } from 'sql-template-tag'
import { ConflictError } from '../../core/errors.ts'
import { recordAudit, recordAudits } from '../../core/events/audit.ts'
import { withholdAnswers } from '../../core/idempotency.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { localDay } from '../../core/time-zones.ts'
import type { ExpectedVersions } from '../../core/versions.ts'
import { timeZone } from '../properties/local-day.ts'
import { currentId, getGuest, guestEntity, lockGuest } from './guests.ts'
import type { Guest, GuestExport } from './schema.ts'

/**
 * Erases the name, e-mail and phone of the guest, of the guests merged into it and on its bookings, the free texts of all
 * current and former bookings and of the holds behind those, and the stored responses with any of it. The bookings stay,
 * for accounting, and the country, so that reports of past stays remain as they were: without name and contact it is a statistic.
 * A second call changes nothing. Throws GuestNotFoundError, VersionMismatchError, and ConflictError while
 * a stay is current or upcoming.
 */
export async function anonymiseGuest(tx: Tx, given_id: string, expected?: ExpectedVersions): Promise<Guest> {
  // Bookings before guests: the lock order of everything that changes a booking.
  await tx.query(sql`
    select b.id from bookings b
    where b.agency_id = ${tx.agency_id} and b.id in (${bookingsOf(tx, await idsOf(tx, given_id))})
    order by b.id for no key update`)
  const { id, version, anonymised_at } = await lockGuest(tx, given_id, expected)
  if (anonymised_at !== null) return getGuest(tx, id)
  await requireNoStay(tx, id)
  // Read again: the lock prevents further merges.
  const ids = await idsOf(tx, id)
  await tx.query(sql`
    update guests g set first_name = 'Anonymised', last_name = 'Guest', email = null, phone = null, anonymised_at = now()
    where g.agency_id = ${tx.agency_id} and g.id = any (${ids}::uuid[])`)
  const holds = await tx.query<Cleared>(sql`
    update holds h set notes = null
    where h.agency_id = ${tx.agency_id} and h.booking_id in (${bookingsOf(tx, ids)})
    returning h.id, h.property_id, h.version`)
  const bookings = await eraseBookings(tx, id, ids)
  await withholdAnswers(tx, [...ids, ...[...holds, ...bookings].map((row) => row.id)])
  recordAudits(tx, [
    { action: 'guest.anonymised', ...guestEntity(id, version + 1) },
    ...holds.map((hold) => clearedEntry('hold', hold)),
    ...bookings.map((booking) => clearedEntry('booking', booking)),
  ])
  return getGuest(tx, id)
}

interface Cleared {
  readonly id: string
  readonly property_id: string
  readonly version: number
}

/** Without the texts, and without their names: which of them a booking had is about the guest. */
function clearedEntry(entity_type: 'booking' | 'hold', { id, property_id, version }: Cleared) {
  return { action: `${entity_type}.updated`, entity_type, entity_id: id, property_id, version }
}

/** A booking that now has another guest keeps that guest's name and contact. */
function eraseBookings(tx: Tx, id: string, ids: readonly string[]): Promise<Cleared[]> {
  return tx.query(sql`
    update bookings b set guest_message = null, internal_notes = null, cancellation_reason = null, refund_reason = null, version = b.version + 1,
      guest_first_name = case when b.guest_id = ${id} then 'Anonymised' else b.guest_first_name end,
      guest_last_name = case when b.guest_id = ${id} then 'Guest' else b.guest_last_name end,
      guest_email = case when b.guest_id = ${id} then null else b.guest_email end,
      guest_phone = case when b.guest_id = ${id} then null else b.guest_phone end
    where b.agency_id = ${tx.agency_id} and b.id in (${bookingsOf(tx, ids)}) returning b.id, b.property_id, b.version`)
}

/** The id of the guest, then those of the guests merged into it; none when there is no such guest. */
async function idsOf(tx: Tx, id: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(sql`
    select g.id from guests g where g.agency_id = ${tx.agency_id} and g.id = ${currentId(tx, id)}
    union all
    select m.id from guests m where m.agency_id = ${tx.agency_id} and m.merged_into_id = ${currentId(tx, id)}`)
  return rows.map((row) => row.id)
}

/** Ids of the bookings that these guests have, or had before another guest. */
function bookingsOf(tx: Tx, ids: readonly string[]): Sql {
  return sql`
    select c.id from bookings c where c.agency_id = ${tx.agency_id} and c.guest_id = any (${ids}::uuid[])
    union all
    select d.id from bookings d
    where d.agency_id = ${tx.agency_id} and d.former_guest_ids is not null and d.former_guest_ids && ${ids}::uuid[]`
}

interface Stay {
  readonly reference: string
  readonly check_in: string
  readonly check_out: string
}

/** The day of departure counts, in the time zone of the property. A checked-in guest is kept, whatever the dates. */
async function requireNoStay(tx: Tx, id: string): Promise<void> {
  // No zone is more than a day away from UTC.
  const stays = await tx.query<Stay & { status: string; time_zone: string }>(sql`
    select b.reference, b.check_in, b.check_out, b.status, ${timeZone} as time_zone
    from bookings b
    join properties p on p.agency_id = b.agency_id and p.id = b.property_id
    join agencies a on a.id = b.agency_id
    where b.agency_id = ${tx.agency_id} and a.id = ${tx.agency_id} and b.guest_id = ${id} and b.deleted_at is null
      and (b.status = 'checked_in' or (b.status in ('inquiry', 'pending', 'confirmed')
        and b.check_out >= (now() at time zone 'UTC')::date - 1))
    order by b.check_in, b.id limit 100`)
  const isCurrent = ({ status, check_out, time_zone }: (typeof stays)[number]) =>
    status === 'checked_in' || check_out >= localDay(tx.now(), time_zone)
  const current = stays.find(isCurrent)
  if (current === undefined) return
  const { reference, check_in, check_out } = current
  const message = 'The guest has a current or upcoming stay: cancel it first, or wait until it is over.'
  throw new ConflictError({ message, meta: { booking: { reference, check_in, check_out } } })
}

/** Columns that say nothing about the person, or only repeat the others. */
const derived = ['agency_id', 'sort_name', 'search_text']

/** All stored data about the guest. Adds an audit entry. Throws GuestNotFoundError. */
export async function exportGuest(tx: Tx, given_id: string): Promise<GuestExport> {
  const { id, version } = await lockGuest(tx, given_id)
  const ids = await idsOf(tx, id)
  recordAudit(tx, { action: 'guest.exported', ...guestEntity(id, version) })
  return tx.one<GuestExport>(sql`
    select now() as exported_at,
      (select to_jsonb(g) - ${derived}::text[] from guests g where g.agency_id = ${tx.agency_id} and g.id = ${id}) as guest,
      (select coalesce(jsonb_agg(to_jsonb(m) - ${derived}::text[] order by m.id), '[]')
        from guests m where m.agency_id = ${tx.agency_id} and m.merged_into_id = ${id}) as merged_guests,
      (select coalesce(jsonb_agg(to_jsonb(b) - 'agency_id' - 'former_guest_ids' || jsonb_build_object('property_name', p.name)
          order by b.check_in, b.id), '[]')
        from bookings b join properties p on p.agency_id = b.agency_id and p.id = b.property_id
        where b.agency_id = ${tx.agency_id} and b.guest_id = ${id}) as bookings,
      (select coalesce(jsonb_agg(to_jsonb(h) - 'agency_id' order by h.created_at, h.id), '[]')
        from holds h join bookings b on b.agency_id = h.agency_id and b.id = h.booking_id
        where h.agency_id = ${tx.agency_id} and b.guest_id = ${id}) as holds,
      (select coalesce(jsonb_agg(jsonb_build_object('at', l.created_at, 'action', l.action, 'by', l.actor_role)
          order by l.id), '[]')
        from audit_log l
        where l.agency_id = ${tx.agency_id} and l.entity_type = 'guest' and l.entity_id = any (${ids})) as history`)
}
