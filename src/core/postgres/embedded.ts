// PGlite (PostgreSQL as WASM) behind the same pg.Pool, and the lock that keeps a second process out of its folder.
import { join } from 'node:path'
import { PGlite, type PGliteOptions } from '@electric-sql/pglite'
import { btree_gist } from '@electric-sql/pglite/contrib/btree_gist'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'
import { closeToOthers, ownFolder } from './data-folder.ts'
import { cannotStart, type EmbeddedFiles, endWithDatabase, filesIn, madeWhole } from './embedded-files.ts'
import { lockFolder } from './folder-lock.ts'
import { types } from './pools.ts'

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
  /** Other users had rights on so many files and folders; they have none now. */
  readonly onRepair?: (entries: number) => void
}

/** PostgreSQL's 128 MB cost every start 0.3 s and 110 MB; files in memory need no second copy at all. */
const startWith = (buffers: string) => [...PGlite.defaultStartParams, '-c', `shared_buffers=${buffers}`]

/**
 * Opens the database in `dir`, made when missing; without `dir` in memory. With `dir` every file that the process makes from
 * then on is for its own user only. Throws DataDirError when the folder is another user's, in use, or cannot be written.
 */
export async function openEmbedded(dir?: string, options: EmbeddedOptions = {}): Promise<Embedded> {
  return dir === undefined ? openInMemory(options) : openInFolder(dir, options)
}

async function openInMemory({ dump, acquire_ms }: EmbeddedOptions): Promise<Embedded> {
  const pglite = await create('8MB', dump === undefined ? {} : { loadDataDir: dump as Blob })
  endWithDatabase(pglite, 'in memory', { last: undefined })
  return openedOn({ pglite }, acquire_ms)
}

async function openInFolder(dir: string, { acquire_ms, onRepair }: EmbeddedOptions): Promise<Embedded> {
  process.umask(0o077)
  await ownFolder(dir)
  const unlock = await lockFolder(dir)
  try {
    const repaired = closeToOthers(dir)
    if (repaired > 0) onRepair?.(repaired)
    const pglite = await openFiles(dir)
    return openedOn({ pglite }, acquire_ms, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

async function openFiles(dir: string): Promise<PGlite> {
  const folder = join(dir, 'postgres')
  let files: EmbeddedFiles | undefined
  try {
    return await madeWhole(dir, folder, async () => {
      files = filesIn(folder)
      const pglite = await create('32MB', { fs: files.fs })
      endWithDatabase(pglite, `in ${dir}`, files.trouble)
      return pglite
    })
  } catch (error) {
    throw cannotStart(`in ${dir}`, files?.trouble.last, error)
  }
}

function create(buffers: string, options: PGliteOptions): Promise<PGlite> {
  return PGlite.create({ extensions: { btree_gist }, startParams: startWith(buffers), ...options })
}

/** What holds the database's memory: whoever keeps a closed database, or its pool, keeps nothing of it. */
interface Held {
  pglite: PGlite | undefined
}

function open(held: Held): PGlite {
  if (held.pglite === undefined) throw new Error('the embedded database is closed')
  return held.pglite
}

function openedOn(held: Held, acquire_ms = 10_000, unlock?: () => void): Embedded {
  const pool = poolOn(held, acquire_ms)
  return {
    pool,
    dump: async () => await open(held).dumpDataDir('none'),
    close: async () => {
      try {
        if (!pool.ended) await pool.end()
        await held.pglite?.close()
      } finally {
        held.pglite = undefined
        unlock?.()
      }
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
