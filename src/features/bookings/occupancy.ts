// Updates the occupancy of a booking when the booking changes.
import { PropertyUnavailableError } from '../../core/errors.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { BookableProperty, Stay } from '../availability/context.ts'
import { deleteOccupancy, insertOccupancy, moveOccupancy, occupyingStatuses } from '../availability/occupancies.ts'
import { reserve } from '../availability/reserve.ts'
import type { RuleScope } from '../availability/rules.ts'
import type { Status } from './schema.ts'

/** The members of a booking that determine its occupancy. */
export interface Occupying extends Stay {
  readonly id: string
  readonly status: Status
}

export function takesNights({ status }: { readonly status: Status }): boolean {
  return occupyingStatuses.includes(status)
}

export function isMoved(before: Stay, after: Stay): boolean {
  const { property_id, check_in, check_out } = before
  return property_id !== after.property_id || check_in !== after.check_in || check_out !== after.check_out
}

/**
 * Locks the property and checks the stay, like `reserve`. Call it with the booking locked: this lock order prevents
 * deadlocks. The property must be active when the booking begins to take nights there. Throws BookingConflictError, PropertyUnavailableError, PropertyNotFoundError.
 */
export async function reserveFor(tx: Tx, before: Occupying, wanted: Stay, rules: RuleScope): Promise<BookableProperty> {
  const property = await reserve(tx, wanted, { except: before.id, rules })
  const is_new = !takesNights(before) || wanted.property_id !== before.property_id
  if (is_new && !property.is_active) throw new PropertyUnavailableError()
  return property
}

/** Inserts, moves or deletes the row. Throws BookingConflictError. */
export async function updateOccupancy(tx: Tx, before: Occupying, after: Occupying): Promise<void> {
  if (!takesNights(after)) {
    if (takesNights(before)) await deleteOccupancy(tx, before.id)
    return
  }
  if (!takesNights(before)) await insertOccupancy(tx, { kind: 'booking', id: before.id }, after)
  else if (isMoved(before, after)) await moveOccupancy(tx, before.id, after)
}
