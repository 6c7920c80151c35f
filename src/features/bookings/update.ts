// Updates a booking: dates, property, people, guest, price, notes.
import { BookingCancelledError } from '../../core/errors.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { ExpectedVersions } from '../../core/versions.ts'
import type { BookableProperty } from '../availability/context.ts'
import { requireStay } from '../availability/days.ts'
import { findOrCreateGuest, guestColumnsOf } from '../guests/of-booking.ts'
import { getProperty } from '../properties/properties.ts'
import { closedStatuses } from './lifecycle.ts'
import { isMoved, reserveFor, takesNights, updateOccupancy } from './occupancy.ts'
import { nightsBetween, type Price, priceStay, requireCapacity, requireCurrency } from './price.ts'
import { lockBooking, saveChanges } from './save.ts'
import type { BookingPatch, FullBooking, Status } from './schema.ts'

const alwaysEditable: readonly string[] = ['internal_notes', 'payment_status']

/**
 * When dates or property change, the nights must be free and the rules that the change concerns apply. The price stays;
 * when the number of nights changes and the patch has no price, it is computed from the nightly rate of the booking, if
 * there is one. Throws BookingNotFoundError, VersionMismatchError, BookingCancelledError, BookingConflictError,
 * PropertyNotFoundError, PropertyUnavailableError, GuestNotFoundError, ConflictError, ValidationError.
 */
export async function updateBooking(
  tx: Tx,
  id: string,
  patch: BookingPatch,
  expected?: ExpectedVersions,
): Promise<FullBooking> {
  const before = await lockBooking(tx, id, expected)
  requireEditable(before.status, patch)
  const { guest: _, guest_id: __, ...columns } = patch
  const wanted: FullBooking = {
    ...before,
    ...columns,
    property_id: (patch.property_id ?? before.property_id).toLowerCase(),
  }
  if (wanted.check_in !== before.check_in || wanted.check_out !== before.check_out) requireStay(wanted)
  await reserveChange(tx, before, wanted, patch)
  const nights = nightsBetween(wanted.check_in, wanted.check_out)
  const price = repriced(before, patch, nights)
  const guest = await findOrCreateGuest(tx, patch)
  await updateOccupancy(tx, before, wanted)
  return saveChanges(tx, before, { ...columns, ...price, ...(guest !== undefined && guestColumnsOf(guest)) })
}

function requireEditable(status: Status, patch: BookingPatch): void {
  const changes_stay = Object.keys(patch).some((name) => !alwaysEditable.includes(name))
  if (closedStatuses.includes(status) && changes_stay) throw new BookingCancelledError({ meta: { status } })
}

/** Reserves the nights when dates or property change; checks capacity and currency when people or property change. */
async function reserveChange(tx: Tx, before: FullBooking, wanted: FullBooking, patch: BookingPatch): Promise<void> {
  const changes_property = wanted.property_id !== before.property_id
  const changes_people = patch.num_adults !== undefined || patch.num_children !== undefined
  let property: BookableProperty | undefined
  if (takesNights(before) && isMoved(before, wanted)) {
    property = await reserveFor(tx, before, wanted, rulesConcerned(before, wanted))
  } else if (changes_property || changes_people) {
    property = await getProperty(tx, wanted.property_id)
  }
  if (property === undefined) return
  if (changes_property && patch.total_cents === undefined) requireCurrency(before.currency, property.currency)
  if (changes_property || changes_people) requireCapacity(wanted, property.max_guests)
}

function rulesConcerned(before: FullBooking, wanted: FullBooking) {
  const changes_property = wanted.property_id !== before.property_id
  return {
    arrival: changes_property || wanted.check_in !== before.check_in,
    departure: changes_property || wanted.check_out !== before.check_out,
    nights: changes_property || nightsBetween(wanted.check_in, wanted.check_out) !== before.num_nights,
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
