// Creates many bookings at once, for imports: one INSERT per table.
import sql from 'sql-template-tag'
import { PropertyNotFoundError, PropertyUnavailableError } from '../../core/errors.ts'
import { recordAudits } from '../../core/events/audit.ts'
import { lockAll, propertyKey } from '../../core/postgres/locks.ts'
import { columns, recordset } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import { requireStay } from '../availability/days.ts'
import { insertOccupancies } from '../availability/occupancies.ts'
import { deleteExpired } from '../availability/reserve.ts'
import { findOrCreateGuest, type GivenGuest } from '../guests/of-booking.ts'
import { findProperties } from '../properties/properties.ts'
import type { Property } from '../properties/schema.ts'
import { createBooking } from './create.ts'
import { type BookingInput, bookingOf, type NewRow, newRow } from './new-row.ts'
import { takesNights } from './occupancy.ts'
import { requireCapacity } from './price.ts'
import { auditColumns, bookingEntry } from './save.ts'
import type { FullBooking } from './schema.ts'

/**
 * Creates all bookings or none; the booking rules of the properties do not apply. Throws what createBooking throws. The
 * error does not identify the booking: call it again with fewer bookings to find it.
 */
export async function createBookings(tx: Tx, inputs: readonly BookingInput[]): Promise<void> {
  const [first, ...others] = inputs
  if (first === undefined) return
  if (others.length === 0) await createBooking(tx, first, 'none')
  else await saveRows(tx, await prepareRows(tx, inputs, { is_sold: false }))
}

/**
 * Creates bookings that a channel has sold: they are saved in inactive properties and with more people than the property
 * takes. The caller gives a total where the property has no price. Returns the bookings, in order. Throws
 * BookingConflictError, PropertyNotFoundError, GuestNotFoundError, ValidationError.
 */
export async function createSoldBookings(tx: Tx, inputs: readonly BookingInput[]): Promise<FullBooking[]> {
  if (inputs.length === 0) return []
  const prepared = await prepareRows(tx, inputs, { is_sold: true })
  await deleteExpired(tx, prepared.map(({ row }) => row).filter(takesNights))
  return saveRows(tx, prepared)
}

/** A validated row, with the property and guest that its audit entry contains. */
interface PreparedRow {
  readonly row: NewRow
  readonly property: Property
  readonly guest: GivenGuest | null
}

/** Locks the properties whose nights are taken, then reads them and validates the bookings. */
async function prepareRows(
  tx: Tx,
  inputs: readonly BookingInput[],
  { is_sold }: { readonly is_sold: boolean },
): Promise<PreparedRow[]> {
  for (const input of inputs) requireStay(input)
  const propertyIds = (bookings: readonly BookingInput[]) => bookings.map(({ property_id }) => property_id)
  const [, properties, ...guests] = await settleAll(
    lockAll(
      tx,
      propertyIds(inputs.filter(inputTakesNights)).map((id) => propertyKey(tx, id)),
    ),
    findProperties(tx, propertyIds(inputs)),
    ...guestsOf(tx, inputs),
  )
  return inputs.map((input, index) => {
    const property = properties.get(input.property_id.toLowerCase())
    if (property === undefined) throw new PropertyNotFoundError()
    if (!is_sold) requireOpen(input, property)
    const guest = guests[index] ?? null
    return { row: newRow(input, property, guest, tx.now()), property, guest }
  })
}

/** In order of the inputs. A guest_id of several bookings is read once. */
function guestsOf(tx: Tx, inputs: readonly BookingInput[]): ReturnType<typeof findOrCreateGuest>[] {
  const known = new Map<string, ReturnType<typeof findOrCreateGuest>>()
  return inputs.map((input) => {
    const { guest, guest_id } = input
    if (guest_id === undefined || guest !== undefined) return findOrCreateGuest(tx, input)
    const found = known.get(guest_id) ?? findOrCreateGuest(tx, input)
    known.set(guest_id, found)
    return found
  })
}

function requireOpen(input: BookingInput, property: Property): void {
  if (inputTakesNights(input) && !property.is_active) throw new PropertyUnavailableError()
  requireCapacity(input, property.max_guests)
}

const inputTakesNights = ({ status = 'confirmed' }: BookingInput) => takesNights({ status })

async function saveRows(tx: Tx, prepared: readonly PreparedRow[]): Promise<FullBooking[]> {
  const rows = prepared.map(({ row }) => row)
  const names = columns(Object.keys(rows[0] as NewRow))
  await settleAll(
    tx.query(sql`
      insert into bookings (agency_id, ${names}) select ${tx.agency_id}, ${names} from ${recordset('bookings', rows)}`),
    insertOccupancies(tx, rows.filter(takesNights)),
  )
  const bookings = prepared.map(({ row, property, guest }) =>
    bookingOf(row, { property_name: property.name, guest, now: tx.now() }),
  )
  const entryOf = (booking: FullBooking) => ({
    ...bookingEntry('booking.created', booking),
    after: auditColumns(booking),
  })
  recordAudits(tx, bookings.map(entryOf))
  return bookings
}
