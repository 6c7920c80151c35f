// A temporary PostgreSQL cluster with production durability that can be stopped, crashed and frozen.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../test/free-port.ts'
import { until } from '../../../test/until.ts'
import { killAtExit, removeAtExit } from './cleanup.ts'
import { canConnect } from './connect.ts'
import { postgresProgram, serverUser } from './tools.ts'

export interface Cluster {
  readonly port: number
  /** The postmaster's process id; NaN while the server is down. */
  pid(): number
  /** The superuser URL of a database in this cluster. */
  urlOf(database: string): string
  /** Returns when the server accepts connections, after crash recovery if needed. */
  start(): Promise<void>
  /** Fast shutdown (SIGINT): sessions end, a checkpoint is written. */
  stopFast(): Promise<void>
  /** Immediate shutdown (SIGQUIT): every process exits without a checkpoint; the next start runs crash recovery. */
  stopImmediate(): Promise<void>
  /** SIGKILL to the postmaster. Returns when its backends have exited as well. */
  killPostmaster(): Promise<void>
  /** SIGSTOP to every server process. Returns their number. */
  freeze(): number
  thaw(): void
  /** The last 15 lines of the server log. */
  log(): string
  /** Stops the server and removes its folder. */
  remove(): Promise<void>
}

/** fsync and full_page_writes stay on, as in production. */
const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200', 'fsync=on']

/** Starts a new cluster, or one from a copy of a stopped data folder. `more`: settings as `name=value`. */
export async function createCluster(
  copy_of?: string,
  more: readonly string[] = [],
): Promise<Cluster & { readonly data: string }> {
  const folder = await createFolder('roost-scorecard-')
  const data = join(folder, 'data')
  if (copy_of === undefined) initdb(data)
  else await cp(copy_of, data, { recursive: true, preserveTimestamps: true }).then(() => chownAll(data))
  const port = await freePort()
  const log_file = join(folder, 'server.log')
  const log_fd = openSync(log_file, 'a')
  let postmaster: ChildProcess | undefined

  const urlOf = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`

  async function start(): Promise<void> {
    // After SIGKILL a new postmaster fails until the last old backend has released the shared memory.
    await until(async () => {
      postmaster = killAtExit(
        spawn(
          postgresProgram('postgres'),
          ['-D', data, '-p', String(port), ...[...settings, ...more].flatMap((setting) => ['-c', setting])],
          { cwd: folder, stdio: ['ignore', log_fd, log_fd], ...serverUser() },
        ),
      )
      const server = postmaster
      await until(async () => isGone(server) || (await canConnect(urlOf('postgres'))))
      return !isGone(server)
    }).catch((error) => {
      throw new Error(`PostgreSQL did not start: ${tailOf(log_file)}`, { cause: error })
    })
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (postmaster === undefined || isGone(postmaster)) return
    const gone = once(postmaster, 'exit')
    postmaster.kill(signal)
    await gone
  }

  const processes = () => (postmaster?.pid === undefined ? [] : [postmaster.pid, ...childrenOf(postmaster.pid)])

  await start()
  return {
    port,
    data,
    pid: () => (postmaster === undefined || isGone(postmaster) ? Number.NaN : (postmaster.pid ?? Number.NaN)),
    urlOf,
    start,
    stopFast: () => end('SIGINT'),
    stopImmediate: () => end('SIGQUIT'),
    async killPostmaster() {
      const sessions = processes().slice(1)
      await end('SIGKILL')
      await until(() => sessions.every((pid) => !isAlive(pid)))
    },
    freeze() {
      // The postmaster first, so that it forks no new backends.
      if (postmaster?.pid !== undefined) process.kill(postmaster.pid, 'SIGSTOP')
      const pids = processes()
      for (const pid of pids) signalTo(pid, 'SIGSTOP')
      return pids.length
    },
    thaw() {
      for (const pid of processes()) signalTo(pid, 'SIGCONT')
    },
    log: () => tailOf(log_file),
    async remove() {
      for (const pid of processes()) signalTo(pid, 'SIGCONT')
      await end('SIGQUIT')
      closeSync(log_fd)
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Creates a temporary folder that the server user may read and write. */
export async function createFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix))
  removeAtExit(folder)
  chownAll(folder)
  return folder
}

function chownAll(path: string): void {
  const user = serverUser()
  if (user === undefined) return
  execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, path])
}

function initdb(data: string): void {
  const options = [
    '--no-sync',
    '--auth=trust',
    '--username=postgres',
    '--encoding=UTF8',
    '--no-locale',
    '--pgdata',
    data,
  ]
  execFileSync(postgresProgram('initdb'), options, { cwd: join(data, '..'), stdio: 'pipe', ...serverUser() })
}

/** Copies the data folder of a stopped cluster, for createCluster. Returns the copy. */
export async function saveData(data: string): Promise<string> {
  const folder = await createFolder('roost-scorecard-seed-')
  const copy = join(folder, 'data')
  await mkdir(copy, { mode: 0o700 })
  await cp(data, copy, { recursive: true, preserveTimestamps: true })
  return copy
}

function childrenOf(pid: number): number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child as number)
}

const isGone = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null

const isAlive = (pid: number) => signalTo(pid, 0)

/** Whether the process exists. */
function signalTo(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

const tailOf = (file: string) => readFileSync(file, 'utf8').split('\n').slice(-15).join('\n')
