// Opens the embedded database: PGlite (PostgreSQL as WASM) as a pg.Pool, with a lock on its folder.
import { join } from 'node:path'
import { PGlite, type PGliteOptions } from '@electric-sql/pglite'
import { btree_gist } from '@electric-sql/pglite/contrib/btree_gist'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'
import { createPrivateFolder, removeOtherUsersRights } from './data-folder.ts'
import {
  type EmbeddedFiles,
  exitWhenDatabaseStops,
  initialiseOnce,
  openFileSystem,
  startupError,
} from './embedded-files.ts'
import { lockFolder } from './folder-lock.ts'
import { types } from './pools.ts'

export interface Embedded {
  readonly pool: pg.Pool
  /** The whole database as a file for the option `dump` of openEmbedded; tests clone databases with it. */
  dump(compression?: 'none' | 'gzip'): Promise<Blob>
  close(): Promise<void>
}

export interface EmbeddedOptions {
  /** The dump to start from. A folder must have no database. */
  readonly dump?: Pick<Blob, 'type' | 'arrayBuffer'>
  /** How long callers wait for the single connection, in milliseconds (10,000). */
  readonly acquire_ms?: number
  /** Called with the number of files and folders from which rights of other users were removed. */
  readonly onRepair?: (entries: number) => void
}

/** The default of 128 MB costs 0.3 s and 110 MB at each start; in memory a small buffer is enough. */
const startWith = (buffers: string) => [...PGlite.defaultStartParams, '-c', `shared_buffers=${buffers}`]

/**
 * Opens the database in `dir`, which is created if missing; without `dir` in memory. With `dir` it sets the umask of the
 * process to 077. Throws DataDirError when the folder belongs to another user, is in use, or cannot be written.
 */
export async function openEmbedded(dir?: string, options: EmbeddedOptions = {}): Promise<Embedded> {
  return dir === undefined ? openInMemory(options) : openInFolder(dir, options)
}

async function openInMemory({ dump, acquire_ms }: EmbeddedOptions): Promise<Embedded> {
  const pglite = await create('8MB', loading(dump))
  exitWhenDatabaseStops(pglite, 'in memory', { last: undefined })
  return embeddedOn({ pglite }, acquire_ms)
}

async function openInFolder(dir: string, { dump, acquire_ms, onRepair }: EmbeddedOptions): Promise<Embedded> {
  process.umask(0o077)
  await createPrivateFolder(dir)
  const unlock = await lockFolder(dir)
  try {
    const repaired = removeOtherUsersRights(dir)
    if (repaired > 0) onRepair?.(repaired)
    const pglite = await openFiles(dir, dump)
    return embeddedOn({ pglite }, acquire_ms, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

async function openFiles(dir: string, dump: EmbeddedOptions['dump']): Promise<PGlite> {
  const folder = join(dir, 'postgres')
  let files: EmbeddedFiles | undefined
  try {
    return await initialiseOnce(dir, folder, async () => {
      files = openFileSystem(folder)
      const pglite = await create('32MB', { fs: files.fs, ...loading(dump) })
      exitWhenDatabaseStops(pglite, `in ${dir}`, files.errors)
      return pglite
    })
  } catch (error) {
    throw startupError(`in ${dir}`, files?.errors.last, error)
  }
}

const loading = (dump: EmbeddedOptions['dump']) => (dump === undefined ? {} : { loadDataDir: dump as Blob })

function create(buffers: string, options: PGliteOptions): Promise<PGlite> {
  return PGlite.create({ extensions: { btree_gist }, startParams: startWith(buffers), ...options })
}

/** The only reference to the database, cleared by close(): a closed Embedded or its pool keeps no memory of it. */
interface Instance {
  pglite: PGlite | undefined
}

function requireOpen(instance: Instance): PGlite {
  if (instance.pglite === undefined) throw new Error('the embedded database is closed')
  return instance.pglite
}

function embeddedOn(instance: Instance, acquire_ms = 10_000, unlock?: () => void): Embedded {
  const pool = createPool(instance, acquire_ms)
  return {
    pool,
    dump: async (compression = 'none') => await requireOpen(instance).dumpDataDir(compression),
    close: async () => {
      try {
        if (!pool.ended) await pool.end()
        await instance.pglite?.close()
      } finally {
        instance.pglite = undefined
        unlock?.()
      }
    },
  }
}

/** PGlite is a single session, so the pool has one connection. Each new client uses the same session. */
function createPool(instance: Instance, acquire_ms: number): pg.Pool {
  class EmbeddedClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, ...createPgConfig(requireOpen(instance)) } as pg.ClientConfig)
    }
  }
  return new pg.Pool({
    Client: EmbeddedClient,
    connectionTimeoutMillis: acquire_ms,
    idleTimeoutMillis: 0,
    max: 1,
    // The session outlives a discarded client, so its open transaction and prepared statements are removed.
    onConnect: async (client: pg.ClientBase) => {
      await client.query('rollback')
      await client.query('deallocate all')
    },
    pipeline: true,
    types,
  } as unknown as pg.PoolConfig)
}
