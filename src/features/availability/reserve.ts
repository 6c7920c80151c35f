// Checks a stay and locks its property, for all that takes nights: bookings, holds and blocks.
import sql from 'sql-template-tag'
import { BookingConflictError, BookingRuleBrokenError, PropertyUnavailableError } from '../../core/errors.ts'
import { recordAudits } from '../../core/events/audit.ts'
import { lock, propertyKey, tryLock } from '../../core/postgres/locks.ts'
import { recordset } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import { type BookableProperty, loadContext, type Stay } from './context.ts'
import { type ChangedHold, hasNightIn, holdEntry, holdVersion } from './occupancies.ts'
import { nameOverlaps } from './overlaps.ts'
import { buffersOf, evaluateRules, type RuleContext, type RuleScope } from './rules.ts'

export interface ReserveOptions {
  /** Which rules of the property apply (none). */
  readonly rules?: RuleScope
  /** Id of the booking or block that already has some of the nights. */
  readonly except?: string
}

/**
 * Locks the property until the transaction ends and checks the stay. The constraint of the ledger alone does not cover
 * buffers and properties that are being deleted. While another transaction has the lock, an impossible stay is refused at
 * once; a possible one waits for the lock and is checked again. Call it before writing the occupant, and insert the
 * occupancy afterwards (occupancies.ts). Returns the property. Throws PropertyNotFoundError, BookingConflictError
 * (meta.conflicts) when nights are taken, PropertyUnavailableError when the property is not active, BookingRuleBrokenError
 * (meta.rule, meta.limit) when a rule is broken.
 */
export async function reserve(tx: Tx, stay: Stay, scope: ReserveOptions = {}): Promise<BookableProperty> {
  const { rules = 'none', except } = scope
  const key = propertyKey(tx, stay.property_id)
  const options = { except, buffers: buffersOf(rules) }
  const [is_locked, first] = await settleAll(tryLock(tx, key), loadContext(tx, stay, options))
  await requirePossible(tx, first, stay, scope)
  let { has_expired } = first
  if (!is_locked) {
    const [, again] = await settleAll(lock(tx, key), loadContext(tx, stay, options))
    await requirePossible(tx, again, stay, scope)
    has_expired = again.has_expired
  }
  if (has_expired) await deleteExpired(tx, [stay])
  return first.property
}

/** The constraint also counts expired holds, so they are deleted before their nights are taken. */
export async function deleteExpired(tx: Tx, stays: readonly Stay[]): Promise<void> {
  const rows = stays.map(({ property_id, check_in, check_out }) => {
    return { property_id, check_in, check_out }
  })
  const expired = await tx.query<ChangedHold>(sql`
    delete from occupancies o using ${recordset('occupancies', rows)}
    where o.agency_id = ${tx.agency_id} and o.property_id = r.property_id and o.expires_at <= now()
      and ${hasNightIn(sql`r.check_in`, sql`r.check_out`)}
    returning o.hold_id as id, o.property_id, ${holdVersion(tx)} as version`)
  recordAudits(
    tx,
    expired.map((hold) => holdEntry('hold.expired', hold)),
  )
}

async function requirePossible(
  tx: Tx,
  context: RuleContext,
  stay: Stay,
  { rules = 'none', except }: ReserveOptions,
): Promise<void> {
  const broken = evaluateRules(context, stay, rules).find(({ is_kept }) => !is_kept)
  if (broken === undefined) return
  const { rule, limit, pointer, message } = broken
  const { neighbour } = context
  const conflict = neighbour && { kind: neighbour.kind, check_in: neighbour.check_in, check_out: neighbour.check_out }
  if (rule === 'nights_free' && neighbour !== undefined) {
    const { message, conflicts } = await nameOverlaps(tx, stay, neighbour, except)
    throw new BookingConflictError({ message, meta: { conflict, conflicts } })
  }
  const details = [{ pointer, code: rule.toUpperCase(), message }]
  const meta = { rule, ...(limit !== null && { limit }), ...(rule === 'buffer' && { conflict }) }
  throw new (rule === 'is_active' ? PropertyUnavailableError : BookingRuleBrokenError)({ message, details, meta })
}
