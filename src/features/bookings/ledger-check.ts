// Whether a booking and the ledger say the same, looked at again after every change: what one transaction wrote
// together must be found together.
import sql from 'sql-template-tag'
import type { Logger } from '../../core/log.ts'
import type { Database } from '../../core/postgres/database.ts'
import { operatorOf } from '../agencies/agencies.ts'
import { occupyingStatuses } from '../availability/occupancies.ts'

interface Row {
  readonly status: string
  readonly is_deleted: boolean
  readonly is_taken: boolean
  readonly is_same: boolean
}

/** For the job `booking.changed`: logs an error when the nights taken are not those of the booking. */
export async function checkLedger(db: Database, log: Logger, agency_id: string, booking_id: string): Promise<void> {
  const row = await db.tenantRead(operatorOf(agency_id), (tx) =>
    tx.maybe<Row>(sql`
      select b.status, b.deleted_at is not null as is_deleted, o.id is not null as is_taken,
        (o.property_id = b.property_id and o.during = daterange(b.check_in, b.check_out)) is true as is_same
      from bookings b left join occupancies o on o.agency_id = b.agency_id and o.booking_id = b.id
      where b.agency_id = ${tx.agency_id} and b.id = ${booking_id}`),
  )
  if (row === undefined) return
  const takes_nights = occupyingStatuses.includes(row.status) && !row.is_deleted
  const is_right = takes_nights ? row.is_same : !row.is_taken
  if (!is_right) log.error({ agency_id, booking_id, ...row }, 'a booking and the ledger of nights do not agree')
}
