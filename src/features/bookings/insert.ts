// The row of a new booking, whoever makes it.
import sql, { empty, join } from 'sql-template-tag'
import { ConflictError } from '../../core/errors.ts'
import { onConstraint } from '../../core/postgres/database-errors.ts'
import { columns } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { occupation, takenNights } from '../availability/occupancies.ts'
import type { NewRow } from './new-row.ts'
import { takesNights } from './nights.ts'
import { type FullBooking, visibleFields } from './schema.ts'

const insertable = [
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
const insertedColumns = columns(insertable)

/** What the table itself has of a booking. */
type Inserted = Omit<FullBooking, 'property_name' | 'guest'>
const returnedColumns = columns(visibleFields.all.filter((name) => name !== 'property_name'))

/**
 * Inserts it, and takes its nights if its status does, in one statement; columns that are not given are null. Throws
 * ConflictError, BookingConflictError.
 */
export async function insertBooking(tx: Tx, row: NewRow): Promise<Inserted> {
  const { id } = row
  const nights = takesNights(row) ? sql`with nights as (${occupation(tx, { kind: 'booking', id }, row)})` : empty
  const insert = tx.one<Inserted>(sql`${nights}
    insert into bookings (agency_id, ${insertedColumns})
    values (${tx.agency_id}, ${join(insertable.map((name) => row[name] ?? null))})
    returning ${returnedColumns}`)
  return onConstraint(insert, { bookings_external_key: externalCodeTaken, ...takenNights })
}

function externalCodeTaken(): ConflictError {
  const details = [{ pointer: '/external_code', code: 'TAKEN', message: 'another booking of this source has it' }]
  return new ConflictError({ details })
}
