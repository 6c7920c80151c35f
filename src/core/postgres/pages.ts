// Pages of a list, limited by rows and by bytes. One extra row shows whether there is a next page.
import sql, { raw, type Sql } from 'sql-template-tag'
import type { Cursors } from '../cursors.ts'
import type { JsonText } from '../json-text.ts'
import type { Tx } from './transaction.ts'

export interface Page<Row> {
  readonly items: Row[]
  readonly next_cursor: string | null
}

export interface PageRequest {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** The maximum bytes of a page. A page of large rows has fewer rows than `limit`; the next page continues from there. */
export const page_bytes = 512 * 1024

/** A row of a statement from `limitByBytes`. */
export interface SizedRow {
  /** Whether the page would exceed its bytes with this row. */
  readonly is_over?: boolean
}

/**
 * LIMIT is a literal, rounded up to one of these. With a parameter the planner would assume a tenth of the rows and would not
 * use a generic plan. Few different limits mean few prepared statements.
 */
export const page_sizes: readonly number[] = [10, 20, 50, 100, 500, 5000]

/** The literal for `limit ${…}`: at least one row more than `count`. */
export function rowLimit(count: number): Sql {
  return raw(String((page_sizes.find((size) => size >= count) ?? count) + 1))
}

/**
 * The rows of `select`, in its order, up to and including the first one that exceeds the bytes: it shows that there is a next
 * page. `select` ends with ORDER BY and LIMIT; `size` is an expression for the bytes of its row `r`.
 */
export function limitByBytes(select: Sql, size: Sql, max_bytes = page_bytes): Sql {
  const limit = raw(String(max_bytes))
  // A first row larger than the limit counts as one byte less, so that the second row is still returned.
  const counted = sql`least(${size}, ${raw(String(max_bytes - 1))})`
  return sql`
    select r.*, r.bytes_so_far > ${limit} as is_over from (
      select r.*, (sum(${counted}) over (rows unbounded preceding))::int as bytes_so_far from (${select}) r
    ) r where r.bytes_so_far - ${counted} < ${limit}`
}

/** The first `limit` rows, or as many as fit into the bytes, but at least one. */
export function cutPage<Row extends SizedRow>(
  rows: Row[],
  limit: number,
): { readonly items: Row[]; readonly has_more: boolean } {
  const over = rows.findIndex(({ is_over }, n) => n >= limit || (n > 0 && is_over === true))
  return over === -1 ? { items: rows, has_more: false } : { items: rows.slice(0, over), has_more: true }
}

/**
 * Reads a page. `read(after, limit)` returns up to `limit` rows after the sort keys `after`; lists with large rows use
 * `limitByBytes`. The cursor is bound to the agency, the user, `list` and its filters. Throws CursorInvalidError for a cursor of
 * another list.
 */
export async function readPage<Row extends object>(
  tx: Tx,
  cursors: Cursors,
  list: string,
  { limit, cursor, ...filters }: PageRequest & Record<string, unknown>,
  read: (after: readonly string[] | undefined, limit: Sql) => Promise<Row[]>,
  keysOf: (row: Row) => string[],
): Promise<Page<Row>> {
  const scope = [tx.agency_id, tx.actor.id, list, Object.entries(filters).sort()]
  const after = cursor === undefined ? undefined : cursors.open(cursor, scope)
  const rows = await read(after, rowLimit(limit))
  const { items, has_more } = cutPage(rows, limit)
  const last = items.at(-1)
  return { items, next_cursor: has_more && last !== undefined ? cursors.seal(keysOf(last), scope) : null }
}

/** The JSON of a page whose rows are already JSON, with further members in front. */
export function pageAsJson<T, Rest extends object = object>(
  { items, next_cursor }: Page<{ readonly json: JsonText<T> }>,
  rest?: Rest,
): JsonText<Rest & Page<T>> {
  const front = rest === undefined ? '' : `${JSON.stringify(rest).slice(1, -1)},`
  const rows = items.map(({ json }) => json).join(',')
  return `{${front}"items":[${rows}],"next_cursor":${JSON.stringify(next_cursor)}}` as JsonText<Rest & Page<T>>
}
