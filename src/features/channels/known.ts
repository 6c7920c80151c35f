// Finds what Roost has of the bookings of channels, by their codes: booking, facts, open conflict. Saves the facts.
import sql from 'sql-template-tag'
import { columns, recordset } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { Booking, Status } from '../bookings/schema.ts'
import type { AppliedFacts, ChannelBooking } from './facts.ts'

/** Which booking of which channel. */
export interface ChannelKey {
  readonly source: Booking['source']
  readonly code: string
}

export const keyText = ({ source, code }: ChannelKey): string => `${source}/${code}`

export interface KnownBooking extends ChannelBooking {
  readonly version: number
  readonly is_deleted: boolean
  /** Null: imported before facts were kept, or entered by people. */
  readonly facts: AppliedFacts | null
  /** Whether people have changed it; false where there are facts. */
  readonly is_changed_by_people: boolean
}

interface OpenConflict {
  readonly id: string
  /** Null: none, or erased. */
  readonly guest_id: string | null
}

/** What Roost has of one booking of a channel. */
export interface Known {
  readonly booking: KnownBooking | undefined
  readonly conflict: OpenConflict | undefined
}

type Row = Omit<KnownBooking, 'id'> &
  ChannelKey & { readonly id: string | null; readonly conflict: OpenConflict | null }

const bookingColumns = columns(
  [
    'id',
    'reference',
    'property_id',
    'status',
    'check_in',
    'check_out',
    'num_adults',
    'num_children',
    'num_infants',
    'total_cents',
    'cleaning_fee_cents',
    'tax_cents',
    'refund_cents',
    'currency',
    'payout_cents',
    'channel_fee_cents',
    'booked_on',
    'version',
  ],
  'b.',
)

/** By keyText. One index lookup per code: without table statistics, `= any` would scan every booking. */
export async function findKnown(tx: Tx, keys: readonly ChannelKey[]): Promise<Map<string, Known>> {
  const wanted = keys.map(({ source, code }) => ({ source, external_code: code }))
  const rows = await tx.query<Row>(sql`
    select r.source, r.external_code as code, k.*, (
        select json_build_object('id', x.id, 'guest_id', (
            select g.id from guests g
            where g.agency_id = ${tx.agency_id} and g.id = x.guest_id and g.anonymised_at is null))
        from booking_conflicts x
        where x.agency_id = ${tx.agency_id} and x.source = r.source and x.external_code = r.external_code
          and x.resolved_at is null) as conflict
    from ${recordset('channel_bookings', wanted)}
    left join lateral (
      select ${bookingColumns}, b.deleted_at is not null as is_deleted, c.facts,
        c.facts is null and exists (
          select from audit_log a where a.agency_id = ${tx.agency_id} and a.entity_type = 'booking'
            and a.entity_id = b.id and a.actor_role <> 'operator') as is_changed_by_people,
        exists (
          select from bookings s where s.agency_id = ${tx.agency_id} and s.split_from_id = b.id and s.deleted_at is null
        ) as is_split
      from bookings b
      left join channel_bookings c on c.agency_id = ${tx.agency_id} and c.source = b.source and c.external_code = b.external_code
      where b.agency_id = ${tx.agency_id} and b.source = r.source and b.external_code = r.external_code
      limit 1) k on true`)
  return new Map(
    rows.map(({ source, code, conflict, ...booking }) => [
      keyText({ source, code }),
      { booking: booking.id === null ? undefined : (booking as KnownBooking), conflict: conflict ?? undefined },
    ]),
  )
}

/** Locks the bookings in the order of their ids until the transaction ends. */
export async function lockBookings(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query(sql`
    select b.id from bookings b where b.agency_id = ${tx.agency_id} and b.id = any (${ids}::uuid[])
    order by b.id for no key update`)
}

export interface StayPart {
  readonly id: string
  readonly status: Status
  readonly check_in: string
  readonly check_out: string
  readonly property_id: string
}

/** The other parts of a divided stay: bookings that were split from this one, directly or again. */
export async function findParts(tx: Tx, booking_id: string): Promise<StayPart[]> {
  return tx.query<StayPart>(sql`
    with recursive parts as (
      select b.id from bookings b where b.agency_id = ${tx.agency_id} and b.split_from_id = ${booking_id}
      union
      select b.id from parts p join bookings b on b.agency_id = ${tx.agency_id} and b.split_from_id = p.id)
    select b.id, b.status, b.check_in, b.check_out, b.property_id from parts p
    join bookings b on b.agency_id = ${tx.agency_id} and b.id = p.id
    where b.deleted_at is null order by b.id`)
}

export interface SavedFacts extends ChannelKey {
  readonly booking_id: string
  readonly facts: AppliedFacts
}

export async function saveFacts(tx: Tx, saved: readonly SavedFacts[]): Promise<void> {
  if (saved.length === 0) return
  const rows = saved.map(({ source, code, booking_id, facts }) => ({ source, external_code: code, booking_id, facts }))
  await tx.query(sql`
    insert into channel_bookings (agency_id, source, external_code, booking_id, facts)
    select ${tx.agency_id}, r.source, r.external_code, r.booking_id, r.facts from ${recordset('channel_bookings', rows)}
    on conflict (agency_id, source, external_code) do update set booking_id = excluded.booking_id, facts = excluded.facts`)
}
