// Keeps a rollback from destroying rows: refuses, or first copies them to the schema `archive`.
import { MigrationError } from './error.ts'
import type { Migration } from './files.ts'
import type { MigrationConnection } from './session.ts'

/** One table that has rows and is about to lose them. */
export interface Endangered {
  readonly table: string
  readonly is_forced: boolean
}

/**
 * Tables a rollback declares (`-- destroys:`) that have rows. Call it inside a transaction: it locks them, and it lifts
 * FORCE ROW LEVEL SECURITY, under which even their owner would count none; `restore` in reverse, or ROLLBACK, undoes it.
 */
export async function findEndangered(
  connection: MigrationConnection,
  tables: readonly string[],
): Promise<Endangered[]> {
  const endangered: Endangered[] = []
  // Should a policy still hide rows from us, fail rather than count none.
  await connection.query('set local row_security = off')
  for (const table of tables) {
    const found = await connection.query(
      `select c.relforcerowsecurity as is_forced from pg_catalog.pg_class c where c.oid = to_regclass($1) and c.relkind in ('r', 'p')`,
      [table],
    )
    if (found.rows[0] === undefined) continue
    const is_forced = found.rows[0].is_forced === true
    await connection.query(`lock table ${quoted(table)} in access exclusive mode`)
    if (is_forced) await connection.query(`alter table ${quoted(table)} no force row level security`)
    const { rows } = await connection.query(`select exists (select from ${quoted(table)}) as has_rows`)
    if (rows[0]?.has_rows === true) endangered.push({ table, is_forced })
    else if (is_forced) await connection.query(`alter table ${quoted(table)} force row level security`)
  }
  return endangered
}

/** Copies each table's rows to archive.<table>_<YYYYMMDDHHMMSS> (UTC) and returns those names. */
export async function archive(
  connection: MigrationConnection,
  endangered: readonly Endangered[],
  version: string,
): Promise<string[]> {
  const copies: string[] = []
  if (endangered.length > 0) {
    await connection.query('create schema if not exists archive')
    await connection.query('revoke all on schema archive from public')
  }
  for (const { table, is_forced } of endangered) {
    const copy = await freeName(connection, table)
    await connection.query(`create table ${quoted(copy)} as table ${quoted(table)}`)
    await connection.query(`revoke all on ${quoted(copy)} from public`)
    await connection.query(`alter table ${quoted(copy)} enable row level security`)
    await connection.query(
      `comment on table ${quoted(copy)} is 'Rows of ${table}, kept by roost migrate down of ${version}'`,
    )
    if (is_forced) await connection.query(`alter table ${quoted(table)} force row level security`)
    copies.push(copy)
  }
  await connection.query('set local row_security = on')
  return copies
}

export function refuseDestruction(endangered: readonly Endangered[], migrations: readonly Migration[]): void {
  if (endangered.length === 0) return
  const tables = endangered.map(({ table }) => table).join(', ')
  const files = migrations
    .filter(({ rollback }) => endangered.some(({ table }) => rollback?.destroys.includes(table)))
    .map(({ rollback }) => rollback?.file)
    .join(', ')
  throw new MigrationError(
    'destructive',
    `${files} would destroy the rows of ${tables}, so it was not run. To go on, add --accept-data-loss: the rows are first copied to the schema archive.`,
  )
}

/** Names are at most 63 bytes long; a second copy within the same second gets a number. */
async function freeName(connection: MigrationConnection, table: string): Promise<string> {
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

/** Only for names the file reader has checked: lower case letters, digits, underscores, one dot. */
const quoted = (table: string) => `"${table.replace('.', '"."')}"`
