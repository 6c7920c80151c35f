// Creates a booking. Row, guest, occupancy and audit entry are saved in one transaction.
import sql, { empty, join } from 'sql-template-tag'
import { ConflictError, PropertyUnavailableError } from '../../core/errors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import { onConstraint } from '../../core/postgres/database-errors.ts'
import { columns } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { requireStay } from '../availability/days.ts'
import { occupancyInsert, onOverlap } from '../availability/occupancies.ts'
import { reserve } from '../availability/reserve.ts'
import { saveGuest } from '../guests/guests.ts'
import { getProperty } from '../properties/properties.ts'
import { type BookingInput, type NewRow, newRow } from './new-row.ts'
import { takesNights } from './occupancy.ts'
import { requireCapacity } from './price.ts'
import { auditColumns, bookingEntry } from './save.ts'
import { type FullBooking, visibleFields } from './schema.ts'

/**
 * `rules`: whether the booking rules of the property apply; `none` for bookings accepted elsewhere (imports). Throws
 * BookingConflictError, PropertyNotFoundError, PropertyUnavailableError, ValidationError, ConflictError.
 */
export async function createBooking(tx: Tx, input: BookingInput, rules: 'all' | 'none' = 'all'): Promise<FullBooking> {
  requireStay(input)
  const takes_nights = takesNights({ status: input.status ?? 'confirmed' })
  const property = takes_nights ? await reserve(tx, input, { rules }) : await getProperty(tx, input.property_id)
  if (takes_nights && !property.is_active) throw new PropertyUnavailableError()
  requireCapacity(input, property.max_guests)
  const guest = input.guest === undefined ? null : await saveGuest(tx, input.guest)
  const row = newRow(input, property, guest?.id ?? null)
  const inserted = await insertBooking(tx, row)
  const booking: FullBooking = { ...inserted, property_name: property.name, guest }
  recordAudit(tx, { ...bookingEntry('booking.created', booking), after: auditColumns(booking) })
  return booking
}

const inserted = [
  'id',
  'reference',
  'property_id',
  'guest_id',
  'status',
  'check_in',
  'check_out',
  'num_adults',
  'num_children',
  'num_infants',
  'num_pets',
  'source',
  'external_code',
  'nightly_rate_cents',
  'subtotal_cents',
  'cleaning_fee_cents',
  'tax_cents',
  'total_cents',
  'currency',
  'payment_status',
  'guest_message',
  'internal_notes',
  'confirmed_at',
  'checked_in_at',
  'cancelled_at',
  'cancelled_by',
  'split_from_id',
]
const insertedColumns = columns(inserted)

/** The columns of `bookings` that the statement returns. */
type Inserted = Omit<FullBooking, 'property_name' | 'guest'>
const returnedColumns = columns(visibleFields.all.filter((name) => name !== 'property_name'))

/**
 * Inserts the booking and, if its status takes nights, its occupancy, in one statement. Columns that are not given are
 * null. Throws ConflictError, BookingConflictError.
 */
export async function insertBooking(tx: Tx, row: NewRow): Promise<Inserted> {
  const { id } = row
  const nights = takesNights(row) ? sql`with nights as (${occupancyInsert(tx, { kind: 'booking', id }, row)})` : empty
  const insert = tx.one<Inserted>(sql`${nights}
    insert into bookings (agency_id, ${insertedColumns})
    values (${tx.agency_id}, ${join(inserted.map((name) => row[name] ?? null))})
    returning ${returnedColumns}`)
  return onConstraint(insert, { bookings_external_key: externalCodeTaken, ...onOverlap })
}

function externalCodeTaken(): ConflictError {
  const details = [{ pointer: '/external_code', code: 'TAKEN', message: 'is used by another booking of this source' }]
  return new ConflictError({ details })
}
