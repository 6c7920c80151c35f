// What a change of a booking does to the ledger: the nights it needs are claimed before anything else, and taken last.
import { PropertyUnavailableError } from '../../core/errors.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import {
  type Asked,
  claimNights,
  freeNights,
  type Home,
  moveNights,
  occupy,
  occupyingStatuses,
  type Stay,
} from '../availability/occupancies.ts'
import type { Status } from './schema.ts'

/** A booking as far as the ledger is concerned. */
export interface Occupying extends Stay {
  readonly id: string
  readonly status: Status
}

export function takesNights({ status }: { readonly status: Status }): boolean {
  return occupyingStatuses.includes(status)
}

export function isElsewhere(before: Stay, wanted: Stay): boolean {
  const { property_id, check_in, check_out } = before
  return property_id !== wanted.property_id || check_in !== wanted.check_in || check_out !== wanted.check_out
}

/**
 * Waits for the turn on the property, with the booking locked: always in this order, so that no two wait for each other.
 * Who was not in the property before needs it to be active. Throws BookingConflictError, PropertyUnavailableError,
 * PropertyNotFoundError: also a booking of the past must not come back to life on a property that was deleted meanwhile.
 */
export async function claimFor(tx: Tx, before: Occupying, wanted: Stay, asked: Asked): Promise<Home> {
  const home = await claimNights(tx, wanted, { except: before.id, asked })
  const is_new = !takesNights(before) || wanted.property_id !== before.property_id
  if (is_new && !home.is_active) throw new PropertyUnavailableError()
  return home
}

/** Brings the ledger from what the booking was to what it becomes. The constraint has the last word. */
export async function settleNights(tx: Tx, before: Occupying, wanted: Occupying): Promise<void> {
  if (!takesNights(wanted)) {
    if (takesNights(before)) await freeNights(tx, before.id)
    return
  }
  if (!takesNights(before)) await occupy(tx, { kind: 'booking', id: before.id }, wanted)
  else if (isElsewhere(before, wanted)) await moveNights(tx, before.id, wanted)
}
