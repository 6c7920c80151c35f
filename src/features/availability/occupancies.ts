// The one ledger: every night that is taken, by whatever, is in one row of occupancies. The constraint decides.
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import { onConstraint } from '../../core/database-errors.ts'
import { BookingConflictError } from '../../core/errors.ts'
import type { Tx } from '../../core/transaction.ts'
import { lockNights } from '../properties/properties.ts'

/** Half-open local dates: the night of check_out is free. */
export interface Stay {
  readonly property_id: string
  readonly check_in: string
  readonly check_out: string
}

/** Bookings with these statuses take their nights, so the calendar of the past is true too; all others free them. */
export const occupyingStatuses: readonly string[] = ['pending', 'confirmed', 'checked_in', 'checked_out']

/**
 * Refuses at once when a night is taken, then waits for its turn on the property. Call it before writing the occupant;
 * `except` is the booking that moves. Throws BookingConflictError.
 */
export async function claimNights(tx: Tx, stay: Stay, except: string | null = null): Promise<void> {
  const taken = await tx.maybe<{ check_in: string; check_out: string }>(sql`
    select lower(o.during) as check_in, upper(o.during) as check_out from occupancies o
    where o.agency_id = ${tx.agency_id} and o.property_id = ${stay.property_id}
      and o.during && daterange(${stay.check_in}, ${stay.check_out}) and o.booking_id is distinct from ${except}::uuid
    limit 1`)
  if (taken !== undefined) throw new BookingConflictError({ meta: { conflict: taken } })
  await lockNights(tx, stay.property_id)
}

/** Takes the nights for a booking. The constraint has the last word: throws BookingConflictError. */
export async function occupyForBooking(tx: Tx, booking_id: string, stay: Stay): Promise<void> {
  const insert = tx.query(sql`
    insert into occupancies (agency_id, id, property_id, kind, booking_id, during)
    values (${tx.agency_id}, ${randomUUIDv7()}, ${stay.property_id}, 'booking', ${booking_id},
      daterange(${stay.check_in}, ${stay.check_out}))`)
  await onConstraint(insert, { occupancies_no_overlap: () => new BookingConflictError() })
}

/** Moves the nights of a booking that has some. Throws BookingConflictError. */
export async function moveNights(tx: Tx, booking_id: string, stay: Stay): Promise<void> {
  const update = tx.query(sql`
    update occupancies o set during = daterange(${stay.check_in}, ${stay.check_out})
    where o.agency_id = ${tx.agency_id} and o.booking_id = ${booking_id}`)
  await onConstraint(update, { occupancies_no_overlap: () => new BookingConflictError() })
}

/** Frees the nights of a booking at once. */
export async function freeNights(tx: Tx, booking_id: string): Promise<void> {
  await tx.query(sql`delete from occupancies o where o.agency_id = ${tx.agency_id} and o.booking_id = ${booking_id}`)
}
