// Applies what channels say about their own bookings: dates, property, people, status and amounts.
import sql from 'sql-template-tag'
import { lockAll, propertyKey } from '../../core/postgres/locks.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import { requireStay } from '../availability/days.ts'
import { insertOccupancies } from '../availability/occupancies.ts'
import { deleteExpired } from '../availability/reserve.ts'
import type { Cancellation, ChannelColumns } from './new-row.ts'
import { isMoved, takesNights } from './occupancy.ts'
import { changedPayments } from './payments.ts'
import { nightsBetween, type Price, priceStay } from './price.ts'
import { lockBooking, saveChanges } from './save.ts'
import type { FullBooking, Status } from './schema.ts'
import { timesOf } from './status.ts'

/** Given members replace those of the booking. The price of the nights is computed from `total_cents`. */
export interface Revision extends ChannelColumns {
  readonly property_id?: string
  readonly check_in?: string
  readonly check_out?: string
  readonly num_adults?: number
  readonly num_children?: number
  readonly num_infants?: number
  readonly status?: Status
  /** Only together with the status cancelled. */
  readonly cancelled_by?: NonNullable<Cancellation['cancelled_by']>
  readonly total_cents?: number
  /** Only together with `total_cents`. A part that does not fit into the total is reduced. */
  readonly cleaning_fee_cents?: number
  readonly tax_cents?: number
  readonly currency?: string
}

export interface BookingRevision {
  readonly id: string
  readonly revision: Revision
}

/**
 * Applies all revisions or none. Unlike updateBooking it also changes closed bookings, because channels correct payouts after
 * the stay and reinstate cancelled bookings, and it asks neither for the booking rules of a property nor for its capacity: the
 * stays are sold. All bookings that move free their nights before any of them takes new ones, so bookings can exchange
 * nights. Locks the bookings, then the properties, each in the order of the ids. Throws BookingNotFoundError,
 * BookingConflictError, ValidationError.
 */
export async function reviseBookings(tx: Tx, revisions: readonly BookingRevision[]): Promise<FullBooking[]> {
  if (revisions.length === 0) return []
  const ordered = revisions.toSorted((one, other) => (one.id < other.id ? -1 : 1))
  const befores = await settleAll(...ordered.map(({ id }) => lockBooking(tx, id)))
  const changes = ordered.map(({ revision }, index) => {
    const before = befores[index] as FullBooking
    const wanted: FullBooking = { ...before, ...revision }
    requireStay(wanted)
    return { before, wanted, revision, price: priceOf(wanted, revision) }
  })
  await reallocate(tx, changes)
  const saved: FullBooking[] = []
  for (const { before, wanted, revision, price } of changes) {
    const times = before.status === wanted.status ? {} : timesOf(before.status, wanted.status)
    const payments = changedPayments(before, {}, price?.total_cents ?? before.total_cents)
    saved.push(await saveChanges(tx, before, { ...times, ...revision, ...price, ...payments }))
  }
  return saved
}

interface Change {
  readonly before: FullBooking
  readonly wanted: FullBooking
}

/** Frees the nights of every booking that leaves them, then takes those of every booking that needs others. */
async function reallocate(tx: Tx, changes: readonly Change[]): Promise<void> {
  const leaving = changes.filter(({ before, wanted }) => {
    return takesNights(before) && (!takesNights(wanted) || isMoved(before, wanted))
  })
  const taking = changes.filter(({ before, wanted }) => {
    return takesNights(wanted) && (!takesNights(before) || isMoved(before, wanted))
  })
  if (leaving.length + taking.length === 0) return
  const property_ids = [...leaving, ...taking].flatMap(({ before, wanted }) => [before.property_id, wanted.property_id])
  await lockAll(
    tx,
    property_ids.map((id) => propertyKey(tx, id)),
  )
  const ids = leaving.map(({ before }) => before.id)
  await tx.query(sql`
    delete from occupancies o where o.agency_id = ${tx.agency_id} and o.booking_id = any (${ids}::uuid[])`)
  const stays = taking.map(({ wanted }) => wanted)
  await deleteExpired(tx, stays)
  await insertOccupancies(tx, stays)
}

function priceOf(wanted: FullBooking, { total_cents }: Revision): Price | undefined {
  if (total_cents === undefined) return undefined
  const nights = nightsBetween(wanted.check_in, wanted.check_out)
  const tax_cents = Math.min(wanted.tax_cents, total_cents)
  const cleaning_fee_cents = Math.min(wanted.cleaning_fee_cents, total_cents - tax_cents)
  const given = { total_cents, cleaning_fee_cents, tax_cents }
  return priceStay(nights, given, { base_price_cents: null, cleaning_fee_cents })
}
