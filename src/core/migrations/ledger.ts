// Supabase's own ledger of applied migrations, with our checksum beside it: both tools agree on what is applied.
import { MigrationError } from './error.ts'
import type { Migration } from './files.ts'
import type { MigrationConnection } from './session.ts'

export interface LedgerRow {
  readonly version: string
  readonly name: string
  /** Null in rows the Supabase CLI wrote: it keeps no checksum. */
  readonly checksum: string | null
  /** ISO 8601, UTC; null in rows older than the column. */
  readonly applied_at: string | null
}

export interface MigrationStatus {
  readonly version: string
  readonly name: string
  /** changed: the file was edited after it was applied. no_file: applied, but unknown here. out_of_order: pending, yet older than an applied one. */
  readonly state: 'applied' | 'pending' | 'changed' | 'no_file' | 'out_of_order'
  readonly applied_at: string | null
}

const columns = ['version', 'name', 'statements', 'checksum', 'applied_at']

// Rows written before the column existed keep a null time: the default is only set afterwards.
const preparation = [
  'create schema if not exists supabase_migrations',
  'create table if not exists supabase_migrations.schema_migrations (version text not null primary key, statements text[], name text)',
  'alter table supabase_migrations.schema_migrations add column if not exists statements text[]',
  'alter table supabase_migrations.schema_migrations add column if not exists name text',
  'alter table supabase_migrations.schema_migrations add column if not exists checksum text',
  'alter table supabase_migrations.schema_migrations add column if not exists applied_at timestamptz',
  'alter table supabase_migrations.schema_migrations alter column applied_at set default now()',
]

/** Whether the ledger lacks a column we need; altering it when nothing is missing would lock it for nothing. */
export async function isLedgerIncomplete(connection: MigrationConnection): Promise<boolean> {
  const { rows } = await connection.query(
    `select attname from pg_catalog.pg_attribute
     where attrelid = to_regclass('supabase_migrations.schema_migrations') and attname = any ($1::text[]) and not attisdropped`,
    [columns],
  )
  return rows.length < columns.length
}

export async function prepareLedger(connection: MigrationConnection): Promise<void> {
  for (const statement of preparation) await connection.query(statement)
}

/** Oldest first. Only reads, so it also works where the ledger does not exist yet or is the CLI's own. */
export async function readLedger(connection: MigrationConnection): Promise<LedgerRow[]> {
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

/** Runs inside the migration's own transaction: file and row are kept together or not at all. */
export async function recordApplied(connection: MigrationConnection, migration: Migration): Promise<void> {
  const { version, name, statements, checksum } = migration
  await connection.query(
    `insert into supabase_migrations.schema_migrations (version, name, statements, checksum, applied_at)
     values ($1, $2, $3::text[], $4, clock_timestamp())`,
    [version, name, statements.map((statement) => statement.text), checksum],
  )
}

export async function forgetApplied(connection: MigrationConnection, version: string): Promise<void> {
  await connection.query('delete from supabase_migrations.schema_migrations where version = $1', [version])
}

/** Rows the Supabase CLI wrote get the checksum of the file that stands here now, so later edits are noticed. */
export async function fillChecksums(
  connection: MigrationConnection,
  migrations: readonly Migration[],
  ledger: readonly LedgerRow[],
): Promise<void> {
  for (const { version } of ledger.filter((row) => row.checksum === null)) {
    const checksum = migrations.find((migration) => migration.version === version)?.checksum
    await connection.query(
      'update supabase_migrations.schema_migrations set checksum = $2 where version = $1 and checksum is null',
      [version, checksum],
    )
  }
}

/** Files and ledger side by side, by version. */
export function compare(migrations: readonly Migration[], ledger: readonly LedgerRow[]): MigrationStatus[] {
  const newest = ledger.at(-1)?.version ?? ''
  const known = migrations.map(({ version, name, checksum }): MigrationStatus => {
    const row = ledger.find((applied) => applied.version === version)
    if (row === undefined)
      return { version, name, state: version < newest ? 'out_of_order' : 'pending', applied_at: null }
    const is_same = row.checksum === null || row.checksum === checksum
    return { version, name, state: is_same ? 'applied' : 'changed', applied_at: row.applied_at }
  })
  const unknown = ledger
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

/** Throws a MigrationError that names the first version on which files and database disagree, and the next step. */
export function refuseDisagreement(all: readonly MigrationStatus[]): void {
  const newest = all.findLast(({ state }) => ['applied', 'changed', 'no_file'].includes(state))?.version ?? ''
  for (const { version, name, state } of all) {
    const file = `migrations/${version}_${name}.sql`
    if (state === 'no_file') {
      throw new MigrationError(
        'unknown',
        `the database has version ${version}${name === '' ? '' : ` (${name})`}, and there is no such file here. Use the release that has it; never delete an applied migration.`,
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
