// Locates the programs that the scorecard needs.
import { execFileSync } from 'node:child_process'
import { accessSync, constants, globSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

/** Paths of programs; undefined when not found. */
export interface Tools {
  /** The folder that contains initdb and postgres. */
  readonly postgres_bin: string | undefined
  readonly pgbouncer: string | undefined
  readonly redis_server: string | undefined
}

const packaged = ['/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin', '/opt/homebrew/opt/postgresql@*/bin']

export function findTools(): Tools {
  const on_path = (process.env.PATH ?? '').split(delimiter)
  // Newest major version first.
  const folders = globSync(packaged).sort((a, b) => versionIn(b) - versionIn(a))
  const initdb = firstIn([...on_path, ...folders], 'initdb')
  return {
    // initdb on the PATH may be a symbolic link; the other programs are in the folder of its target.
    postgres_bin: initdb === undefined ? undefined : dirname(realpathSync(initdb)),
    pgbouncer: firstIn([...on_path, '/usr/sbin', '/usr/local/sbin'], 'pgbouncer'),
    redis_server: firstIn(on_path, 'redis-server'),
  }
}

/** One line per missing program. */
export function missingTools({ postgres_bin, pgbouncer, redis_server }: Tools = findTools()): string[] {
  const server = ['initdb', 'postgres', 'pg_dump', 'pg_amcheck'].filter(
    (name) => postgres_bin === undefined || firstIn([postgres_bin], name) === undefined,
  )
  return [
    server.length > 0 && `${server.join(', ')}: install PostgreSQL 15 or later with its contrib programs`,
    pgbouncer === undefined && 'pgbouncer: install PgBouncer',
    redis_server === undefined && 'redis-server: install Redis',
  ].filter((line) => line !== false)
}

/** The path of a PostgreSQL server program. Throws when PostgreSQL is not installed. */
export function postgresProgram(name: string): string {
  const { postgres_bin } = findTools()
  if (postgres_bin === undefined) throw new Error(`${name} not found: install PostgreSQL`)
  return join(postgres_bin, name)
}

/** The first line of `program --version`. */
export function versionOf(program: string): string {
  return execFileSync(program, ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? ''
}

function firstIn(folders: readonly string[], name: string): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const versionIn = (folder: string) => Number(/\d+/.exec(folder)?.[0] ?? 0)

/**
 * PostgreSQL and PgBouncer refuse to run as root. When this process runs as root, returns the user `postgres`, or
 * `nobody` if it does not exist; otherwise undefined.
 */
export function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, name], { stdio: 'pipe' })))
      if (uid !== undefined && gid !== undefined) return { uid, gid }
    } catch {}
  }
  throw new Error('PostgreSQL does not run as root, and neither user postgres nor user nobody exists')
}
