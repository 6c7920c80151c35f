// Backs up the database of a server with pg_dump, and verifies backups with pg_restore.
import { text } from 'node:stream/consumers'
import type { MigrationConnection } from '../../core/migrations/migrations.ts'
import { CommandError } from '../context.ts'
import { countTables, requireTools, startTool } from './pg-tools.ts'

export interface ServerAccess {
  /** The URL of the schema's owner. */
  readonly url: string
  readonly connection: MigrationConnection
  readonly env: Readonly<Record<string, string | undefined>>
  readonly onProgress: (done: number, total: number) => void
}

interface ServerState {
  readonly major: number
  readonly tables: number
  readonly may_read_all: boolean
  readonly is_supabase: boolean
  readonly has_roost: boolean
  readonly login: string
}

export async function readServerState(connection: MigrationConnection): Promise<ServerState> {
  const { rows } = await connection.query(`
    select current_setting('server_version_num')::int / 10000 as major,
      (select count(*)::int from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')) as tables,
      rolsuper or rolbypassrls as may_read_all, rolname as login,
      exists (select from pg_roles where rolname = 'supabase_admin') as is_supabase,
      to_regclass('public.audit_log') is not null as has_roost
    from pg_roles where rolname = current_user`)
  return rows[0] as unknown as ServerState
}

export function refuseSupabase({ is_supabase }: ServerState): void {
  if (!is_supabase) return
  throw new CommandError(
    'this is a Supabase server, whose roles and schemas pg_dump cannot restore elsewhere: use its own backups (docs/ops/upgrade.md)',
  )
}

/**
 * Writes one consistent snapshot of the database in pg_dump's custom format; the service may run meanwhile. Row-level security
 * is forced, so a role that it applies to would get no rows. It is refused, and pg_dump itself runs with row_security off,
 * which fails instead of filtering.
 */
export async function dumpServer(file: string, { url, connection, env, onProgress }: ServerAccess): Promise<void> {
  const state = await readServerState(connection)
  refuseSupabase(state)
  if (!state.has_roost) throw new CommandError('the database has no tables of roost: nothing to back up')
  if (!state.may_read_all) {
    throw new CommandError(
      `${state.login} is subject to row-level security, so the backup would have no rows: use a superuser, or a role with BYPASSRLS that may read all tables, in MIGRATION_DATABASE_URL`,
    )
  }
  await requireTools(['pg_dump', 'pg_restore'], state.major, env)
  const onLine = countTables((done) => onProgress(done, state.tables))
  const args = ['--format=custom', '--verbose', '--lock-wait-timeout=60s', `--file=${file}`]
  await startTool('pg_dump', args, { env, onLine }, url).done
  await readArchive(file, env)
}

export interface Archive {
  /** The lines of the table of contents. */
  readonly entries: readonly string[]
  /** The major version of the server that was backed up. */
  readonly major: number
  readonly tables: number
}

/** Reads the whole file. Throws CommandError when it is damaged or is not a backup of roost. */
export async function readArchive(file: string, env: ServerAccess['env']): Promise<Archive> {
  const list = startTool('pg_restore', ['--list', file], { env })
  const [contents] = await Promise.all([text(list.stdout), list.done])
  const entries = contents.split('\n').filter((line) => /^\d+;/.test(line))
  const has = (table: string) => entries.some((line) => line.includes(` TABLE DATA ${table} `))
  if (!has('public audit_log') || !has('supabase_migrations schema_migrations'))
    throw new CommandError(`${file} is not a backup of roost: tables are missing`)
  await startTool('pg_restore', ['--file=/dev/null', file], { env }).done
  return {
    entries,
    major: Number(/Dumped from database version: (\d+)/.exec(contents)?.[1]),
    tables: entries.filter((line) => line.includes(' TABLE DATA ')).length,
  }
}
