// Splitting a stay: from some night on the guest lives in another property.
import { randomUUIDv7 } from 'node:crypto'
import { BookingCancelledError, invalid, PropertyUnavailableError } from '../../core/errors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import { announce } from '../../core/events/events.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import type { Expected } from '../../core/versions.ts'
import { claimNights, type Home, moveNights, type Stay } from '../availability/occupancies.ts'
import { insertBooking } from './insert.ts'
import { newReference } from './new-row.ts'
import { takesNights } from './nights.ts'
import { closedStatuses, nightsBetween, requireCurrency, requireRoom, splitPrice } from './rules.ts'
import type { FullBooking, Split } from './schema.ts'
import { audited, lockedBooking, saveChanges } from './writes.ts'

export interface SplitStay {
  readonly first: FullBooking
  readonly second: FullBooking
}

/** What the second part has from the first; the channel's code stays with the first, as do the notes. */
const inherited = [
  'num_adults',
  'num_children',
  'num_infants',
  'num_pets',
  'source',
  'currency',
  'payment_status',
  'confirmed_at',
  'checked_in_at',
] as const satisfies (keyof FullBooking)[]

/**
 * Shortens the booking to end on `check_in`, and makes a second one for the rest of the stay elsewhere; money is divided
 * so that the sums stay exact. Both homes must have room, but the rules for a stay are not asked: this one was accepted
 * as a whole. Throws BookingNotFoundError, VersionMismatchError, BookingCancelledError, BookingConflictError,
 * PropertyNotFoundError, PropertyUnavailableError, ValidationError.
 */
export async function splitBooking(tx: Tx, id: string, split: Split, expected?: Expected): Promise<SplitStay> {
  const before = await lockedBooking(tx, id, expected)
  const property_id = split.property_id.toLowerCase()
  requireDivisible(before, { ...split, property_id })
  const rest = { property_id, check_in: split.check_in, check_out: before.check_out }
  const { name: property_name } = await claimHome(tx, before, rest)
  const [price, restPrice] = splitPrice(
    before,
    nightsBetween(before.check_in, rest.check_in),
    nightsBetween(rest.check_in, rest.check_out),
  )
  const same = Object.fromEntries(inherited.map((name) => [name, before[name]]))
  const second_id = randomUUIDv7()
  const placed = { ...rest, id: second_id, reference: newReference(), status: before.status }
  const row = { ...same, ...placed, ...restPrice, guest_id: before.guest?.id, split_from_id: id }
  const [inserted] = await settleAll(
    insertBooking(tx, row),
    moveNights(tx, id, { ...before, check_out: rest.check_in }),
    announce(tx, 'booking.changed', second_id),
  )
  const second: FullBooking = { ...inserted, property_name, guest: before.guest }
  const first = await saveChanges(tx, before, { check_out: rest.check_in, ...price }, 'booking.split')
  recordAudit(tx, {
    action: 'booking.created',
    entity_type: 'booking',
    entity_id: second_id,
    after: audited(second),
  })
  return { first, second }
}

function requireDivisible(booking: FullBooking, { property_id, check_in }: Split): void {
  const { status, check_in: arrival, check_out: departure } = booking
  if (closedStatuses.includes(status)) throw new BookingCancelledError({ meta: { status } })
  if (!takesNights(booking)) {
    throw invalid('/check_in', `the booking has no nights to divide: it is ${status}`, 'NO_NIGHTS')
  }
  if (check_in <= arrival || check_in >= departure) {
    throw invalid('/check_in', `must be after ${arrival} and before ${departure}`, 'NOT_INSIDE')
  }
  if (property_id === booking.property_id) {
    throw invalid('/property_id', 'is where the guest lives already', 'SAME_PROPERTY')
  }
}

async function claimHome(tx: Tx, before: FullBooking, rest: Stay): Promise<Home> {
  const home = await claimNights(tx, rest)
  if (!home.is_active) throw new PropertyUnavailableError()
  requireCurrency(before.currency, home.currency)
  requireRoom(before, home.max_guests)
  return home
}
