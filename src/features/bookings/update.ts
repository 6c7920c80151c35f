// Changing a booking: dates, property, people, guest, price, notes.
import { BookingCancelledError } from '../../core/errors.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { Expected } from '../../core/versions.ts'
import type { Home } from '../availability/occupancies.ts'
import { saveGuest } from '../guests/guests.ts'
import { getProperty } from '../properties/properties.ts'
import { claimFor, isElsewhere, settleNights, takesNights } from './nights.ts'
import {
  alwaysEditable,
  closedStatuses,
  nightsBetween,
  type Price,
  priceStay,
  requireCurrency,
  requireRoom,
  requireStay,
} from './rules.ts'
import type { BookingPatch, FullBooking, Status } from './schema.ts'
import { lockedBooking, saveChanges } from './writes.ts'

/**
 * Changes details. A stay that moves, in time or to another property, is checked against the ledger in the same
 * transaction, and against those rules of the property that the change touches. The agreed price stands; with new dates
 * and no price in the patch the stay is charged at its own nightly rate, or keeps its total where there is none. Throws
 * BookingNotFoundError, VersionMismatchError, BookingCancelledError, BookingConflictError, PropertyNotFoundError,
 * PropertyUnavailableError, ValidationError.
 */
export async function updateBooking(
  tx: Tx,
  id: string,
  patch: BookingPatch,
  expected?: Expected,
): Promise<FullBooking> {
  const before = await lockedBooking(tx, id, expected)
  requireEditable(before.status, patch)
  const { guest, ...columns } = patch
  const wanted: FullBooking = {
    ...before,
    ...columns,
    property_id: (patch.property_id ?? before.property_id).toLowerCase(),
  }
  if (wanted.check_in !== before.check_in || wanted.check_out !== before.check_out) requireStay(wanted)
  await requirePlace(tx, before, wanted, patch)
  const nights = nightsBetween(wanted.check_in, wanted.check_out)
  const price = repriced(before, patch, nights)
  const guest_id = guest ? (await saveGuest(tx, guest)).id : guest
  await settleNights(tx, before, wanted)
  return saveChanges(tx, before, { ...columns, ...price, guest_id })
}

function requireEditable(status: Status, patch: BookingPatch): void {
  const touches_stay = Object.keys(patch).some((name) => !alwaysEditable.includes(name))
  if (closedStatuses.includes(status) && touches_stay) throw new BookingCancelledError({ meta: { status } })
}

/** The nights, when the stay moves; room for everybody, when more come or the place is another. */
async function requirePlace(tx: Tx, before: FullBooking, wanted: FullBooking, patch: BookingPatch): Promise<void> {
  const is_rehoused = wanted.property_id !== before.property_id
  const is_resized = patch.num_adults !== undefined || patch.num_children !== undefined
  let property: Home | undefined
  if (takesNights(before) && isElsewhere(before, wanted)) {
    property = await claimFor(tx, before, wanted, rulesTouched(before, wanted))
  } else if (is_rehoused || is_resized) {
    property = await getProperty(tx, wanted.property_id)
  }
  if (property === undefined) return
  if (is_rehoused && patch.total_cents === undefined) requireCurrency(before.currency, property.currency)
  if (is_rehoused || is_resized) requireRoom(wanted, property.max_guests)
}

function rulesTouched(before: FullBooking, wanted: FullBooking) {
  const is_rehoused = wanted.property_id !== before.property_id
  return {
    arrival: is_rehoused || wanted.check_in !== before.check_in,
    departure: is_rehoused || wanted.check_out !== before.check_out,
    nights: is_rehoused || nightsBetween(wanted.check_in, wanted.check_out) !== before.num_nights,
  }
}

const priceFields = ['nightly_rate_cents', 'cleaning_fee_cents', 'tax_cents', 'total_cents'] as const

function repriced(before: FullBooking, patch: BookingPatch, nights: number): Price | undefined {
  const is_priced = priceFields.some((name) => patch[name] !== undefined)
  const nightly_rate_cents = patch.nightly_rate_cents ?? before.nightly_rate_cents
  if (!is_priced && (nights === before.num_nights || nightly_rate_cents === null)) return undefined
  const { cleaning_fee_cents, tax_cents } = { ...before, ...patch }
  const total_cents = patch.total_cents ?? (nightly_rate_cents === null ? before.total_cents : undefined)
  const given = { nightly_rate_cents, cleaning_fee_cents, tax_cents, total_cents }
  return priceStay(nights, given, { base_price_cents: null, cleaning_fee_cents })
}
