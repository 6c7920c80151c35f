// One page of a list, limited by rows and by bytes: one row more than it has tells whether there is a next one.
import sql, { raw, type Sql } from 'sql-template-tag'
import type { Cursors } from '../cursors.ts'
import type { Tx } from './transaction.ts'

export interface Page<Row> {
  readonly items: Row[]
  readonly next_cursor: string | null
}

export interface PageRequest {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** A page of a list ends at so many bytes, however many rows were asked for: the next one goes on from there. */
export const page_bytes = 512 * 1024

/** A row of `withinBytes`. */
export interface Measured {
  /** The page has too many bytes with it. */
  readonly is_over?: boolean
}

/**
 * The size goes into the statement as it is, rounded up to one of these: so the planner knows that a page is small (of a
 * parameter it assumes a tenth of the agency, and plans each page anew), and few statements are to be kept prepared.
 */
export const page_sizes: readonly number[] = [10, 20, 50, 100, 500, 5000]

/** One row more than `count` at least; for `limit ${…}`. */
export function rowsFor(count: number): Sql {
  return raw(String((page_sizes.find((size) => size >= count) ?? count) + 1))
}

/**
 * The rows of `select`, in its order, up to the first one that is over the bytes: that one shows that there are more, and the
 * database sends none behind it. `select` ends with ORDER BY and LIMIT; `size` is the bytes of its row `r`.
 */
export function withinBytes(select: Sql, size: Sql, most = page_bytes): Sql {
  const limit = raw(String(most))
  // A first row that is over the bytes alone makes a page; counted one byte short of that, the second one is still sent.
  const counted = sql`least(${size}, ${raw(String(most - 1))})`
  return sql`
    select r.*, r.bytes_so_far > ${limit} as is_over from (
      select r.*, (sum(${counted}) over (rows unbounded preceding))::int as bytes_so_far from (${select}) r
    ) r where r.bytes_so_far - ${counted} < ${limit}`
}

/** The first `limit` rows, of measured ones as many as fit, and one at least. */
export function cutPage<Row extends Measured>(
  rows: Row[],
  limit: number,
): { readonly items: Row[]; readonly has_more: boolean } {
  const over = rows.findIndex(({ is_over }, n) => n >= limit || (n > 0 && is_over === true))
  return over === -1 ? { items: rows, has_more: false } : { items: rows.slice(0, over), has_more: true }
}

/**
 * Reads a page: `read(after, limit)` returns up to `limit` rows behind the sort keys `after`; a list whose rows can be large
 * asks for them by `withinBytes`, and its pages may be shorter. The cursor is bound to the agency, the person, `list` and its
 * filters; throws CursorInvalidError for any other.
 */
export async function readPage<Row extends object>(
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
  const { items, has_more } = cutPage(rows, limit)
  const last = items.at(-1)
  return { items, next_cursor: has_more && last !== undefined ? cursors.seal(keysOf(last), scope) : null }
}

/** A page whose rows are JSON already, as JSON. */
export function writtenPage({ items, next_cursor }: Page<{ readonly json: string }>): string {
  return `{"items":[${items.map(({ json }) => json).join(',')}],"next_cursor":${JSON.stringify(next_cursor)}}`
}
