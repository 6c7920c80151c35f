// The audit log: filtered list, newest first.
import sql, { type Sql } from 'sql-template-tag'
import type { Cursors } from '../../core/cursors.ts'
import { auditEntryBytes } from '../../core/events/audit-values.ts'
import { parseInstant } from '../../core/instants.ts'
import { limitByBytes, type Page, page_bytes, readPage, type SizedRow } from '../../core/postgres/pages.ts'
import { type IndexedFilters, type ReadCost, readCost } from '../../core/postgres/read-cost.ts'
import { all } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { AuditEntry, AuditFilter, AuditQuery } from './schema.ts'

/** `at` is created_at in microseconds, for cursors: many rows share a millisecond. */
type Row = AuditEntry & SizedRow & { readonly at: string; readonly bytes_so_far: number }

/** audit_log_created_idx and audit_log_entity_idx. */
const indexed: IndexedFilters = { sets: [[], ['entity_type', 'entity_id']], ranges: ['created_from', 'created_to'] }

export const auditCost = (filter: AuditFilter): ReadCost => readCost(indexed, filter)

/** One page of the log. Throws CursorInvalidError. */
export async function listAudit(tx: Tx, cursors: Cursors, query: AuditQuery): Promise<Page<AuditEntry>> {
  const read = (after: readonly string[] | undefined, limit: Sql) => readEntries(tx, query, after, limit)
  const { items, next_cursor } = await readPage(tx, cursors, 'audit-log', query, read, ({ at, id }) => [at, id])
  return { items: items.map(({ at: _, bytes_so_far: __, is_over: ___, ...entry }) => entry), next_cursor }
}

/** Up to `limit` entries after the sort keys `after`, newest first, until the byte limit is exceeded. */
export function readEntries(
  tx: Tx,
  filter: AuditFilter,
  after: readonly string[] | undefined,
  limit: Sql,
  most = page_bytes,
): Promise<Row[]> {
  const after_cursor =
    after === undefined ? undefined : sql`(a.created_at, a.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
  const select = sql`
    select a.id, a.created_at, a.created_at::text as at, a.request_id, a.actor_id, coalesce(x.kind, 'operator') as actor_kind,
      x.name as actor_name, a.actor_role, a.action, a.entity_type, a.entity_id, a.before, a.after,
      case when s.seq is not null then json_build_object('seq', s.seq, 'chain_hash', encode(s.chain_hash, 'hex')) end as seal
    from audit_log a
    left join actors x on x.agency_id = a.agency_id and x.id = a.actor_id
    left join audit_seals s on s.agency_id = a.agency_id and s.audit_id = a.id
    where ${all(sql`a.agency_id = ${tx.agency_id}`, conditions(filter), after_cursor)}
    order by a.created_at desc, a.id desc limit ${limit}`
  return tx.query<Row>(limitByBytes(select, auditEntryBytes, most))
}

function conditions(filter: AuditFilter): Sql {
  const { entity_type, entity_id, actor_id, action, request_id, created_from, created_to } = filter
  return all(
    sql`true`,
    entity_type === undefined ? undefined : sql`a.entity_type = ${entity_type}`,
    entity_id === undefined ? undefined : sql`a.entity_id = ${entity_id}`,
    actor_id === undefined ? undefined : sql`a.actor_id = ${actor_id}`,
    action === undefined ? undefined : actionIs(action),
    request_id === undefined ? undefined : sql`a.request_id = ${request_id}`,
    created_from === undefined
      ? undefined
      : sql`a.created_at >= ${parseInstant(created_from, '/query/created_from')}::timestamptz`,
    created_to === undefined
      ? undefined
      : sql`a.created_at < ${parseInstant(created_to, '/query/created_to')}::timestamptz`,
  )
}

function actionIs(action: string): Sql {
  return action.endsWith('.') ? sql`starts_with(a.action, ${action})` : sql`a.action = ${action}`
}
