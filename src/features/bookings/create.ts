// Creates a booking. Row, guest, occupancy and audit entry are saved in one transaction.
import sql, { empty, join } from 'sql-template-tag'
import { ConflictError, PropertyUnavailableError } from '../../core/errors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import { columns } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { requireStay } from '../availability/days.ts'
import { occupancyInsert, onOverlap } from '../availability/occupancies.ts'
import { reserve } from '../availability/reserve.ts'
import { findOrCreateGuest } from '../guests/of-booking.ts'
import { getProperty } from '../properties/properties.ts'
import { type BookingInput, bookingOf, type NewRow, newRow } from './new-row.ts'
import { takesNights } from './occupancy.ts'
import { requireCapacity } from './price.ts'
import { auditColumns, bookingEntry } from './save.ts'
import type { FullBooking } from './schema.ts'

/**
 * `rules`: whether the booking rules of the property apply; `none` for bookings accepted elsewhere (imports). Throws
 * BookingConflictError, PropertyNotFoundError, PropertyUnavailableError, GuestNotFoundError, ValidationError,
 * ConflictError.
 */
export async function createBooking(tx: Tx, input: BookingInput, rules: 'all' | 'none' = 'all'): Promise<FullBooking> {
  requireStay(input)
  const takes_nights = takesNights({ status: input.status ?? 'confirmed' })
  const property = takes_nights ? await reserve(tx, input, { rules }) : await getProperty(tx, input.property_id)
  if (takes_nights && !property.is_active) throw new PropertyUnavailableError()
  requireCapacity(input, property.max_guests)
  const guest = (await findOrCreateGuest(tx, input)) ?? null
  const row = newRow(input, property, guest, tx.now())
  insertBooking(tx, row)
  const booking = bookingOf(row, { property_name: property.name, guest, now: tx.now() })
  recordAudit(tx, { ...bookingEntry('booking.created', booking), after: auditColumns(booking) })
  return booking
}

/**
 * Inserts the booking and, if its status takes nights, its occupancy, in one statement. Nothing waits for it: it leaves with
 * the audit entry and COMMIT. The transaction fails with ConflictError when the external code is taken, with
 * BookingConflictError when the nights are.
 */
export function insertBooking(tx: Tx, row: NewRow): void {
  const { id } = row
  const nights = takesNights(row) ? sql`with nights as (${occupancyInsert(tx, { kind: 'booking', id }, row)})` : empty
  const insert = sql`${nights}
    insert into bookings (agency_id, ${columns(Object.keys(row))}) values (${tx.agency_id}, ${join(Object.values(row))})`
  tx.queue(insert, { bookings_external_key: externalCodeTaken, ...onOverlap })
}

function externalCodeTaken(): ConflictError {
  const details = [{ pointer: '/external_code', code: 'TAKEN', message: 'is used by another booking of this source' }]
  return new ConflictError({ details })
}
