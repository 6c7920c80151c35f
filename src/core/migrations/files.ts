// Reads and validates the migration and rollback files.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MigrationError } from './error.ts'
import { type Statement, splitStatements } from './statements.ts'

export interface SqlFile {
  /** Folder and file name, for errors: migrations/20260101000000_name.sql */
  readonly file: string
  readonly path: string
  /** With LF line endings and without a byte order mark. */
  readonly text: string
  readonly statements: readonly Statement[]
  /** False for one CONCURRENTLY statement, which cannot run in a transaction (header `-- roost: no-transaction`). */
  readonly is_transactional: boolean
}

export interface Rollback extends SqlFile {
  /** Tables whose rows are lost, declared in the header (`-- destroys: schema.table`). */
  readonly destroys: readonly string[]
}

export interface Migration extends SqlFile {
  readonly version: string
  readonly name: string
  /** sha256 of `text`, hex. */
  readonly checksum: string
  readonly rollback: Rollback | undefined
}

const file_name = /^(\d{14})_([a-z0-9][a-z0-9_]*)\.sql$/
const table_name = /^(?:[a-z_][a-z0-9_]*\.)?[a-z_][a-z0-9_]*$/
const transaction_commands =
  /^(?:begin|start transaction|commit|rollback|end|abort|savepoint|release|prepare transaction)\b/
const concurrent = /^(?:create (?:unique )?index|drop index|reindex (?:\([^)]*\) )?(?:index|table)) concurrently\b/

/** All migrations, oldest first. Throws a MigrationError ('files') that names the file and the problem. */
export async function readMigrations(migrations_dir: string, rollbacks_dir: string): Promise<Migration[]> {
  const names = await sqlNames(migrations_dir, true)
  const rollbacks = new Set(await sqlNames(rollbacks_dir, false))
  const migrations = await Promise.all(
    names.map(async (name): Promise<Migration> => {
      const up = await readSql(migrations_dir, 'migrations', name)
      const rollback = rollbacks.has(name) ? await readRollback(rollbacks_dir, name) : undefined
      const [, version = '', title = ''] = file_name.exec(name) ?? []
      return { ...up, version, name: title, checksum: createHash('sha256').update(up.text).digest('hex'), rollback }
    }),
  )
  const versions = migrations.map((migration) => migration.version)
  const duplicate = migrations.find((migration, index) => versions.indexOf(migration.version) !== index)
  if (duplicate !== undefined) {
    throw new MigrationError(
      'files',
      `${duplicate.file}: another file has the same version ${duplicate.version}. Give one of them a later version.`,
    )
  }
  return migrations
}

/** The version of the newest migration file; '' when there is none. Throws MigrationError for an invalid file name. */
export async function readNewestVersion(migrations_dir: string): Promise<string> {
  return (await sqlNames(migrations_dir, true)).at(-1)?.slice(0, 14) ?? ''
}

async function sqlNames(dir: string, is_required: boolean): Promise<string[]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && !is_required) return []
    throw new MigrationError('files', `cannot read the folder ${dir}: ${error.message}`, error)
  })
  const wanted = names.filter((name) => name.endsWith('.sql')).sort()
  const wrong = wanted.find((name) => !file_name.test(name))
  if (wrong !== undefined) {
    throw new MigrationError(
      'files',
      `${join(dir, wrong)}: a migration is named <14 digits>_<lower_case_name>.sql, for example 20260131120000_add_guests.sql. Rename it.`,
    )
  }
  return wanted
}

async function readSql(dir: string, folder: string, name: string): Promise<SqlFile> {
  const path = join(dir, name)
  const raw = await readFile(path, 'utf8')
  const text = raw.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')
  const sql: SqlFile = {
    file: `${folder}/${name}`,
    path,
    text,
    statements: splitStatements(text),
    is_transactional: !headerLines(text).some((line) => /^-- roost: no-transaction\s*$/.test(line)),
  }
  validateStatements(sql)
  return sql
}

/** Refuses transaction commands: a COMMIT in the file would make a part of it permanent when a later part fails. */
function validateStatements({ file, statements, is_transactional }: SqlFile): void {
  const own = statements.find(({ bare }) => transaction_commands.test(bare))
  if (own !== undefined) {
    throw new MigrationError(
      'files',
      `${file}, line ${own.line}: "${own.text.split('\n')[0]}" is not allowed: each file runs in its own transaction. Remove it.`,
    )
  }
  if (is_transactional) return
  const [only, ...others] = statements
  if (only === undefined || others.length > 0 || !concurrent.test(only.bare)) {
    throw new MigrationError(
      'files',
      `${file}: "-- roost: no-transaction" is for exactly one CREATE, DROP or REINDEX … CONCURRENTLY. Move the rest to a file of its own.`,
    )
  }
  if (/^(?:create|drop)/.test(only.bare) && !/\bif (?:not )?exists\b/.test(only.bare)) {
    throw new MigrationError(
      'files',
      `${file}, line ${only.line}: add IF ${only.bare.startsWith('create') ? 'NOT ' : ''}EXISTS, so that an interrupted run can be repeated.`,
    )
  }
}

async function readRollback(dir: string, name: string): Promise<Rollback> {
  const sql = await readSql(dir, 'rollbacks', name)
  const declared = headerLines(sql.text).flatMap((line) => /^--\s*destroys:(.*)$/.exec(line)?.[1]?.split(',') ?? [])
  const destroys = declared.map((table) => table.trim())
  const wrong = destroys.find((table) => !table_name.test(table))
  if (wrong !== undefined) {
    throw new MigrationError(
      'files',
      `${sql.file}: "-- destroys: ${wrong}" must name a table, like bookings or app.notes.`,
    )
  }
  return { ...sql, destroys: destroys.map((table) => (table.includes('.') ? table : `public.${table}`)) }
}

/** The comment lines before the first statement. */
function headerLines(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim())
  const end = lines.findIndex((line) => line !== '' && !line.startsWith('--'))
  return end < 0 ? lines : lines.slice(0, end)
}
