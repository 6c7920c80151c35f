// The ledger's rows of many bookings at once.
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import { onConstraint } from '../../core/postgres/database-errors.ts'
import { recordset } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { type Stay, takenNights } from './occupancies.ts'

/** Call it with the properties locked. The constraint has the last word: throws BookingConflictError for any of them. */
export async function occupyAll(tx: Tx, bookings: readonly (Stay & { readonly id: string })[]): Promise<void> {
  const rows = bookings.map(({ id: booking_id, property_id, check_in, check_out }) => {
    return { id: randomUUIDv7(), property_id, booking_id, during: `[${check_in},${check_out})` }
  })
  const insert = tx.query(sql`
    insert into occupancies (agency_id, id, property_id, kind, booking_id, during)
    select ${tx.agency_id}, r.id, r.property_id, 'booking', r.booking_id, r.during
    from ${recordset('occupancies', rows)}`)
  await onConstraint(insert, takenNights)
}
