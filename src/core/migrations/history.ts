// The migration history: Supabase's table schema_migrations, with a checksum column.
import { MigrationError } from './error.ts'
import type { Migration } from './files.ts'
import type { MigrationConnection } from './session.ts'

export interface HistoryRow {
  readonly version: string
  readonly name: string
  /** Null in rows of the Supabase CLI, which writes no checksum. */
  readonly checksum: string | null
  /** ISO 8601, UTC. Null in rows that are older than the column. */
  readonly applied_at: string | null
}

export interface MigrationStatus {
  readonly version: string
  readonly name: string
  /**
   * changed: edited after it was applied. no_file: applied, but the file is missing. out_of_order: pending, but older than an
   * applied one.
   */
  readonly state: 'applied' | 'pending' | 'changed' | 'no_file' | 'out_of_order'
  readonly applied_at: string | null
}

const columns = ['version', 'name', 'statements', 'checksum', 'applied_at']

// The default is set after the column is added, so existing rows keep a null time.
const preparation = [
  'create schema if not exists supabase_migrations',
  'create table if not exists supabase_migrations.schema_migrations (version text not null primary key, statements text[], name text)',
  'alter table supabase_migrations.schema_migrations add column if not exists statements text[]',
  'alter table supabase_migrations.schema_migrations add column if not exists name text',
  'alter table supabase_migrations.schema_migrations add column if not exists checksum text',
  'alter table supabase_migrations.schema_migrations add column if not exists applied_at timestamptz',
  'alter table supabase_migrations.schema_migrations alter column applied_at set default now()',
]

/** Whether the table lacks a column. Avoids an ALTER TABLE, and its lock, when nothing is missing. */
export async function isHistoryIncomplete(connection: MigrationConnection): Promise<boolean> {
  const { rows } = await connection.query(
    `select attname from pg_catalog.pg_attribute
     where attrelid = to_regclass('supabase_migrations.schema_migrations') and attname = any ($1::text[]) and not attisdropped`,
    [columns],
  )
  return rows.length < columns.length
}

export async function prepareHistory(connection: MigrationConnection): Promise<void> {
  for (const statement of preparation) await connection.query(statement)
}

/** Oldest first. Also works when the table does not exist or was created by the Supabase CLI. */
export async function readHistory(connection: MigrationConnection): Promise<HistoryRow[]> {
  const found = await connection.query(
    `select to_regclass('supabase_migrations.schema_migrations') is not null as exists`,
  )
  if (found.rows[0]?.exists !== true) return []
  const { rows } = await connection.query(
    `select version, coalesce(fields ->> 'name', '') as name, fields ->> 'checksum' as checksum,
       to_char((fields ->> 'applied_at')::timestamptz at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as applied_at
     from (select version, to_jsonb(m) - 'statements' as fields from supabase_migrations.schema_migrations m) ledger
     order by version collate "C"`,
  )
  return rows.map((row) => ({
    version: String(row.version),
    name: String(row.name),
    checksum: typeof row.checksum === 'string' ? row.checksum : null,
    applied_at: typeof row.applied_at === 'string' ? row.applied_at : null,
  }))
}

/** Must run in the transaction of the migration, so both are committed or neither. */
export async function recordApplied(connection: MigrationConnection, migration: Migration): Promise<void> {
  const { version, name, statements, checksum } = migration
  await connection.query(
    `insert into supabase_migrations.schema_migrations (version, name, statements, checksum, applied_at)
     values ($1, $2, $3::text[], $4, clock_timestamp())`,
    [version, name, statements.map((statement) => statement.text), checksum],
  )
}

export async function deleteApplied(connection: MigrationConnection, version: string): Promise<void> {
  await connection.query('delete from supabase_migrations.schema_migrations where version = $1', [version])
}

/** Gives rows of the Supabase CLI the checksum of the present file, so that later edits are detected. */
export async function fillChecksums(
  connection: MigrationConnection,
  migrations: readonly Migration[],
  history: readonly HistoryRow[],
): Promise<void> {
  for (const { version } of history.filter((row) => row.checksum === null)) {
    const checksum = migrations.find((migration) => migration.version === version)?.checksum
    await connection.query(
      'update supabase_migrations.schema_migrations set checksum = $2 where version = $1 and checksum is null',
      [version, checksum],
    )
  }
}

/** Compares files and history. Sorted by version. */
export function compare(migrations: readonly Migration[], history: readonly HistoryRow[]): MigrationStatus[] {
  const newest = history.at(-1)?.version ?? ''
  const known = migrations.map(({ version, name, checksum }): MigrationStatus => {
    const row = history.find((applied) => applied.version === version)
    if (row === undefined)
      return { version, name, state: version < newest ? 'out_of_order' : 'pending', applied_at: null }
    const is_same = row.checksum === null || row.checksum === checksum
    return { version, name, state: is_same ? 'applied' : 'changed', applied_at: row.applied_at }
  })
  const unknown = history
    .filter((row) => !migrations.some((migration) => migration.version === row.version))
    .map(
      (row): MigrationStatus => ({
        version: row.version,
        name: row.name,
        state: 'no_file',
        applied_at: row.applied_at,
      }),
    )
  return [...known, ...unknown].sort((a, b) => (a.version < b.version ? -1 : 1))
}

/** Throws a MigrationError for the first version on which files and history disagree. */
export function requireMatchingHistory(all: readonly MigrationStatus[]): void {
  const newest = all.findLast(({ state }) => ['applied', 'changed', 'no_file'].includes(state))?.version ?? ''
  for (const { version, name, state } of all) {
    const file = `migrations/${version}_${name}.sql`
    if (state === 'no_file') {
      throw new MigrationError(
        'unknown',
        `the database has version ${version}${name === '' ? '' : ` (${name})`}, but there is no such file. Use the release that has it; never delete an applied migration.`,
      )
    }
    if (state === 'changed') {
      throw new MigrationError(
        'changed',
        `${file} was edited after it was applied. Restore the applied text (git log -p) and put the change into a new migration.`,
      )
    }
    if (state === 'out_of_order') {
      throw new MigrationError(
        'gap',
        `${file} is pending, but newer ones up to ${newest} are applied. Rename it and its rollback to a version after ${newest}.`,
      )
    }
  }
}
