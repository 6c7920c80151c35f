// The one ledger: every night that is taken, by whatever, is in one row of occupancies. The constraint decides.
import { randomUUIDv7 } from 'node:crypto'
import sql, { type Sql } from 'sql-template-tag'
import { BookingConflictError, PropertyUnavailableError } from '../../core/errors.ts'
import { onConstraint } from '../../core/postgres/database-errors.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import { lockNights, tryLockNights } from '../properties/properties.ts'
import { type Asked, judge, type Situation } from './rules.ts'
import { type Home, lookAt, type Stay } from './situation.ts'

export type { Asked, Home, Stay }

/** Who takes the nights: one row of the ledger each. */
export interface Occupant {
  readonly kind: 'booking' | 'block' | 'hold'
  readonly id: string
  /** Only for a hold: when it stops taking them (RFC 3339). */
  readonly expires_at?: string
}

export interface Claim {
  /** The occupant that gives up nights of its own: a booking that moves, a hold that becomes a booking. */
  readonly except?: string
  /** Which rules of the property are asked; `nothing` when left out. */
  readonly asked?: Asked
}

/** Bookings with these statuses take their nights, so the calendar of the past is true too; all others free them. */
export const occupyingStatuses: readonly string[] = ['pending', 'confirmed', 'checked_in', 'checked_out']

/**
 * Looks at the nights with the property locked: neither a stay that is too near nor a property that is being deleted is
 * anything the constraint sees. While somebody else has the lock, what is not possible is refused at once, and the rest
 * waits for its turn and looks again. Call it before writing the occupant. A hold that has expired is in nobody's way.
 * Returns the property they are in.
 * Throws PropertyNotFoundError, BookingConflictError (meta.conflict) for nights that are taken, PropertyUnavailableError
 * (meta.rule, meta.limit) for a rule that is not kept.
 */
export async function claimNights(tx: Tx, stay: Stay, { except, asked = 'nothing' }: Claim = {}): Promise<Home> {
  const look = { except, buffers: asked !== 'nothing' }
  const [is_mine, first] = await settleAll(tryLockNights(tx, stay.property_id), lookAt(tx, stay, look))
  requirePossible(first, stay, asked)
  let { has_expired } = first
  if (!is_mine) {
    const [, again] = await settleAll(lockNights(tx, stay.property_id), lookAt(tx, stay, look))
    requirePossible(again, stay, asked)
    has_expired = again.has_expired
  }
  if (has_expired) await clearExpired(tx, stay)
  return first.home
}

/** The constraint cannot tell the time: what has expired goes before its nights are taken, with the property locked. */
async function clearExpired(tx: Tx, { property_id, check_in, check_out }: Stay): Promise<void> {
  await tx.query(sql`
    delete from occupancies o
    where o.agency_id = ${tx.agency_id} and o.property_id = ${property_id} and o.expires_at <= now()
      and o.during && daterange(${check_in}, ${check_out})`)
}

function requirePossible(situation: Situation, stay: Stay, asked: Asked): void {
  const broken = judge(situation, stay, asked).find(({ is_kept }) => !is_kept)
  if (broken === undefined) return
  const { rule, limit, pointer, message } = broken
  const { neighbour } = situation
  const conflict = neighbour && { kind: neighbour.kind, check_in: neighbour.check_in, check_out: neighbour.check_out }
  if (rule === 'nights_free') throw new BookingConflictError({ message, meta: { conflict } })
  const details = [{ pointer, code: rule.toUpperCase(), message }]
  const meta = { rule, ...(limit !== null && { limit }), ...(rule === 'buffer' && { conflict }) }
  throw new PropertyUnavailableError({ message, details, meta })
}

/** Takes the nights. The constraint has the last word: throws BookingConflictError. */
export async function occupy(tx: Tx, occupant: Occupant, stay: Stay): Promise<void> {
  await onConstraint(tx.query(occupation(tx, occupant, stay)), takenNights)
}

/** What the ledger's constraint means; for whoever sends `occupation` along with something else. */
export const takenNights = { occupancies_no_overlap: () => new BookingConflictError() }

/** The statement that takes the nights. */
export function occupation(tx: Tx, { kind, id, expires_at }: Occupant, stay: Stay): Sql {
  const of = (wanted: Occupant['kind']) => (kind === wanted ? id : null)
  return sql`
    insert into occupancies (agency_id, id, property_id, kind, booking_id, block_id, hold_id, expires_at, during)
    values (${tx.agency_id}, ${randomUUIDv7()}, ${stay.property_id}, ${kind}, ${of('booking')}, ${of('block')}, ${of('hold')},
      ${expires_at ?? null}, daterange(${stay.check_in}, ${stay.check_out}))`
}

/** Moves the nights of an occupant that has some, to other dates or another property. Throws BookingConflictError. */
export async function moveNights(tx: Tx, id: string, stay: Stay): Promise<void> {
  const update = tx.query(sql`
    update occupancies o set property_id = ${stay.property_id}, during = daterange(${stay.check_in}, ${stay.check_out})
    where o.agency_id = ${tx.agency_id} and (o.booking_id = ${id} or o.block_id = ${id})`)
  await onConstraint(update, takenNights)
}

/** Frees the nights of an occupant at once. */
export async function freeNights(tx: Tx, id: string): Promise<void> {
  await tx.query(sql`
    delete from occupancies o
    where o.agency_id = ${tx.agency_id} and (o.booking_id = ${id} or o.block_id = ${id} or o.hold_id = ${id})`)
}
