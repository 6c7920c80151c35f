// The one ledger: every night that is taken, by whatever, is in one row of occupancies. The constraint decides.
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import { onConstraint } from '../../core/database-errors.ts'
import { BookingConflictError } from '../../core/errors.ts'
import type { Tx } from '../../core/transaction.ts'
import { lockNights } from '../properties/properties.ts'

/** Half-open local dates: the night of check_out is free. */
export interface Stay {
  readonly property_id: string
  readonly check_in: string
  readonly check_out: string
}

/** Who takes the nights: one row of the ledger each. */
export interface Occupant {
  readonly kind: 'booking' | 'block' | 'hold'
  readonly id: string
  /** Only for a hold: when it stops taking them (RFC 3339). */
  readonly expires_at?: string
}

/** Bookings with these statuses take their nights, so the calendar of the past is true too; all others free them. */
export const occupyingStatuses: readonly string[] = ['pending', 'confirmed', 'checked_in', 'checked_out']

/**
 * Refuses at once when a night is taken, then waits for its turn on the property. Call it before writing the occupant;
 * `except` is the occupant that gives up nights of its own (a booking that moves, a hold that becomes a booking). A hold
 * that has expired is in nobody's way. Throws BookingConflictError.
 */
export async function claimNights(tx: Tx, stay: Stay, except: string | null = null): Promise<void> {
  const taken = await tx.maybe<{ check_in: string; check_out: string }>(sql`
    select lower(o.during) as check_in, upper(o.during) as check_out from occupancies o
    where o.agency_id = ${tx.agency_id} and o.property_id = ${stay.property_id}
      and o.during && daterange(${stay.check_in}, ${stay.check_out})
      and coalesce(o.booking_id, o.hold_id, o.block_id) is distinct from ${except}::uuid
      and (o.expires_at is null or o.expires_at > now())
    limit 1`)
  if (taken !== undefined) throw new BookingConflictError({ meta: { conflict: taken } })
  await lockNights(tx, stay.property_id)
  // The constraint cannot tell the time: what has expired goes before its nights are taken.
  await tx.query(sql`
    delete from occupancies o
    where o.agency_id = ${tx.agency_id} and o.property_id = ${stay.property_id} and o.expires_at <= now()
      and o.during && daterange(${stay.check_in}, ${stay.check_out})`)
}

/** Takes the nights. The constraint has the last word: throws BookingConflictError. */
export async function occupy(tx: Tx, { kind, id, expires_at }: Occupant, stay: Stay): Promise<void> {
  const of = (wanted: Occupant['kind']) => (kind === wanted ? id : null)
  const insert = tx.query(sql`
    insert into occupancies (agency_id, id, property_id, kind, booking_id, block_id, hold_id, expires_at, during)
    values (${tx.agency_id}, ${randomUUIDv7()}, ${stay.property_id}, ${kind}, ${of('booking')}, ${of('block')}, ${of('hold')},
      ${expires_at ?? null}, daterange(${stay.check_in}, ${stay.check_out}))`)
  await onConstraint(insert, { occupancies_no_overlap: () => new BookingConflictError() })
}

/** Moves the nights of an occupant that has some, to other dates or another property. Throws BookingConflictError. */
export async function moveNights(tx: Tx, id: string, stay: Stay): Promise<void> {
  const update = tx.query(sql`
    update occupancies o set property_id = ${stay.property_id}, during = daterange(${stay.check_in}, ${stay.check_out})
    where o.agency_id = ${tx.agency_id} and (o.booking_id = ${id} or o.block_id = ${id})`)
  await onConstraint(update, { occupancies_no_overlap: () => new BookingConflictError() })
}

/** Frees the nights of an occupant at once. */
export async function freeNights(tx: Tx, id: string): Promise<void> {
  await tx.query(sql`
    delete from occupancies o
    where o.agency_id = ${tx.agency_id} and (o.booking_id = ${id} or o.block_id = ${id} or o.hold_id = ${id})`)
}
