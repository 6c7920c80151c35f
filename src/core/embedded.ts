// PGlite (PostgreSQL as WASM) behind the same pg.Pool, and the lock that keeps a second process out of its folder.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
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

/** The folder is in use by another process. */
export class DataDirLockedError extends Error {}

/** Opens the database in `dir`, made when missing; without `dir` in memory, from a dump when one is given. */
export async function openEmbedded(dir?: string, dump?: Blob): Promise<Embedded> {
  const unlock = dir === undefined ? undefined : await lockFolder(dir)
  try {
    const pglite = await PGlite.create({
      extensions: { btree_gist },
      ...(dir !== undefined && { dataDir: join(dir, 'postgres') }),
      ...(dump !== undefined && { loadDataDir: dump }),
    })
    const pool = poolOn(pglite)
    return {
      pool,
      dump: async () => await pglite.dumpDataDir('none'),
      close: async () => {
        if (!pool.ended) await pool.end()
        await pglite.close()
        await unlock?.()
      },
    }
  } catch (error) {
    await unlock?.()
    throw error
  }
}

/** PGlite is one session, so the pool holds one connection; each new client gets a fresh link to the same session. */
function poolOn(pglite: PGlite): pg.Pool {
  class EmbeddedClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, ...createPgConfig(pglite) } as pg.ClientConfig)
    }
  }
  return new pg.Pool({
    Client: EmbeddedClient,
    max: 1,
    idleTimeoutMillis: 0,
    pipeline: true,
    types,
  } as unknown as pg.PoolConfig)
}

async function lockFolder(dir: string): Promise<() => Promise<void>> {
  await mkdir(dir, { recursive: true })
  const holder = join(dir, 'holder')
  try {
    const unlock = await lockfile.lock(dir, { stale: 10_000, update: 3_000, lockfilePath: join(dir, 'lock') })
    await writeFile(holder, `process ${process.pid}, started ${new Date().toISOString()}`)
    return unlock
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error
    const who = await readFile(holder, 'utf8').catch(() => 'another process')
    throw new DataDirLockedError(
      `the embedded database in ${dir} is in use by ${who}: stop it, or set DATA_DIR to another folder`,
    )
  }
}
