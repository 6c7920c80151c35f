// Who did what: one row per change, written in the transaction of the change itself.
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import { recordset } from '../postgres/sql.ts'
import type { Tx } from '../postgres/transaction.ts'
import { auditValues } from './audit-values.ts'

export interface AuditEntry {
  /** `<entity>.<what happened>`: booking.created. */
  readonly action: string
  readonly entity_type: string
  readonly entity_id: string
  readonly before?: object | undefined
  readonly after?: object | undefined
}

/**
 * Records a change, in the transaction of the change: if this fails, so does that. `before` and `after` hold the columns
 * that changed, never a guest's contact data, words about guests or a password; long values as digests (audit-values.ts).
 */
export function recordAudit(tx: Tx, entry: AuditEntry): void {
  tx.send(sql`
    insert into audit_log (agency_id, id, request_id, actor_id, actor_role, action, entity_type, entity_id, before, after)
    values (${tx.agency_id}, ${nextId()}, ${tx.actor.request_id ?? null}, ${tx.actor.user_id}, ${tx.actor.role},
      ${entry.action}, ${entry.entity_type}, ${entry.entity_id}, ${json(kept(entry.before))}, ${json(kept(entry.after))})`)
}

/** The same for many changes of one kind of work, in their order: one statement for all of them. */
export function recordAudits(tx: Tx, entries: readonly AuditEntry[]): void {
  const rows = entries.map((entry) => {
    return { ...entry, before: kept(entry.before), after: kept(entry.after), id: nextId() }
  })
  tx.send(sql`
    insert into audit_log (agency_id, id, request_id, actor_id, actor_role, action, entity_type, entity_id, before, after)
    select ${tx.agency_id}, r.id, ${tx.actor.request_id ?? null}, ${tx.actor.user_id}::uuid, ${tx.actor.role},
      r.action, r.entity_type, r.entity_id, r.before, r.after
    from ${recordset('audit_log', rows)}`)
}

let last_id = ''

/**
 * A UUID v7 that is behind every one before it in this process: those of one millisecond would be in any order, and what
 * one transaction did in which order is told by the ids.
 */
function nextId(): string {
  const id = randomUUIDv7()
  last_id = id > last_id ? id : successorOf(last_id)
  return last_id
}

function successorOf(id: string): string {
  const digits = (BigInt(`0x${id.replaceAll('-', '')}`) + 1n).toString(16).padStart(32, '0')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function kept(columns: object | undefined): object | undefined {
  return columns && auditValues(columns)
}

function json(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value)
}

/** The members of `before` and `after` that differ, so that an audit row shows the change and nothing else. */
export function changes<T extends object>(before: T, after: T): { before: Partial<T>; after: Partial<T> } {
  const keys = (Object.keys(after) as (keyof T)[]).filter((key) => before[key] !== after[key])
  const pick = (from: T) => Object.fromEntries(keys.map((key) => [key, from[key]])) as Partial<T>
  return { before: pick(before), after: pick(after) }
}
