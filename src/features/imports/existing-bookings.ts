// Finds the bookings of an earlier import of stays without a unit, including deleted ones, by their external code.
import sql from 'sql-template-tag'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { Booking } from '../bookings/schema.ts'
import { withCustomPlan } from './custom-plan.ts'

interface ExistingBooking {
  readonly external_code: string
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
      select b.external_code, b.deleted_at is not null as is_deleted from bookings b
      where b.agency_id = ${tx.agency_id} and b.source = ${source} and b.external_code = c.code
      limit 1) k`,
  )
  return new Map(rows.map((row) => [row.external_code, row]))
}
