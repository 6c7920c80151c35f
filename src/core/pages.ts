// One page of a list: one row more than asked for tells whether there is a next one.
import { raw, type Sql } from 'sql-template-tag'
import type { Cursors } from './cursors.ts'
import type { Tx } from './transaction.ts'

export interface Page<Row> {
  readonly items: Row[]
  readonly next_cursor: string | null
}

export interface PageRequest {
  readonly limit: number
  readonly cursor?: string | undefined
}

/**
 * The size goes into the statement as it is, rounded up to one of these: so the planner knows that a page is small (of a
 * parameter it assumes a tenth of the agency, and plans each page anew), and few statements are to be kept prepared.
 */
const sizes = [10, 20, 50, 100, 500, 5000]

/** One row more than `count` at least; for `limit ${…}`. */
export function rowsFor(count: number): Sql {
  return raw(String((sizes.find((size) => size >= count) ?? count) + 1))
}

/**
 * Reads a page: `read(after, limit)` returns up to `limit` rows behind the sort keys `after`. The cursor is bound to
 * the agency, the person, `list` and its filters; throws CursorInvalidError for any other.
 */
export async function readPage<Row>(
  tx: Tx,
  cursors: Cursors,
  list: string,
  { limit, cursor, ...filters }: PageRequest & Record<string, unknown>,
  read: (after: readonly string[] | undefined, limit: Sql) => Promise<Row[]>,
  keysOf: (row: Row) => string[],
): Promise<Page<Row>> {
  const scope = [tx.agency_id, tx.actor.user_id, list, Object.entries(filters).sort()]
  const after = cursor === undefined ? undefined : cursors.open(cursor, scope)
  const rows = await read(after, rowsFor(limit))
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const has_more = rows.length > limit && last !== undefined
  return { items, next_cursor: has_more ? cursors.seal(keysOf(last), scope) : null }
}

/** A page whose rows are JSON already, as JSON. */
export function writtenPage({ items, next_cursor }: Page<{ readonly json: string }>): string {
  return `{"items":[${items.map(({ json }) => json).join(',')}],"next_cursor":${JSON.stringify(next_cursor)}}`
}
