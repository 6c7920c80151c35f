// Writes the audit log: one row per change, in the transaction of the change.
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import { recordset } from '../postgres/sql.ts'
import type { Tx } from '../postgres/transaction.ts'
import { toAuditValues } from './audit-values.ts'

export interface AuditEntry {
  /** `<entity>.<event>`, for example booking.created. */
  readonly action: string
  readonly entity_type: string
  readonly entity_id: string
  /** The version after the change; for a deleted record, the one after the last. */
  readonly version?: number | undefined
  /** The property of the record, for records that have one. */
  readonly property_id?: string | undefined
  /** Where the record was before, if the change moved it to another property. */
  readonly former_property_id?: string | undefined
  readonly before?: object | undefined
  readonly after?: object | undefined
}

/**
 * Records a change in its transaction, so both are committed or neither. `before` and `after` hold the changed columns,
 * never a guest's contact data or a password. Free text about guests is left out, long values are digests (audit-values.ts).
 */
export function recordAudit(tx: Tx, entry: AuditEntry): void {
  const { version = null, property_id = null, former_property_id = null } = entry
  tx.queue(sql`
    insert into audit_log (agency_id, id, request_id, actor_id, actor_role, action, entity_type, entity_id, version, property_id,
      former_property_id, before, after)
    values (${tx.agency_id}, ${nextId()}, ${tx.actor.request_id ?? null}, ${tx.actor.id}, ${tx.actor.role},
      ${entry.action}, ${entry.entity_type}, ${entry.entity_id}, ${version}, ${property_id},
      ${former_property_id}, ${json(toLogged(entry.before))}, ${json(toLogged(entry.after))})`)
}

/** Records many changes, in the given order, with one statement. */
export function recordAudits(tx: Tx, entries: readonly AuditEntry[]): void {
  if (entries.length === 0) return
  const rows = entries.map((entry) => {
    return { ...entry, before: toLogged(entry.before), after: toLogged(entry.after), id: nextId() }
  })
  tx.queue(sql`
    insert into audit_log (agency_id, id, request_id, actor_id, actor_role, action, entity_type, entity_id, version, property_id,
      former_property_id, before, after)
    select ${tx.agency_id}, r.id, ${tx.actor.request_id ?? null}, ${tx.actor.id}::uuid, ${tx.actor.role},
      r.action, r.entity_type, r.entity_id, r.version, r.property_id, r.former_property_id, r.before, r.after
    from ${recordset('audit_log', rows)}`)
}

let last_id = ''

/**
 * A UUID v7 greater than all previous ones of this process. The order of the ids is the order of the entries of a
 * transaction, and UUIDs of one millisecond are otherwise unordered.
 */
function nextId(): string {
  const id = randomUUIDv7()
  last_id = id > last_id ? id : increment(last_id)
  return last_id
}

function increment(id: string): string {
  const digits = (BigInt(`0x${id.replaceAll('-', '')}`) + 1n).toString(16).padStart(32, '0')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function toLogged(columns: object | undefined): object | undefined {
  return columns && toAuditValues(columns)
}

function json(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value)
}

/** The members of `before` and `after` that differ, for an audit entry. */
export function pickChanges<T extends object>(before: T, after: T): { before: Partial<T>; after: Partial<T> } {
  const keys = (Object.keys(after) as (keyof T)[]).filter((key) => before[key] !== after[key])
  const pick = (from: T) => Object.fromEntries(keys.map((key) => [key, from[key]])) as Partial<T>
  return { before: pick(before), after: pick(after) }
}
