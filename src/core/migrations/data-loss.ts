// Prevents data loss by rollbacks: refuses them, or copies the rows to the schema `archive` first.
import { MigrationError } from './error.ts'
import type { Migration } from './files.ts'
import type { MigrationConnection } from './session.ts'

/** A table with rows that a rollback would delete. */
export interface TableWithRows {
  readonly table: string
  readonly is_forced: boolean
}

/**
 * Finds the tables with rows among those that a rollback declares (`-- destroys:`). Call it in a transaction: it locks the
 * tables and disables FORCE ROW LEVEL SECURITY on those with rows, because their owner would not see the rows otherwise.
 * `archive` or ROLLBACK restores it.
 */
export async function findTablesWithRows(
  connection: MigrationConnection,
  tables: readonly string[],
): Promise<TableWithRows[]> {
  const with_rows: TableWithRows[] = []
  // Fail when a policy still hides rows, instead of counting none.
  await connection.query('set local row_security = off')
  for (const table of tables) {
    const found = await connection.query(
      `select c.relforcerowsecurity as is_forced from pg_catalog.pg_class c where c.oid = to_regclass($1) and c.relkind in ('r', 'p')`,
      [table],
    )
    if (found.rows[0] === undefined) continue
    const is_forced = found.rows[0].is_forced === true
    await connection.query(`lock table ${quote(table)} in access exclusive mode`)
    if (is_forced) await connection.query(`alter table ${quote(table)} no force row level security`)
    const { rows } = await connection.query(`select exists (select from ${quote(table)}) as has_rows`)
    if (rows[0]?.has_rows === true) with_rows.push({ table, is_forced })
    else if (is_forced) await connection.query(`alter table ${quote(table)} force row level security`)
  }
  return with_rows
}

/** Copies the rows of each table to archive.<table>_<YYYYMMDDHHMMSS> (UTC). Returns the names of the copies. */
export async function archive(
  connection: MigrationConnection,
  tables: readonly TableWithRows[],
  version: string,
): Promise<string[]> {
  const copies: string[] = []
  if (tables.length > 0) {
    await connection.query('create schema if not exists archive')
    await connection.query('revoke all on schema archive from public')
  }
  for (const { table, is_forced } of tables) {
    const copy = await findFreeName(connection, table)
    await connection.query(`create table ${quote(copy)} as table ${quote(table)}`)
    await connection.query(`revoke all on ${quote(copy)} from public`)
    await connection.query(`alter table ${quote(copy)} enable row level security`)
    await connection.query(
      `comment on table ${quote(copy)} is 'Rows of ${table}, kept by roost migrate down of ${version}'`,
    )
    if (is_forced) await connection.query(`alter table ${quote(table)} force row level security`)
    copies.push(copy)
  }
  await connection.query('set local row_security = on')
  return copies
}

export function refuseDataLoss(tables: readonly TableWithRows[], migrations: readonly Migration[]): void {
  if (tables.length === 0) return
  const names = tables.map(({ table }) => table).join(', ')
  const files = migrations
    .filter(({ rollback }) => tables.some(({ table }) => rollback?.destroys.includes(table)))
    .map(({ rollback }) => rollback?.file)
    .join(', ')
  throw new MigrationError(
    'destructive',
    `${files} would destroy the rows of ${names}, so it was not run. To continue, add --accept-data-loss: the rows are first copied to the schema archive.`,
  )
}

/** An unused name of at most 63 bytes. A second copy in the same second gets a number. */
async function findFreeName(connection: MigrationConnection, table: string): Promise<string> {
  const name = table.slice(table.indexOf('.') + 1, table.indexOf('.') + 1 + 45)
  for (let number = 1; ; number += 1) {
    const { rows } = await connection.query(
      `select copy, to_regclass(copy) is null as is_free
       from (select format('archive.%s_%s%s', $1::text, to_char(now() at time zone 'utc', 'YYYYMMDDHH24MISS'), $2::text) as copy) wanted`,
      [name, number === 1 ? '' : `_${number}`],
    )
    if (rows[0]?.is_free === true) return String(rows[0].copy)
  }
}

/** For names that files.ts has validated: lower-case letters, digits, underscores, one dot. */
const quote = (table: string) => `"${table.replace('.', '"."')}"`
