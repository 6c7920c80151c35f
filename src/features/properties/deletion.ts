// Deleting a property: what is still to come in it decides, and nothing of it stays in the ledger but stays of the past.
import sql from 'sql-template-tag'
import { PropertyHasBookingsError } from '../../core/errors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import { withholdAnswers } from '../../core/idempotency.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { type Expected, requireVersion } from '../../core/versions.ts'
import { lockedProperty, lockNights } from './properties.ts'

/**
 * Deletes softly. Blocks and holds do not stand in the way: their nights leave the ledger, its holds are released, its
 * blocks are hidden with it. Throws PropertyNotFoundError, VersionMismatchError, and PropertyHasBookingsError while a stay
 * is still to come or on, by the agency's own calendar.
 */
export async function deleteProperty(tx: Tx, id: string, expected?: Expected): Promise<void> {
  // Before the nights are locked, in the order of everybody who changes a hold.
  const released = await tx.query<{ id: string }>(sql`
    update holds h set released_at = now(), notes = null
    where h.agency_id = ${tx.agency_id} and h.property_id = ${id}
      and h.released_at is null and h.booking_id is null and h.expires_at > now() returning h.id`)
  if (released.length > 0) {
    await withholdAnswers(
      tx,
      released.map((hold) => hold.id),
    )
  }
  await lockNights(tx, id)
  const before = await lockedProperty(tx, id)
  requireVersion(before.version, expected)
  const live = await tx.maybe(sql`
    select o.id from occupancies o
    join agencies a on a.id = o.agency_id
    where o.agency_id = ${tx.agency_id} and a.id = ${tx.agency_id} and o.property_id = ${id}
      and o.kind in ('booking', 'channel') and upper(o.during) > (now() at time zone a.time_zone)::date
    limit 1`)
  if (live !== undefined) throw new PropertyHasBookingsError()
  const freed = await tx.query<{ kind: string }>(sql`
    delete from occupancies o
    where o.agency_id = ${tx.agency_id} and o.property_id = ${id} and o.kind in ('block', 'hold') returning o.kind`)
  await tx.query(sql`
    update properties p set deleted_at = now(), is_active = false, version = p.version + 1
    where p.agency_id = ${tx.agency_id} and p.id = ${id}`)
  const count = (kind: string) => freed.filter((row) => row.kind === kind).length
  const after = freed.length === 0 ? undefined : { freed_blocks: count('block'), freed_holds: count('hold') }
  recordAudit(tx, { action: 'property.deleted', entity_type: 'property', entity_id: id, before, after })
}
