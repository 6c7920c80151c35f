// Opens, migrates and closes the database of the deployment.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { type Config, ConfigError } from './config.ts'
import { installJobs } from './core/jobs/jobs.ts'
import type { Logger } from './core/log.ts'
import { readNewestVersion } from './core/migrations/files.ts'
import { createMigrator, type MigrationConnection, type Migrator } from './core/migrations/migrations.ts'
import { type BreakerOptions, createBreaker } from './core/postgres/breaker.ts'
import { createPrivateFolder, writeIfMissing } from './core/postgres/data-folder.ts'
import { createDatabase, type Database, type DatabaseOptions } from './core/postgres/database.ts'
import { openEmbedded } from './core/postgres/embedded.ts'
import type { NotificationConnection } from './core/postgres/notification-listener.ts'
import { listenOnServer, openServerPool, probeServer } from './core/postgres/pools.ts'
import { completeRestored } from './core/tenancy/restored.ts'
import { parseJwtSecret } from './setting-parsers.ts'

export const root = join(import.meta.dirname, '..')
const migrations = {
  migrations_dir: join(root, 'supabase/migrations'),
  rollbacks_dir: join(root, 'supabase/rollbacks'),
}
export const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version

/** The embedded database, or a server, which may be down. */
export interface Store {
  readonly db: Database
  readonly is_embedded: boolean
  /** Resolves when the database responds. */
  probe(): Promise<unknown>
  /** LISTENs on a channel. Undefined for the embedded database, which other processes cannot use. */
  listen?(channel: string, onNotification: (payload: string) => void): Promise<NotificationConnection>
  /** Opens a connection of the schema owner, for migrations. */
  connectOwner(): Promise<MigrationConnection>
  close(): Promise<void>
}

type ObserverOptions = Pick<DatabaseOptions, 'onStatement'>

export async function openStore(config: Config, log: Logger, observer: ObserverOptions = {}): Promise<Store> {
  return config.database_url === undefined
    ? openEmbeddedStore(config, log, observer)
    : openServerStore(config, config.database_url, log, observer)
}

async function openEmbeddedStore(config: Config, log: Logger, observer: ObserverOptions): Promise<Store> {
  const embedded = await openEmbedded(config.data_dir, {
    onRepair: (entries) =>
      log.warn({ entries }, 'repaired file modes: other users could read files of the embedded database'),
  })
  const { pool } = embedded
  return {
    db: createDatabase({
      pool,
      breaker: createLoggedBreaker({ probe: () => pool.query('select 1') }, log),
      prepared: true,
      log,
      ...observer,
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

function openServerStore(config: Config, url: string, log: Logger, observer: ObserverOptions): Store {
  const pool = openServerPool({ url, size: config.database_pool_size })
  const probe = () => probeServer(url)
  const db = createDatabase({
    pool,
    breaker: createLoggedBreaker({ probe, has_own_connection: true }, log),
    prepared: config.database_prepared === 'on',
    log,
    ...observer,
  })
  return {
    db,
    is_embedded: false,
    probe,
    listen: (channel, onNotification) => listenOnServer(config.listen_database_url ?? url, channel, onNotification),
    connectOwner: async () => {
      const client = new pg.Client({
        connectionString: config.migration_database_url ?? url,
        connectionTimeoutMillis: 3000,
      })
      client.on('error', (error) => log.warn({ error: error.message }, 'the migration connection failed'))
      await client.connect()
      return { query: (text, values) => client.query(text, values), release: () => client.end() }
    },
    close: () => db.close(),
  }
}

function createLoggedBreaker(options: BreakerOptions, log: Logger) {
  return createBreaker({
    ...options,
    onChange: (is_open) =>
      is_open
        ? log.error('the database does not respond: requests are refused until it does')
        : log.info('the database responds again'),
    onStillDown: (err) => log.error({ err }, 'the database still does not respond'),
  })
}

export function createMigratorFor(store: Store, log?: (line: string) => void): Migrator {
  return createMigrator({ ...migrations, connect: store.connectOwner, ...(log !== undefined && { log }) })
}

/** Applies pending migrations, updates the schema of the job queue and completes a restored database. Returns the applied files: `<version>_<name>`. */
export async function migrateUp(store: Store, log?: (line: string) => void): Promise<string[]> {
  const applied = await createMigratorFor(store, log).up()
  const connection = await store.connectOwner()
  try {
    await installJobs(connection)
    const { length } = await completeRestored(connection)
    if (length > 0) log?.(`restored database: ${length} functions got their owner, which pg_restore could not set`)
  } finally {
    await connection.release()
  }
  return applied.map(({ version, name }) => `${version}_${name}`)
}

/**
 * Adds the JWT secret of an embedded deployment to the configuration. It is generated once and stored in a file of the data
 * directory that only its owner can read. Throws ConfigError when the file holds no valid secret.
 */
export async function ensureJwtSecret(config: Config): Promise<Config> {
  if (config.jwt_secret !== undefined || config.database_url !== undefined) return config
  await createPrivateFolder(config.data_dir)
  const file = join(config.data_dir, 'jwt-secret')
  await writeIfMissing(file, randomBytes(48).toString('base64url'))
  const secret = (await readFile(file, 'utf8')).trim()
  try {
    return { ...config, jwt_secret: parseJwtSecret(secret) }
  } catch (error) {
    throw new ConfigError([
      `the secret in ${file} ${(error as Error).message}; remove the file and start again: a new secret is generated, and all users must sign in again`,
    ])
  }
}

/** The version of the newest migration file of this release. */
export function readNewestMigration(): Promise<string> {
  return readNewestVersion(migrations.migrations_dir)
}
