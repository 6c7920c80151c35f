// Deletes properties: refused while a stay is current or upcoming; blocks and holds are released.
import sql from 'sql-template-tag'
import { PropertyHasBookingsError } from '../../core/errors.ts'
import { type AuditEntry, recordAudit, recordAudits } from '../../core/events/audit.ts'
import { withholdAnswers } from '../../core/idempotency.ts'
import { lock, propertyKey } from '../../core/postgres/locks.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { type ExpectedVersions, requireVersion } from '../../core/versions.ts'
import { todayIn } from './local-day.ts'
import { lockProperty, propertyEntry } from './properties.ts'

/**
 * Soft delete. Blocks and holds do not prevent it: their occupancy rows are deleted, holds are released, and blocks are
 * hidden with the property. Throws PropertyNotFoundError, VersionMismatchError, and PropertyHasBookingsError while a stay
 * is current or upcoming in the time zone of the property.
 */
export async function deleteProperty(tx: Tx, id: string, expected?: ExpectedVersions): Promise<void> {
  // Before the property's lock: the lock order of everything that changes a hold.
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
  await lock(tx, propertyKey(tx, id))
  const before = await lockProperty(tx, id)
  requireVersion(before.version, expected)
  const today = await todayIn(tx, id)
  const live = await tx.maybe(sql`
    select o.id from occupancies o
    where o.agency_id = ${tx.agency_id} and o.property_id = ${id}
      and o.kind in ('booking', 'channel') and o.check_out > ${today}
    limit 1`)
  if (live !== undefined) throw new PropertyHasBookingsError()
  const freed = await tx.query<Freed>(sql`
    delete from occupancies o
    where o.agency_id = ${tx.agency_id} and o.property_id = ${id} and o.kind in ('block', 'hold')
    returning o.kind, coalesce(o.block_id, o.hold_id) as id,
      coalesce((select k.version + 1 from blocks k where k.agency_id = ${tx.agency_id} and k.id = o.block_id),
        (select h.version from holds h where h.agency_id = ${tx.agency_id} and h.id = o.hold_id)) as version`)
  await tx.query(sql`
    update properties p set deleted_at = now(), is_active = false, version = p.version + 1
    where p.agency_id = ${tx.agency_id} and p.id = ${id}`)
  const count = (kind: string) => freed.filter((row) => row.kind === kind).length
  const after = freed.length === 0 ? undefined : { freed_blocks: count('block'), freed_holds: count('hold') }
  const deleted = propertyEntry('property.deleted', { id: before.id, version: before.version + 1 })
  recordAudit(tx, { ...deleted, before, after })
  const released_ids = released.map((hold) => hold.id)
  recordAudits(
    tx,
    freed.map((one) => freedEntry(one, before.id, released_ids)),
  )
}

interface Freed {
  readonly kind: 'block' | 'hold'
  readonly id: string
  /** After the change. */
  readonly version: number
}

function freedEntry({ kind, id, version }: Freed, property_id: string, released_ids: readonly string[]): AuditEntry {
  const entry = { entity_type: kind, entity_id: id, property_id, version }
  if (kind === 'hold') return { ...entry, action: released_ids.includes(id) ? 'hold.released' : 'hold.expired' }
  return { ...entry, action: 'block.deleted' }
}
