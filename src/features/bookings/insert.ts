// The row of a new booking, whoever makes it.
import { randomBytes } from 'node:crypto'
import sql, { empty, join } from 'sql-template-tag'
import { onConstraint } from '../../core/database-errors.ts'
import { ConflictError } from '../../core/errors.ts'
import { columns } from '../../core/sql.ts'
import type { Tx } from '../../core/transaction.ts'
import { occupation, type Stay, takenNights } from '../availability/occupancies.ts'
import { type FullBooking, visibleFields } from './schema.ts'

const insertable = [
  'id',
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
 * Inserts it under a new reference; members that are not given are null. With `nights` it takes them in the same
 * statement. Throws ConflictError, BookingConflictError.
 */
export async function insertBooking(
  tx: Tx,
  row: Readonly<Record<string, unknown>>,
  nights?: Stay & { readonly id: string },
): Promise<Inserted> {
  const taken =
    nights === undefined ? empty : sql`with taken as (${occupation(tx, { kind: 'booking', id: nights.id }, nights)})`
  const insert = tx.one<Inserted>(sql`${taken}
    insert into bookings (agency_id, reference, ${insertedColumns})
    values (${tx.agency_id}, ${newReference()}, ${join(insertable.map((name) => row[name] ?? null))})
    returning ${returnedColumns}`)
  return onConstraint(insert, { bookings_external_key: externalCodeTaken, ...takenNights })
}

function externalCodeTaken(): ConflictError {
  const details = [{ pointer: '/external_code', code: 'TAKEN', message: 'another booking of this source has it' }]
  return new ConflictError({ details })
}

/** 50 random bits as ten letters and digits (Crockford's base 32: no I, L, O, U), so no counter is a bottleneck. */
function newReference(): string {
  const letters = [...randomBytes(10)].map((byte) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[byte & 31])
  return `${letters.slice(0, 5).join('')}-${letters.slice(5).join('')}`
}
