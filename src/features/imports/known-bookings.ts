// Bookings that an earlier import made, found by the code it gave them. Deleted ones too: they stay deleted.
import sql from 'sql-template-tag'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { Booking, Status } from '../bookings/schema.ts'
import { plannedAnew } from './planned-anew.ts'

export interface KnownBooking {
  readonly id: string
  readonly external_code: string
  readonly property_id: string
  readonly status: Status
  readonly check_in: string
  readonly check_out: string
  readonly num_adults: number
  readonly num_children: number
  readonly num_infants: number
  readonly total_cents: number
  readonly currency: string
  readonly is_deleted: boolean
}

/** By external_code. One index probe per code: without statistics a list of codes would read every booking there is. */
export async function findKnownBookings(
  tx: Tx,
  source: Booking['source'],
  codes: readonly string[],
): Promise<Map<string, KnownBooking>> {
  const rows = await plannedAnew<KnownBooking>(
    tx,
    sql`
    select k.* from unnest(${codes}::text[]) as c(code)
    cross join lateral (
      select b.id, b.external_code, b.property_id, b.status, b.check_in, b.check_out, b.num_adults, b.num_children,
        b.num_infants, b.total_cents, b.currency, b.deleted_at is not null as is_deleted
      from bookings b
      where b.agency_id = ${tx.agency_id} and b.source = ${source} and b.external_code = c.code
      limit 1) k`,
  )
  return new Map(rows.map((row) => [row.external_code, row]))
}

export const deletedNote = 'the booking was deleted in Roost and stays deleted'
