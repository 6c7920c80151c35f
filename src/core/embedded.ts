// PGlite (PostgreSQL as WASM) behind the same pg.Pool, and the lock that keeps a second process out of its folder.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { btree_gist } from '@electric-sql/pglite/contrib/btree_gist'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'
import lockfile from 'proper-lockfile'
import { types } from './connections.ts'

export interface Embedded {
  readonly pool: pg.Pool
  /** The whole database as a file that openEmbedded can start from; tests clone their databases so. */
  dump(): Promise<Blob>
  close(): Promise<void>
}

export interface EmbeddedOptions {
  /** A dump to start from, only without a folder. */
  readonly dump?: Pick<Blob, 'type' | 'arrayBuffer'>
  /** How long callers wait for the one connection (10,000). */
  readonly acquire_ms?: number
}

/** The folder is in use by another process. */
export class DataDirLockedError extends Error {}

/** PostgreSQL's 128 MB cost every start 0.3 s and 110 MB; files in memory need no second copy at all. */
const startWith = (buffers: string) => [...PGlite.defaultStartParams, '-c', `shared_buffers=${buffers}`]

/** Opens the database in `dir`, made when missing; without `dir` in memory. */
export async function openEmbedded(
  dir?: string,
  { dump, acquire_ms = 10_000 }: EmbeddedOptions = {},
): Promise<Embedded> {
  const unlock = dir === undefined ? undefined : await lockFolder(dir)
  try {
    const pglite = await PGlite.create({
      extensions: { btree_gist },
      startParams: startWith(dir === undefined ? '8MB' : '32MB'),
      ...(dir !== undefined && { dataDir: join(dir, 'postgres') }),
      ...(dump !== undefined && { loadDataDir: dump as Blob }),
    })
    return openedOn({ pglite }, acquire_ms, unlock)
  } catch (error) {
    await unlock?.()
    throw error
  }
}

/** What holds the database's memory: whoever keeps a closed database, or its pool, keeps nothing of it. */
interface Held {
  pglite: PGlite | undefined
}

function open(held: Held): PGlite {
  if (held.pglite === undefined) throw new Error('the embedded database is closed')
  return held.pglite
}

function openedOn(held: Held, acquire_ms: number, unlock?: () => Promise<void>): Embedded {
  const pool = poolOn(held, acquire_ms)
  return {
    pool,
    dump: async () => await open(held).dumpDataDir('none'),
    close: async () => {
      if (!pool.ended) await pool.end()
      await held.pglite?.close()
      held.pglite = undefined
      await unlock?.()
    },
  }
}

/** PGlite is one session, so the pool holds one connection; each new client gets a fresh link to the same session. */
function poolOn(held: Held, acquire_ms: number): pg.Pool {
  class EmbeddedClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, ...createPgConfig(open(held)) } as pg.ClientConfig)
    }
  }
  return new pg.Pool({
    Client: EmbeddedClient,
    connectionTimeoutMillis: acquire_ms,
    idleTimeoutMillis: 0,
    max: 1,
    // The session outlives a client that was given up: what that one left open must not meet the next.
    onConnect: async (client: pg.ClientBase) => {
      await client.query('rollback')
      await client.query('deallocate all')
    },
    pipeline: true,
    types,
  } as unknown as pg.PoolConfig)
}

const heldHere = new Set<string>()

async function lockFolder(dir: string): Promise<() => Promise<void>> {
  await mkdir(dir, { recursive: true })
  const holder = join(dir, 'holder')
  const lockfilePath = join(dir, 'lock')
  const options = { stale: 10_000, update: 3_000, lockfilePath }
  const unlock = await lockfile.lock(dir, options).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ELOCKED') throw error
    const who = await readFile(holder, 'utf8').catch(() => '')
    if (!isGone(who, dir)) throw inUse(dir, who)
    await rm(lockfilePath, { recursive: true, force: true })
    return lockfile.lock(dir, options)
  })
  await writeFile(holder, `process ${process.pid} on ${hostname()}, started ${new Date().toISOString()}`)
  heldHere.add(dir)
  return async () => {
    heldHere.delete(dir)
    await unlock()
  }
}

/** A process that was killed leaves its lock behind; on this machine we can see that it is gone. */
function isGone(holder: string, dir: string): boolean {
  const [, pid, host] = /^process (\d+) on (\S+),/.exec(holder) ?? []
  if (host !== hostname()) return false
  if (Number(pid) === process.pid) return !heldHere.has(dir)
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

function inUse(dir: string, who: string): DataDirLockedError {
  const holder = who === '' ? 'another process' : who
  return new DataDirLockedError(
    `the embedded database in ${dir} is in use by ${holder}: stop it, or set DATA_DIR to another folder`,
  )
}
