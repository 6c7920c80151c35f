// The audit log as CSV, streamed page by page, each page in its own transaction.
import { Readable } from 'node:stream'
import type { Actor } from '../../core/auth/actors.ts'
import { byteOrderMark, csvLine } from '../../core/csv.ts'
import type { Database } from '../../core/postgres/database.ts'
import { cutPage, rowLimit } from '../../core/postgres/pages.ts'
import { settleAll } from '../../core/settle-all.ts'
import { auditCost, readEntries } from './audit-log.ts'
import type { AuditFilter } from './schema.ts'

/** The limits of a page: bytes of `before` and `after`, and rows. */
const page_bytes = 256 * 1024
const page_rows = { first: 100, most: 500, least: 10 }
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

/** Reads the first page before the response starts, so that a failure there is a normal error response. */
export async function exportAudit(db: Database, actor: Actor, filter: AuditFilter): Promise<Readable> {
  const first = await readPage(db, actor, filter, undefined, page_rows.first)
  return Readable.from(linesOf(db, actor, filter, first))
}

type Entries = Awaited<ReturnType<typeof readEntries>>

interface ExportPage {
  readonly items: Entries
  readonly has_more: boolean
  /** The number of rows to request next: rows beyond the byte limit are read in vain. */
  readonly next_rows: number
}

/** Every page except the first checks the permission again. */
async function readPage(
  db: Database,
  actor: Actor,
  filter: AuditFilter,
  after: readonly string[] | undefined,
  rows: number,
): Promise<ExportPage> {
  const read = await db.tenantRead(
    actor,
    async (tx) => {
      const [entries] = await settleAll(
        readEntries(tx, filter, after, rowLimit(rows), page_bytes),
        after === undefined ? Promise.resolve() : tx.requireActor(),
      )
      return entries
    },
    auditCost(filter),
  )
  const { items, has_more } = cutPage(read, rows)
  const fits = items.length === rows ? 2 * rows : Math.max(2 * items.length, page_rows.least)
  return { items, has_more, next_rows: Math.min(fits, page_rows.most) }
}

/** A page is read when the client has taken the previous one. No database connection is held in between. */
async function* linesOf(db: Database, actor: Actor, filter: AuditFilter, first: ExportPage): AsyncGenerator<string> {
  yield byteOrderMark + csvLine(header)
  let page = first
  for (;;) {
    yield page.items.map(lineOf).join('')
    const last = page.items.at(-1)
    if (last === undefined || !page.has_more) return
    page = await readPage(db, actor, filter, [last.at, last.id], page.next_rows)
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
