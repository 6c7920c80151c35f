// Splits a booking in two: from a given night on, the stay continues in another property.
import { randomUUIDv7 } from 'node:crypto'
import { invalid, PropertyUnavailableError } from '../../core/errors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { ExpectedVersions } from '../../core/versions.ts'
import type { BookableProperty, Stay } from '../availability/context.ts'
import { moveOccupancy } from '../availability/occupancies.ts'
import { reserve } from '../availability/reserve.ts'
import { guestColumnsOf } from '../guests/of-booking.ts'
import { insertBooking } from './create.ts'
import { bookingOf, type NewRow, newReference, unset } from './new-row.ts'
import { takesNights } from './occupancy.ts'
import { splitPayments } from './payments.ts'
import { nightsBetween, requireCapacity, requireCurrency, splitPrice } from './price.ts'
import { auditColumns, bookingEntry, lockBooking, saveChanges } from './save.ts'
import type { FullBooking, Split } from './schema.ts'
import { requireNotClosed, statusWords } from './status-words.ts'

export interface SplitStay {
  readonly first: FullBooking
  readonly second: FullBooking
}

/** Columns copied to the second booking. external_code and the notes stay with the first. */
const copiedColumns = [
  'num_adults',
  'num_children',
  'num_infants',
  'num_pets',
  'source',
  'currency',
  'confirmed_at',
  'checked_in_at',
  'booked_on',
] as const satisfies (keyof FullBooking)[]
type Copied = Pick<FullBooking, (typeof copiedColumns)[number]>

/**
 * Shortens the booking to end on `check_in` and creates a second one for the remaining nights in the other property. Both
 * prices add up to the original one. The other property must have the capacity and its buffer be kept, but its rules of sale
 * do not apply: the stay was accepted as a whole. Throws BookingNotFoundError, VersionMismatchError, BookingCancelledError, BookingConflictError,
 * PropertyNotFoundError, PropertyUnavailableError, BookingRuleBrokenError, ValidationError.
 */
export async function splitBooking(tx: Tx, id: string, split: Split, expected?: ExpectedVersions): Promise<SplitStay> {
  const before = await lockBooking(tx, id, expected)
  const property_id = split.property_id.toLowerCase()
  requireSplittable(before, { ...split, property_id })
  const rest = { property_id, check_in: split.check_in, check_out: before.check_out }
  const { name: property_name } = await reserveRest(tx, before, rest)
  const [price, restPrice] = splitPrice(
    before,
    nightsBetween(before.check_in, rest.check_in),
    nightsBetween(rest.check_in, rest.check_out),
  )
  const [payments, restPayments] = splitPayments(before, price.total_cents, restPrice.total_cents)
  const copied = Object.fromEntries(copiedColumns.map((name) => [name, before[name]])) as Copied
  const guest = guestColumnsOf(before.guest)
  const second_id = randomUUIDv7()
  const placed = { ...rest, id: second_id, reference: newReference(), status: before.status }
  const row: NewRow = {
    ...unset,
    ...copied,
    ...placed,
    ...restPrice,
    ...restPayments,
    ...guest,
    split_from_id: before.id,
  }
  insertBooking(tx, row)
  await moveOccupancy(tx, id, { ...before, check_out: rest.check_in })
  const second = bookingOf(row, { property_name, guest: before.guest, now: tx.now() })
  const first = await saveChanges(tx, before, { check_out: rest.check_in, ...price, ...payments }, 'booking.split')
  recordAudit(tx, { ...bookingEntry('booking.created', second), after: auditColumns(second) })
  return { first, second }
}

function requireSplittable(booking: FullBooking, { property_id, check_in }: Split): void {
  const { status, check_in: arrival, check_out: departure } = booking
  requireNotClosed(status)
  if (!takesNights(booking)) {
    throw invalid(
      '/check_in',
      `a booking that is ${statusWords[status]} takes no nights and cannot be split`,
      'NO_NIGHTS',
    )
  }
  if (check_in <= arrival || check_in >= departure) {
    throw invalid('/check_in', `must be after ${arrival} and before ${departure}`, 'NOT_INSIDE')
  }
  if (property_id === booking.property_id) {
    throw invalid('/property_id', 'is already the property of the booking', 'SAME_PROPERTY')
  }
}

async function reserveRest(tx: Tx, before: FullBooking, rest: Stay): Promise<BookableProperty> {
  const property = await reserve(tx, rest, { rules: 'turnover' })
  if (!property.is_active) throw new PropertyUnavailableError()
  requireCurrency(before.currency, property.currency)
  requireCapacity(before, property.max_guests)
  return property
}
