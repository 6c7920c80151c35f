// The verbs of bookings: create, change, delete. Row, ledger and audit commit together or not at all.
import { randomBytes, randomUUIDv7 } from 'node:crypto'
import sql, { join } from 'sql-template-tag'
import { changes, recordAudit } from '../../core/audit.ts'
import { onConstraint } from '../../core/database-errors.ts'
import {
  BookingCancelledError,
  BookingNotFoundError,
  ConflictError,
  invalid,
  PropertyUnavailableError,
} from '../../core/errors.ts'
import { assignments, columns } from '../../core/sql.ts'
import type { Tx } from '../../core/transaction.ts'
import { type Expected, requireVersion } from '../../core/versions.ts'
import { claimNights, freeNights, moveNights, occupy, occupyingStatuses } from '../availability/occupancies.ts'
import { saveGuest } from '../guests/guests.ts'
import { getProperty } from '../properties/properties.ts'
import { getBooking } from './listing.ts'
import {
  alwaysEditable,
  closedStatuses,
  nightsBetween,
  type Price,
  priceStay,
  requireRoom,
  requireStay,
} from './rules.ts'
import type { Booking, BookingPatch, NewBooking, Status } from './schema.ts'

const defaults = {
  num_children: 0,
  num_infants: 0,
  num_pets: 0,
  source: 'direct',
  payment_status: 'pending',
}
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
  'cancelled_at',
  'cancelled_by',
]

const insertedColumns = columns(insertable)

/** What an import may say beyond the API: any status, and who cancelled when. */
export type BookingInput = Omit<NewBooking, 'status'> & { status?: Status } & Cancellation

/** Only for a booking that is cancelled; without a time it was now. */
export interface Cancellation {
  readonly cancelled_at?: string
  readonly cancelled_by?: NonNullable<Booking['cancelled_by']>
}

/**
 * Books the nights, or throws BookingConflictError, PropertyNotFoundError, PropertyUnavailableError, ValidationError,
 * ConflictError. Row, guest, ledger and audit commit together.
 */
export async function createBooking(tx: Tx, input: BookingInput): Promise<Booking> {
  requireStay(input)
  const id = randomUUIDv7()
  const status = input.status ?? 'confirmed'
  const takes_nights = occupyingStatuses.includes(status)
  if (takes_nights) await claimNights(tx, input)
  const property = await getProperty(tx, input.property_id)
  if (takes_nights && !property.is_active) throw new PropertyUnavailableError()
  requireRoom(input, property.max_guests)
  const row: Record<string, unknown> = {
    ...defaults,
    ...input,
    ...priceStay(nightsBetween(input.check_in, input.check_out), input, property),
    currency: currencyOf(input, property.currency),
    status,
    id,
    reference: newReference(),
    guest_id: input.guest === undefined ? null : await saveGuest(tx, input.guest),
    ...(status === 'cancelled' && { cancelled_at: input.cancelled_at ?? new Date().toISOString() }),
  }
  const insert = tx.query(sql`
    insert into bookings (agency_id, ${insertedColumns})
    values (${tx.agency_id}, ${join(insertable.map((name) => row[name] ?? null))})`)
  await onConstraint(insert, { bookings_external_key: externalCodeTaken })
  if (takes_nights) await occupy(tx, { kind: 'booking', id }, input)
  const booking = await getBooking(tx, id)
  const { guest: _, ...after } = booking
  await recordAudit(tx, { action: 'booking.created', entity_type: 'booking', entity_id: id, after })
  return booking
}

function currencyOf(input: BookingInput, property_currency: string): string {
  const currency = input.currency ?? property_currency
  if (currency !== property_currency && input.total_cents === undefined) {
    throw invalid('/currency', `the property's prices are in ${property_currency}: give total_cents as well`)
  }
  return currency
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

type Editable = Booking &
  Required<Pick<Booking, 'nightly_rate_cents' | 'cleaning_fee_cents' | 'tax_cents' | 'num_adults'>>

/**
 * Changes details. New dates are checked against the ledger in the same transaction; without a price in the patch they
 * are charged at the booking's nightly rate, or keep the total where there is none. Throws BookingNotFoundError,
 * BookingCancelledError, BookingConflictError, VersionMismatchError, ValidationError; PropertyNotFoundError when the
 * property was deleted.
 */
export async function updateBooking(tx: Tx, id: string, patch: BookingPatch, expected?: Expected): Promise<Booking> {
  await lockBooking(tx, id)
  const before = (await getBooking(tx, id)) as Editable
  requireVersion(before.version, expected)
  requireEditable(before.status, patch)
  const wanted = { ...before, ...patch }
  const is_moved = wanted.check_in !== before.check_in || wanted.check_out !== before.check_out
  const is_resized = patch.num_adults !== undefined || patch.num_children !== undefined
  if (is_moved) requireStay(wanted)
  await rebookNights(tx, before, wanted)
  if (is_resized) requireRoom(wanted, (await getProperty(tx, before.property_id)).max_guests)
  const price = repriced(before, patch, is_moved ? nightsBetween(wanted.check_in, wanted.check_out) : before.num_nights)
  return saveChanges(tx, before, { ...patch, ...price })
}

/** Writes the columns, raises the version and records what changed. Call it with the booking locked. */
export async function saveChanges(tx: Tx, before: Booking, columns: Record<string, unknown>): Promise<Booking> {
  await tx.query(sql`
    update bookings b set ${assignments(columns)}, version = b.version + 1
    where b.agency_id = ${tx.agency_id} and b.id = ${before.id}`)
  const after = await getBooking(tx, before.id)
  const entry = { action: 'booking.updated', entity_type: 'booking', entity_id: before.id }
  await recordAudit(tx, { ...entry, ...changes({ ...before, guest: null }, { ...after, guest: null }) })
  return after
}

/** One change of a booking at a time, until the transaction ends. Throws BookingNotFoundError. */
export async function lockBooking(tx: Tx, id: string): Promise<void> {
  const row = await tx.maybe(sql`
    select b.id from bookings b where b.agency_id = ${tx.agency_id} and b.id = ${id} and b.deleted_at is null for update`)
  if (row === undefined) throw new BookingNotFoundError()
}

function requireEditable(status: Status, patch: BookingPatch): void {
  const touches_stay = Object.keys(patch).some((name) => !alwaysEditable.includes(name))
  if (closedStatuses.includes(status) && touches_stay) throw new BookingCancelledError({ meta: { status } })
}

/** Brings the ledger from what the booking was to what it becomes; the constraint has the last word. */
export async function rebookNights(tx: Tx, before: Booking, wanted: Booking): Promise<void> {
  const had_nights = occupyingStatuses.includes(before.status)
  const takes_nights = occupyingStatuses.includes(wanted.status)
  const is_moved = wanted.check_in !== before.check_in || wanted.check_out !== before.check_out
  if (had_nights && !takes_nights) return freeNights(tx, before.id)
  if (!takes_nights || (had_nights && !is_moved)) return
  await claimNights(tx, wanted, before.id)
  // A booking of the past must not come back to life on a property that was deleted meanwhile.
  await getProperty(tx, before.property_id)
  await (had_nights ? moveNights(tx, before.id, wanted) : occupy(tx, { kind: 'booking', id: before.id }, wanted))
}

const priceFields = ['nightly_rate_cents', 'cleaning_fee_cents', 'tax_cents', 'total_cents'] as const

function repriced(before: Editable, patch: BookingPatch, nights: number): Price | undefined {
  const is_priced = priceFields.some((name) => patch[name] !== undefined)
  const nightly_rate_cents = patch.nightly_rate_cents ?? before.nightly_rate_cents
  if (!is_priced && (nights === before.num_nights || nightly_rate_cents === null)) return undefined
  const { cleaning_fee_cents, tax_cents } = { ...before, ...patch }
  const total_cents = patch.total_cents ?? (nightly_rate_cents === null ? before.total_cents : undefined)
  const given = { nightly_rate_cents, cleaning_fee_cents, tax_cents, total_cents }
  return priceStay(nights, given, { base_price_cents: null, cleaning_fee_cents })
}

/**
 * Deletes softly and frees the nights at once; a live booking becomes cancelled. Throws BookingNotFoundError,
 * VersionMismatchError.
 */
export async function deleteBooking(tx: Tx, id: string, expected?: Expected): Promise<void> {
  await lockBooking(tx, id)
  const { guest: _, ...before } = await getBooking(tx, id)
  requireVersion(before.version, expected)
  const is_live = !closedStatuses.includes(before.status)
  await tx.query(sql`
    update bookings b set deleted_at = now(), version = b.version + 1,
      status = case when ${is_live} then 'cancelled' else b.status end,
      cancelled_at = case when ${is_live} then now() else b.cancelled_at end,
      cancelled_by = case when ${is_live} then 'host' else b.cancelled_by end
    where b.agency_id = ${tx.agency_id} and b.id = ${id}`)
  await freeNights(tx, id)
  await recordAudit(tx, { action: 'booking.deleted', entity_type: 'booking', entity_id: id, before })
}
