// Saved views: create, list, change and delete those of the caller. Nobody sees those of others; they are not in the audit log.
import { randomUUIDv7 } from 'node:crypto'
import sql, { type Sql } from 'sql-template-tag'
import type { Cursors } from '../../core/cursors.ts'
import { ConflictError, ValidationError } from '../../core/errors.ts'
import { onConstraint } from '../../core/postgres/database-errors.ts'
import { lock } from '../../core/postgres/locks.ts'
import { type Page, readPage } from '../../core/postgres/pages.ts'
import { all, assignments, columns } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { ViewNotFoundError } from '../../core/request-errors.ts'
import { type ExpectedVersions, requireVersion } from '../../core/versions.ts'
import {
  type Filters,
  filtersOf,
  type List,
  max_views,
  type NewView,
  View,
  type ViewPatch,
  type ViewQuery,
} from './schema.ts'

const viewColumns: Sql = columns(Object.keys(View.properties), 'v.')

/** A condition for views v: those of the caller in the agency. */
const own = (tx: Tx) => sql`v.agency_id = ${tx.agency_id} and v.user_id = ${tx.actor.id}`

/** The caller's views, by list and name; of one list or of all. Throws CursorInvalidError. */
export function listViews(tx: Tx, cursors: Cursors, query: ViewQuery): Promise<Page<View>> {
  const { list } = query
  const read = (after: readonly string[] | undefined, limit: Sql) => {
    const filters = all(
      own(tx),
      list === undefined ? undefined : sql`v.list = ${list}`,
      after && sql`(v.list, v.name) > (${after[0]}, ${after[1]})`,
    )
    return tx.query<View>(sql`
      select ${viewColumns} from saved_views v where ${filters} order by v.list, v.name limit ${limit}`)
  }
  return readPage(tx, cursors, 'me/views', query, read, (row) => [row.list, row.name])
}

/** Throws ValidationError for a filter that the list does not have, and ConflictError for a name in use or too many views. */
export async function createView(tx: Tx, { list, name, filters }: NewView): Promise<View> {
  requireFilters(list, filters)
  await requireBelowLimit(tx)
  const insert = tx.one<View>(sql`
    insert into saved_views as v (agency_id, user_id, id, list, name, filters)
    values (${tx.agency_id}, ${tx.actor.id}, ${randomUUIDv7()}, ${list}, ${name}, ${JSON.stringify(filters)}::jsonb)
    returning ${viewColumns}`)
  return onConstraint(insert, { saved_views_name_key: nameTaken })
}

/** Two requests of one person are counted one after the other. */
async function requireBelowLimit(tx: Tx): Promise<void> {
  await lock(tx, `views/${tx.agency_id}/${tx.actor.id}`)
  const { count } = await tx.one<{ count: number }>(sql`select count(*) as count from saved_views v where ${own(tx)}`)
  if (Number(count) < max_views) return
  throw new ConflictError({
    message: `You have ${max_views} saved views: delete one first.`,
    meta: { limit: max_views },
  })
}

/** Throws ViewNotFoundError. */
export async function getView(tx: Tx, id: string): Promise<View> {
  const view = await tx.maybe<View>(sql`select ${viewColumns} from saved_views v where ${own(tx)} and v.id = ${id}`)
  if (view === undefined) throw new ViewNotFoundError()
  return view
}

/** Locks the view until the transaction ends. Throws ViewNotFoundError, VersionMismatchError. */
async function lockView(tx: Tx, id: string, expected?: ExpectedVersions): Promise<View> {
  const view = await tx.maybe<View>(sql`
    select ${viewColumns} from saved_views v where ${own(tx)} and v.id = ${id} for update`)
  if (view === undefined) throw new ViewNotFoundError()
  requireVersion(view.version, expected)
  return view
}

/** Throws ViewNotFoundError, VersionMismatchError, ValidationError, and ConflictError for a name in use. */
export async function updateView(
  tx: Tx,
  id: string,
  { name, filters }: ViewPatch,
  expected?: ExpectedVersions,
): Promise<View> {
  const known = await lockView(tx, id, expected)
  if (filters !== undefined) requireFilters(known.list, filters)
  const changes = { name, filters: filters && JSON.stringify(filters) }
  const update = tx.one<View>(sql`
    update saved_views v set ${assignments(changes)} where ${own(tx)} and v.id = ${id} returning ${viewColumns}`)
  return onConstraint(update, { saved_views_name_key: nameTaken })
}

/** Throws ViewNotFoundError, VersionMismatchError. */
export async function deleteView(tx: Tx, id: string, expected?: ExpectedVersions): Promise<void> {
  await lockView(tx, id, expected)
  await tx.query(sql`delete from saved_views v where ${own(tx)} and v.id = ${id}`)
}

function requireFilters(list: List, filters: Filters): void {
  const unknown = Object.keys(filters).filter((name) => !filtersOf[list].includes(name as keyof Filters))
  if (unknown.length === 0) return
  throw new ValidationError({
    details: unknown.map((name) => ({
      pointer: `/filters/${name}`,
      code: 'NOT_ALLOWED',
      message: `is not a filter of ${list} that can be saved`,
    })),
  })
}

function nameTaken(): ConflictError {
  const details = [{ pointer: '/name', code: 'TAKEN', message: 'another view of the list has this name' }]
  return new ConflictError({ details })
}
