// The database of a deployment: embedded or a server, opened, migrated, closed.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { type Config, ConfigError, jwtSecret } from './config.ts'
import { installJobs } from './core/jobs/jobs.ts'
import type { Logger } from './core/log.ts'
import { newestVersion } from './core/migrations/files.ts'
import { createMigrator, type MigrationConnection, type Migrator } from './core/migrations/migrations.ts'
import { type BreakerOptions, createBreaker } from './core/postgres/breaker.ts'
import { ownFolder, writeOnce } from './core/postgres/data-folder.ts'
import { createDatabase, type Database, type DatabaseOptions } from './core/postgres/database.ts'
import { openEmbedded } from './core/postgres/embedded.ts'
import type { Listening } from './core/postgres/notification-listener.ts'
import { listenOnServer, openServer, probeServer } from './core/postgres/pools.ts'

export const root = join(import.meta.dirname, '..')
const migrations = {
  migrations_dir: join(root, 'supabase/migrations'),
  rollbacks_dir: join(root, 'supabase/rollbacks'),
}
export const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version

/** The database of this deployment: embedded, or a server that may be down. */
export interface Store {
  readonly db: Database
  readonly is_embedded: boolean
  /** Resolves when the database answers. */
  probe(): Promise<unknown>
  /** Hears what is announced on a channel; only where other processes may announce something. */
  listen?(channel: string, heard: (payload: string) => void): Promise<Listening>
  /** A connection of the schema's owner, for migrations. */
  connectOwner(): Promise<MigrationConnection>
  close(): Promise<void>
}

type Observed = Pick<DatabaseOptions, 'onStatement'>

export async function openStore(config: Config, log: Logger, observed: Observed = {}): Promise<Store> {
  return config.database_url === undefined
    ? openEmbeddedStore(config, log, observed)
    : openServerStore(config, config.database_url, log, observed)
}

async function openEmbeddedStore(config: Config, log: Logger, observed: Observed): Promise<Store> {
  const embedded = await openEmbedded(config.data_dir, {
    onRepair: (entries) =>
      log.warn({ entries }, 'other users of this machine could read files of the embedded database'),
  })
  const { pool } = embedded
  return {
    db: createDatabase({
      pool,
      breaker: watch({ probe: () => pool.query('select 1') }, log),
      prepared: true,
      log,
      ...observed,
    }),
    is_embedded: true,
    probe: () => pool.query('select 1'),
    connectOwner: async () => {
      const client = await pool.connect()
      return { query: (text, values) => client.query(text, values), release: (is_broken) => client.release(is_broken) }
    },
    close: () => embedded.close(),
  }
}

function openServerStore(config: Config, url: string, log: Logger, observed: Observed): Store {
  const pool = openServer({ url, size: config.database_pool_size })
  const probe = () => probeServer(url)
  const db = createDatabase({
    pool,
    breaker: watch({ probe, probes_apart: true }, log),
    prepared: config.database_prepared === 'on',
    log,
    ...observed,
  })
  return {
    db,
    is_embedded: false,
    probe,
    listen: (channel, heard) => listenOnServer(config.listen_database_url ?? url, channel, heard),
    connectOwner: async () => {
      const client = new pg.Client({
        connectionString: config.migration_database_url ?? url,
        connectionTimeoutMillis: 3000,
      })
      client.on('error', (error) => log.warn({ error: error.message }, 'the migration connection broke'))
      await client.connect()
      return { query: (text, values) => client.query(text, values), release: () => client.end() }
    },
    close: () => db.close(),
  }
}

function watch(options: BreakerOptions, log: Logger) {
  return createBreaker({
    ...options,
    onChange: (is_open) =>
      is_open
        ? log.error('the database does not answer: requests are refused until it does')
        : log.info('the database answers again'),
    onStillDown: (err) => log.error({ err }, 'the database still does not answer'),
  })
}

export function migratorOf(store: Store, log?: (line: string) => void): Migrator {
  return createMigrator({ ...migrations, connect: store.connectOwner, ...(log !== undefined && { log }) })
}

/** Applies pending migrations, then what the job queue needs. Returns what was applied. */
export async function migrateUp(store: Store, log?: (line: string) => void): Promise<string[]> {
  const applied = await migratorOf(store, log).up()
  const connection = await store.connectOwner()
  try {
    await installJobs(connection)
  } finally {
    await connection.release()
  }
  return applied.map(({ version, name }) => `${version}_${name}`)
}

/**
 * The JWT secret of an embedded deployment: made once, kept in its folder, readable by its owner only. Throws ConfigError
 * when what the file holds is no good secret.
 */
export async function withSecret(config: Config): Promise<Config> {
  if (config.jwt_secret !== undefined || config.database_url !== undefined) return config
  await ownFolder(config.data_dir)
  const file = join(config.data_dir, 'jwt-secret')
  await writeOnce(file, randomBytes(48).toString('base64url'))
  const kept = (await readFile(file, 'utf8')).trim()
  try {
    return { ...config, jwt_secret: jwtSecret(kept) }
  } catch (error) {
    throw new ConfigError([
      `the secret in ${file} ${(error as Error).message}; remove the file and start again: a new one is made, and everybody signs in again`,
    ])
  }
}

/** The version of the newest migration this code knows. */
export function newestMigration(): Promise<string> {
  return newestVersion(migrations.migrations_dir)
}
