// Runs the client programs of PostgreSQL: pg_dump, pg_restore and psql.
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'
import { CommandError } from '../context.ts'

type ToolName = 'pg_dump' | 'pg_restore' | 'psql'
type Environment = Readonly<Record<string, string | undefined>>

export interface Tool {
  readonly stdin: Writable
  readonly stdout: Readable
  /** Resolves when the program ends with 0. Otherwise rejects with a CommandError that has its error message. */
  readonly done: Promise<void>
  kill(): void
}

export interface ToolOptions {
  /** PATH, and the variables of libpq. */
  readonly env: Environment
  /** Called for each line on stderr. */
  readonly onLine?: (line: string) => void
}

/** Throws CommandError unless the programs are on PATH and at least as new as the server. Older ones refuse to work. */
export async function requireTools(names: readonly ToolName[], server_major: number, env: Environment): Promise<void> {
  for (const name of names) {
    const { stdout } = await promisify(execFile)(name, ['--version'], { env }).catch(() => {
      throw new CommandError(
        `${name} is not on PATH: install the client programs of PostgreSQL ${server_major} or later`,
      )
    })
    const major = Number(/\) (\d+)/.exec(stdout)?.[1])
    if (major >= server_major) continue
    throw new CommandError(
      `${name} ${major} is older than the server (PostgreSQL ${server_major}): install the client programs of PostgreSQL ${server_major} or later, and put them first on PATH`,
    )
  }
}

/** The password goes into the environment, because other users can see the arguments of a process. */
function withoutPassword(url: string): { dbname: string; password: Environment } {
  const parsed = new URL(url)
  const { password } = parsed
  parsed.password = ''
  return { dbname: parsed.href, password: password === '' ? {} : { PGPASSWORD: decodeURIComponent(password) } }
}

/** Starts a program. `url`: the database that it connects to. The messages are in English, because they are parsed. */
export function startTool(name: ToolName, args: readonly string[], { env, onLine }: ToolOptions, url?: string): Tool {
  const { dbname, password } = url === undefined ? { dbname: undefined, password: {} } : withoutPassword(url)
  const target = dbname === undefined ? [] : ['--no-password', `--dbname=${dbname}`]
  const child = spawn(name, [...args, ...target], {
    env: { ...env, ...password, LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // A program that ends early closes its input. Its exit code tells why.
  child.stdin.on('error', () => {})
  return { stdin: child.stdin, stdout: child.stdout, done: waitFor(name, child, onLine), kill: () => void child.kill() }
}

async function waitFor(
  name: string,
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  onLine?: (line: string) => void,
): Promise<void> {
  let message: string | undefined
  createInterface({ input: child.stderr }).on('line', (line) => {
    // The first error is the cause. DETAIL and CONTEXT lines may contain rows.
    if (/error: |ERROR: |FATAL: /.test(line)) message ??= line
    onLine?.(line)
  })
  // The child gets Ctrl+C as well. This process goes on, to remove the temporary file.
  const wait = () => {}
  const stop = () => child.kill()
  process.on('SIGINT', wait)
  process.on('SIGTERM', stop)
  try {
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    if (code !== 0) throw new CommandError(message ?? `${name} was interrupted`)
  } finally {
    process.off('SIGINT', wait)
    process.off('SIGTERM', stop)
  }
}

/** Counts the tables that pg_dump or pg_restore has begun, for a progress bar. */
export function countTables(onTable: (done: number) => void): (line: string) => void {
  let done = 0
  return (line) => {
    if (!/(dumping contents of|processing data for) table/.test(line)) return
    done += 1
    onTable(done)
  }
}
