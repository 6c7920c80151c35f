// Updates a booking: dates, property, people, guest, price, notes.
import type { Tx } from '../../core/postgres/transaction.ts'
import type { ExpectedVersions } from '../../core/versions.ts'
import type { BookableProperty } from '../availability/context.ts'
import { requireStay } from '../availability/days.ts'
import type { RuleScope } from '../availability/rules.ts'
import { findOrCreateGuest, guestColumnsOf } from '../guests/of-booking.ts'
import { getProperty } from '../properties/properties.ts'
import { isMoved, reserveFor, takesNights, updateOccupancy } from './occupancy.ts'
import { changedPayments } from './payments.ts'
import { nightsBetween, repriced, requireCapacity, requireCurrency } from './price.ts'
import { lockBooking, saveChanges } from './save.ts'
import type { BookingPatch, FullBooking, Status } from './schema.ts'
import { requireNotClosed } from './status-words.ts'

const alwaysEditable: readonly string[] = ['internal_notes', 'paid_cents', 'payment_status']

/**
 * When dates or property change, the nights must be free and the rules that the change concerns apply. The price stays;
 * when the number of nights changes and the patch has no price, the price of the nights changes in proportion if the booking
 * has a nightly rate. Throws BookingNotFoundError, VersionMismatchError, BookingCancelledError, BookingConflictError,
 * PropertyNotFoundError, PropertyUnavailableError, BookingRuleBrokenError, GuestNotFoundError, ConflictError, ValidationError.
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
  const payments = changedPayments(before, patch, price?.total_cents ?? before.total_cents)
  const guest = await findOrCreateGuest(tx, patch)
  await updateOccupancy(tx, before, wanted)
  return saveChanges(tx, before, {
    ...columns,
    ...price,
    ...payments,
    ...(guest !== undefined && guestColumnsOf(guest)),
  })
}

function requireEditable(status: Status, patch: BookingPatch): void {
  const changes_stay = Object.keys(patch).some((name) => !alwaysEditable.includes(name))
  if (changes_stay) requireNotClosed(status)
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

/**
 * The aspects of the stay that change. Rules of sale do not apply to a guest who is there: a guest may leave early or stay
 * longer. A side of the stay that does not move outwards comes no closer to another stay.
 */
function rulesConcerned(before: FullBooking, wanted: FullBooking): RuleScope {
  const changes_property = wanted.property_id !== before.property_id
  const is_sale = before.status !== 'checked_in'
  return {
    arrival: is_sale && (changes_property || wanted.check_in !== before.check_in),
    departure: is_sale && (changes_property || wanted.check_out !== before.check_out),
    nights: is_sale && (changes_property || nightsBetween(wanted.check_in, wanted.check_out) !== before.num_nights),
    buffers: {
      before: changes_property || wanted.check_in < before.check_in,
      after: changes_property || wanted.check_out > before.check_out,
    },
  }
}
