// What a channel says about a booking it has told us before: dates, people, status and total, in one change.
import sql from 'sql-template-tag'
import { changes, recordAudit } from '../../core/audit.ts'
import { BookingNotFoundError } from '../../core/errors.ts'
import { assignments } from '../../core/sql.ts'
import type { Tx } from '../../core/transaction.ts'
import {
  claimNights,
  freeNights,
  moveNights,
  occupyForBooking,
  occupyingStatuses,
} from '../availability/occupancies.ts'
import { getProperty } from '../properties/properties.ts'
import { getBooking } from './listing.ts'
import { nightsBetween, type Price, priceStay, requireRoom, requireStay } from './rules.ts'
import type { Booking, Status } from './schema.ts'

/** The members that are given replace the booking's own; a total replaces the price of the nights. */
export interface Revision {
  readonly check_in?: string
  readonly check_out?: string
  readonly num_adults?: number
  readonly num_children?: number
  readonly num_infants?: number
  readonly status?: Status
  readonly total_cents?: number
  readonly currency?: string
}

type Revised = Booking & Required<Pick<Booking, 'num_adults' | 'cleaning_fee_cents' | 'tax_cents'>>

/**
 * The channel is the authority on its own booking, so a finished or cancelled one changes too, unlike in updateBooking:
 * a payout is corrected after the stay, a cancelled stay comes back. The ledger still decides about the nights. Throws
 * BookingNotFoundError, BookingConflictError, ValidationError.
 */
export async function reviseBooking(tx: Tx, id: string, revision: Revision): Promise<Booking> {
  await lockBooking(tx, id)
  const before = (await getBooking(tx, id)) as Revised
  const wanted: Revised = { ...before, ...revision }
  requireStay(wanted)
  if (revision.num_adults !== undefined || revision.num_children !== undefined) {
    requireRoom(wanted, (await getProperty(tx, before.property_id)).max_guests)
  }
  await rebookNights(tx, before, wanted)
  const patch = { ...revision, ...priceOf(wanted, revision), ...cancellationOf(before, wanted) }
  await tx.query(sql`
    update bookings b set ${assignments(patch)}, version = b.version + 1
    where b.agency_id = ${tx.agency_id} and b.id = ${id}`)
  const after = await getBooking(tx, id)
  const entry = { action: 'booking.updated', entity_type: 'booking', entity_id: id }
  await recordAudit(tx, { ...entry, ...changes({ ...before, guest: null }, { ...after, guest: null }) })
  return after
}

async function lockBooking(tx: Tx, id: string): Promise<void> {
  const row = await tx.maybe(sql`
    select b.id from bookings b where b.agency_id = ${tx.agency_id} and b.id = ${id} and b.deleted_at is null for update`)
  if (row === undefined) throw new BookingNotFoundError()
}

async function rebookNights(tx: Tx, before: Booking, wanted: Booking): Promise<void> {
  const had_nights = occupyingStatuses.includes(before.status)
  const takes_nights = occupyingStatuses.includes(wanted.status)
  const is_moved = wanted.check_in !== before.check_in || wanted.check_out !== before.check_out
  if (had_nights && !takes_nights) return freeNights(tx, before.id)
  if (!takes_nights || (had_nights && !is_moved)) return
  await claimNights(tx, wanted, before.id)
  await (had_nights ? moveNights(tx, before.id, wanted) : occupyForBooking(tx, before.id, wanted))
}

function priceOf(wanted: Revised, { total_cents }: Revision): Price | undefined {
  if (total_cents === undefined) return undefined
  const { cleaning_fee_cents, tax_cents } = wanted
  const nights = nightsBetween(wanted.check_in, wanted.check_out)
  const given = { total_cents, cleaning_fee_cents, tax_cents }
  return priceStay(nights, given, { base_price_cents: null, cleaning_fee_cents })
}

function cancellationOf(
  before: Booking,
  wanted: Booking,
): { cancelled_at: string | null; cancelled_by?: null } | undefined {
  if (before.status === wanted.status) return undefined
  return wanted.status === 'cancelled'
    ? { cancelled_at: new Date().toISOString() }
    : { cancelled_at: null, cancelled_by: null }
}
