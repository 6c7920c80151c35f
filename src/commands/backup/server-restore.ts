// Restores a backup of a server into a database, in one transaction.
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { roles } from '../../core/tenancy/expected.ts'
import { CommandError } from '../context.ts'
import { countTables, requireTools, startTool } from './pg-tools.ts'
import { type Archive, readArchive, readServerState, refuseSupabase, type ServerAccess } from './server-backup.ts'

const our_roles: readonly string[] = Object.values(roles)
const our_schemas = ['app', 'pgboss', 'supabase_migrations', 'archive']

/**
 * Verifies the file, then restores it: psql runs the statements of pg_restore in one transaction, so a failure changes nothing.
 * Throws CommandError when the database is not empty, unless `replace`, and when a process of the service is connected.
 */
export async function restoreServer(file: string, replace: boolean, access: ServerAccess): Promise<void> {
  const { connection, env, onProgress } = access
  const state = await readServerState(connection)
  refuseSupabase(state)
  await requireTools(['pg_restore', 'psql'], state.major, env)
  const archive = await readArchive(file, env)
  if (archive.major > state.major)
    throw new CommandError(
      `the backup is of PostgreSQL ${archive.major}, the server is ${state.major}: use a newer server`,
    )
  if (state.tables > 0 && !replace)
    throw new CommandError('the database is not empty: use an empty one, or replace its contents with --replace')
  await requireNoService(access)
  const folder = await mkdtemp(join(tmpdir(), 'roost-restore-'))
  try {
    const list = join(folder, 'list')
    await writeFile(list, archive.entries.filter(isRestored).join('\n'))
    const onLine = countTables((done) => onProgress(done, archive.tables))
    const args = ['--no-owner', '--verbose', `--use-list=${list}`, '--file=-', file]
    await runInPsql(startTool('pg_restore', args, { env, onLine }), before(state.tables > 0), after(archive), access)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  await connection.query('analyze')
}

/** Default privileges name the role that set them, which may not exist here. `after` sets those of the migrations. */
const isRestored = (entry: string) => !entry.includes(' DEFAULT ACL ')

async function requireNoService({ connection }: ServerAccess): Promise<void> {
  const { rows } = await connection.query(`
    select count(*)::int as sessions from pg_stat_activity
    where datname = current_database() and application_name in ('roost', 'roost listener') and pid <> pg_backend_pid()`)
  if (Number(rows[0]?.sessions) > 0)
    throw new CommandError('processes of roost are connected to the database: stop them first')
}

/** Roles belong to the server, so a backup has none. Without `drop` the database is empty. */
function before(drop: boolean): string {
  const create = our_roles.map(
    (role) => `do $$ begin
      if not exists (select from pg_roles where rolname = '${role}') then create role ${role} nologin noinherit; end if;
      if not pg_has_role(current_user, '${role}', 'member') then grant ${role} to current_user; end if;
    end $$;`,
  )
  const clear = [
    "set lock_timeout = '10s';",
    ...our_schemas.map((schema) => `drop schema if exists ${schema} cascade;`),
    'drop schema public cascade;',
    'create schema public authorization pg_database_owner;',
    'grant usage on schema public to public;',
  ]
  const reset = 'alter default privileges grant execute on functions to public;'
  return ["set client_min_messages = 'warning';", ...(drop ? clear : []), ...create, reset, ''].join('\n')
}

/** What pg_dump leaves out or `--no-owner` drops: owners of functions, privileges on the database, default privileges. */
function after({ entries }: Archive): string {
  const owners = entries.flatMap((entry) => {
    const [, schema, signature, owner = ''] = /^\d+; \d+ \d+ FUNCTION (\S+) (.+) (\S+)$/.exec(entry) ?? []
    return our_roles.includes(owner) ? [`alter function ${schema}.${signature} owner to ${owner};`] : []
  })
  return [
    '',
    ...our_roles.map((role) => `grant create on schema app to ${role};`),
    ...owners,
    ...our_roles.map((role) => `revoke create on schema app from ${role};`),
    'alter default privileges revoke execute on functions from public;',
    "do $$ begin execute format('revoke temporary on database %I from public', current_database()); end $$;",
    '',
  ].join('\n')
}

/** psql commits at the end of its input, so it is killed when pg_restore fails. */
async function runInPsql(
  restore: ReturnType<typeof startTool>,
  prologue: string,
  epilogue: string,
  { url, env }: ServerAccess,
): Promise<void> {
  const args = ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--single-transaction', '--file=-']
  const psql = startTool('psql', args, { env }, url)
  psql.stdout.resume()
  const fed = feed(psql.stdin, prologue, restore, epilogue)
  try {
    await Promise.race([psql.done, fed.then(() => psql.done)])
  } catch (error) {
    psql.kill()
    restore.kill()
    await Promise.allSettled([psql.done, restore.done, fed])
    throw error
  }
}

async function feed(
  stdin: Writable,
  prologue: string,
  restore: { readonly stdout: Readable; readonly done: Promise<void> },
  epilogue: string,
): Promise<void> {
  stdin.write(prologue)
  const copied = once(restore.stdout, 'end')
  restore.stdout.pipe(stdin, { end: false })
  await Promise.all([copied, restore.done])
  stdin.end(epilogue)
}
