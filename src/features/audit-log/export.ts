// The audit log as CSV, page by page: never the whole log in memory, never one transaction for all of it.
import { Readable } from 'node:stream'
import sql from 'sql-template-tag'
import type { Actor } from '../../core/auth.ts'
import { byteOrderMark, csvLine } from '../../core/csv.ts'
import type { Database } from '../../core/database.ts'
import { readEntries } from './audit-log.ts'
import type { AuditFilter } from './schema.ts'

const page_size = 1000
const header = [
  'created_at',
  'action',
  'entity_type',
  'entity_id',
  'actor_name',
  'actor_role',
  'actor_id',
  'request_id',
  'before',
  'after',
  'seq',
  'chain_hash',
]

/** The first page is read before anything is sent, so that a failure there is still an answer of its own. */
export async function exportAudit(db: Database, actor: Actor, filter: AuditFilter): Promise<Readable> {
  const first = await readPage(db, actor, filter, undefined)
  return Readable.from(linesOf(db, actor, filter, first))
}

type Entries = Awaited<ReturnType<typeof readEntries>>

function readPage(
  db: Database,
  actor: Actor,
  filter: AuditFilter,
  after: readonly string[] | undefined,
): Promise<Entries> {
  return db.tenantRead(actor, (tx) => readEntries(tx, filter, after, sql`${page_size}`), 'long read')
}

async function* linesOf(db: Database, actor: Actor, filter: AuditFilter, first: Entries): AsyncGenerator<string> {
  yield byteOrderMark + csvLine(header)
  let page = first
  while (page.length > 0) {
    yield page.map(lineOf).join('')
    const last = page.at(-1)
    if (last === undefined || page.length < page_size) return
    page = await readPage(db, actor, filter, [last.at, last.id])
  }
}

function lineOf(entry: Entries[number]): string {
  const { created_at, action, entity_type, entity_id, actor_name, actor_role, actor_id, request_id } = entry
  const { before, after, seal } = entry
  const who = [actor_name, actor_role, actor_id, request_id]
  return csvLine([
    created_at,
    action,
    entity_type,
    entity_id,
    ...who,
    before,
    after,
    seal?.seq ?? null,
    seal?.chain_hash ?? null,
  ])
}
