// Finds the bookings of an earlier import, including deleted ones, by their external code.
import sql from 'sql-template-tag'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { Booking, Status } from '../bookings/schema.ts'
import { withCustomPlan } from './custom-plan.ts'

export interface ExistingBooking {
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

/** By external code. One index lookup per code: without table statistics, `= any` would scan every booking. */
export async function findExistingBookings(
  tx: Tx,
  source: Booking['source'],
  codes: readonly string[],
): Promise<Map<string, ExistingBooking>> {
  const rows = await withCustomPlan<ExistingBooking>(
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

export const deleted_note = 'the booking was deleted in Roost and stays deleted'
