// Making a booking, and deleting one. Row, guest, ledger, audit entry and event commit together or not at all.
import sql from 'sql-template-tag'
import { PropertyUnavailableError } from '../../core/errors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import { announce } from '../../core/events/events.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import type { Expected } from '../../core/versions.ts'
import { claimNights, freeNights } from '../availability/occupancies.ts'
import { saveGuest } from '../guests/guests.ts'
import { getProperty } from '../properties/properties.ts'
import { insertBooking } from './insert.ts'
import { requireMove } from './moves.ts'
import { newRow } from './new-row.ts'
import { takesNights } from './nights.ts'
import { closedStatuses, requireRoom, requireStay } from './rules.ts'
import type { Booking, FullBooking, NewBooking, Status } from './schema.ts'
import { audited, lockedBooking } from './writes.ts'

/** What an import may say beyond the API: any status, and who cancelled when. */
export type BookingInput = Omit<NewBooking, 'status'> & { status?: Status } & Cancellation

/** Only for a booking that is cancelled; without a time it was now. */
export interface Cancellation {
  readonly cancelled_at?: string
  readonly cancelled_by?: NonNullable<Booking['cancelled_by']>
}

/**
 * Books the nights. People are held to the rules of the property; what the operator imports was agreed elsewhere. Throws
 * BookingConflictError, PropertyNotFoundError, PropertyUnavailableError, ValidationError, ConflictError.
 */
export async function createBooking(tx: Tx, input: BookingInput): Promise<FullBooking> {
  requireStay(input)
  const takes_nights = takesNights({ status: input.status ?? 'confirmed' })
  const asked = tx.actor.role === 'operator' ? 'nothing' : 'everything'
  const home = takes_nights ? await claimNights(tx, input, { asked }) : await getProperty(tx, input.property_id)
  if (takes_nights && !home.is_active) throw new PropertyUnavailableError()
  requireRoom(input, home.max_guests)
  const guest = input.guest === undefined ? null : await saveGuest(tx, input.guest)
  const row = newRow(input, home, guest?.id ?? null)
  const [inserted] = await settleAll(insertBooking(tx, row), announce(tx, 'booking.changed', row.id))
  const booking: FullBooking = { ...inserted, property_name: home.name, guest }
  recordAudit(tx, { action: 'booking.created', entity_type: 'booking', entity_id: row.id, after: audited(booking) })
  return booking
}

/**
 * Deletes softly and frees the nights at once; a live booking becomes cancelled, by whoever may cancel it. Throws
 * BookingNotFoundError, VersionMismatchError, InvalidStatusTransitionError.
 */
export async function deleteBooking(tx: Tx, id: string, expected?: Expected): Promise<void> {
  const before = await lockedBooking(tx, id, expected)
  const is_live = !closedStatuses.includes(before.status)
  if (is_live) requireMove(tx, before.status, 'cancelled')
  const update = tx.query(sql`
    update bookings b set deleted_at = now(), version = b.version + 1,
      status = case when ${is_live} then 'cancelled' else b.status end,
      cancelled_at = case when ${is_live} then now() else b.cancelled_at end,
      cancelled_by = case when ${is_live} then 'host' else b.cancelled_by end
    where b.agency_id = ${tx.agency_id} and b.id = ${id}`)
  const entry = { action: 'booking.deleted', entity_type: 'booking', entity_id: id, before: audited(before) }
  await settleAll(update, freeNights(tx, id), announce(tx, 'booking.changed', id))
  recordAudit(tx, entry)
}
