// The ledger: one occupancy per booking, block or hold that takes nights. Overlaps are refused.
import { randomUUIDv7 } from 'node:crypto'
import sql, { type Sql } from 'sql-template-tag'
import { BookingConflictError } from '../../core/errors.ts'
import type { AuditEntry } from '../../core/events/audit.ts'
import { onConstraint } from '../../core/postgres/database-errors.ts'
import { recordset } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { Stay } from './context.ts'

export interface Occupant {
  readonly kind: 'booking' | 'block' | 'hold'
  readonly id: string
  /** Holds only: when the nights become free (RFC 3339). */
  readonly expires_at?: string
}

/** Bookings in these statuses take their nights, past ones included. */
export const occupyingStatuses: readonly string[] = ['pending', 'confirmed', 'checked_in', 'checked_out']

/** For onConstraint, around a statement that contains `occupancyInsert`. */
export const onOverlap = { occupancies_no_overlap: () => new BookingConflictError() }

export interface ChangedHold {
  readonly id: string
  readonly property_id: string
  /** After the change. */
  readonly version: number
}

/** The version of the hold of a deleted row `o` of occupancies. */
export const holdVersion = (tx: Tx) =>
  sql`(select h.version from holds h where h.agency_id = ${tx.agency_id} and h.id = o.hold_id)`

/** The audit entry of a change of a hold. */
export function holdEntry(action: string, { id, property_id, version }: ChangedHold): AuditEntry {
  return { action, entity_type: 'hold', entity_id: id, property_id, version }
}

/**
 * Occupancies o with a night in the half-open range. By dates, not by `during`: only these conditions can use an index under
 * row-level security (migration 20261201150000).
 */
export const hasNightIn = (from: Sql | string, to: Sql | string) => sql`(o.check_out > ${from} and o.check_in < ${to})`

/** Occupancies o that take their nights: an expired hold no longer does, also while its row is there. */
export const isCurrent = sql`(o.expires_at is null or o.expires_at > now())`

/** The INSERT statement, to be run alone or inside a WITH clause. */
export function occupancyInsert(tx: Tx, { kind, id, expires_at }: Occupant, stay: Stay): Sql {
  const idIf = (wanted: Occupant['kind']) => (kind === wanted ? id : null)
  return sql`
    insert into occupancies (agency_id, id, property_id, kind, booking_id, block_id, hold_id, expires_at, during)
    values (${tx.agency_id}, ${randomUUIDv7()}, ${stay.property_id}, ${kind}, ${idIf('booking')}, ${idIf('block')}, ${idIf('hold')},
      ${expires_at ?? null}, daterange(${stay.check_in}, ${stay.check_out}))`
}

/** Throws BookingConflictError. */
export async function insertOccupancy(tx: Tx, occupant: Occupant, stay: Stay): Promise<void> {
  await onConstraint(tx.query(occupancyInsert(tx, occupant, stay)), onOverlap)
}

/** Inserts the rows of many bookings. Call it with the properties locked. Throws BookingConflictError. */
export async function insertOccupancies(tx: Tx, bookings: readonly (Stay & { readonly id: string })[]): Promise<void> {
  const rows = bookings.map(({ id: booking_id, property_id, check_in, check_out }) => {
    return { id: randomUUIDv7(), property_id, booking_id, during: `[${check_in},${check_out})` }
  })
  const insert = tx.query(sql`
    insert into occupancies (agency_id, id, property_id, kind, booking_id, during)
    select ${tx.agency_id}, r.id, r.property_id, 'booking', r.booking_id, r.during
    from ${recordset('occupancies', rows)}`)
  await onConstraint(insert, onOverlap)
}

/** Moves the row of a booking or block to other dates or another property. Throws BookingConflictError. */
export async function moveOccupancy(tx: Tx, id: string, stay: Stay): Promise<void> {
  const update = tx.query(sql`
    update occupancies o set property_id = ${stay.property_id}, during = daterange(${stay.check_in}, ${stay.check_out})
    where o.agency_id = ${tx.agency_id} and (o.booking_id = ${id} or o.block_id = ${id})`)
  await onConstraint(update, onOverlap)
}

/** Deletes the row of a booking, block or hold. Its nights are free at once. */
export async function deleteOccupancy(tx: Tx, id: string): Promise<void> {
  await tx.query(sql`
    delete from occupancies o
    where o.agency_id = ${tx.agency_id} and (o.booking_id = ${id} or o.block_id = ${id} or o.hold_id = ${id})`)
}
