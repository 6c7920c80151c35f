// A database for each test file: PGlite from a dump, PostgreSQL from a cloned template database.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { createLog } from '../src/core/log.ts'
import { readMigrations } from '../src/core/migrations/files.ts'
import type { MigrationConnection } from '../src/core/migrations/migrations.ts'
import { createBreaker } from '../src/core/postgres/breaker.ts'
import { createDatabase, type Database } from '../src/core/postgres/database.ts'
import { type Embedded, openEmbedded } from '../src/core/postgres/embedded.ts'
import { openServerPool, probeServer } from '../src/core/postgres/pools.ts'
import { migrateUp, root, type Store } from '../src/store.ts'
import { apiRole, createApiRole } from './api-role.ts'
import { seedCast } from './cast.ts'
import { type Dump, dumpOf, emptyDump } from './dumps.ts'
import { recordStatement } from './isolation/collector.ts'
import { dropDatabase, newName, onServer, serverUrl, templateDatabase } from './server-run.ts'

/** The engine of this test run; scripts/test.ts sets it. */
const engine: 'embedded' | 'postgres' = process.env.TEST_ENGINE === 'postgres' ? 'postgres' : 'embedded'
export const redisUrl = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'

export interface TestStore extends Store {
  /** The schema's owner, not subject to row-level security: for fixtures and assertions. */
  readonly owner: { query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }> }
  /** The server's URL for the API's login role; undefined on the embedded database. */
  readonly url: string | undefined
}

const silent = createLog('silent')

/** A new database with the cast. Close it in `after`. */
export async function openTestStore(options: { pool_size?: number; url?: string } = {}): Promise<TestStore> {
  return engine === 'embedded' ? openEmbeddedStore() : openPostgresStore(options)
}

/** An embedded database, whatever the engine of the run. */
export async function openEmbeddedStore(): Promise<TestStore> {
  const embedded = await openEmbedded(undefined, { dump: await embeddedTemplate() })
  const { pool } = embedded
  const probe = () => pool.query('select 1')
  return {
    db: createDatabase({ pool, breaker: createBreaker({ probe }), prepared: true, onStatement: recordStatement }),
    is_embedded: true,
    probe,
    owner: pool,
    url: undefined,
    connectOwner: () => ownerOn(pool),
    close: () => embedded.close(),
  }
}

async function ownerOn(pool: pg.Pool): Promise<MigrationConnection> {
  const client = await pool.connect()
  return { query: (text, values) => client.query(text, values), release: (is_broken) => client.release(is_broken) }
}

function withDatabase(url: string, database: string, user?: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  if (user !== undefined) {
    changed.username = user
    changed.password = user
  }
  return changed.href
}

/** A database on the server, whatever the engine of the run. */
export async function openPostgresStore({ pool_size = 10 }: { pool_size?: number }): Promise<TestStore> {
  const template = await postgresTemplate()
  const name = newName()
  await onServer(async (client) => {
    await client.query(`create database ${name} template ${template}`)
    // A clone does not inherit the privileges on the database itself that the migrations revoked.
    await client.query(`revoke temporary on database ${name} from public`)
  })
  const url = withDatabase(serverUrl, name, apiRole)
  const owner = new pg.Pool({ connectionString: withDatabase(serverUrl, name), max: 4 })
  // end() resolves before the sockets are closed, so dropping the database may still reset one.
  owner.on('error', () => undefined)
  const db = openServerDatabase(url, pool_size)
  return {
    db,
    is_embedded: false,
    probe: () => probeServer(url),
    owner,
    url,
    connectOwner: () => ownerOn(owner),
    close: async () => {
      await Promise.all([db.close(), owner.end()])
      await dropDatabase(name)
    },
  }
}

/** A Database on a server, as the service opens it. */
export function openServerDatabase(url: string, size = 10): Database {
  const pool = openServerPool({ url, size })
  const breaker = createBreaker({ probe: () => probeServer(url) })
  return createDatabase({ pool, breaker, prepared: true, onStatement: recordStatement })
}

/** Changes whenever a migration, the job queue's version or the cast changes. */
async function fingerprint(): Promise<string> {
  const files = await readMigrations(join(root, 'supabase/migrations'), join(root, 'supabase/rollbacks'))
  const hash = createHash('sha256')
  for (const { text } of files) hash.update(text)
  for (const file of ['package-lock.json', 'test/api-role.ts', 'test/cast.ts', 'test/engines.ts'])
    hash.update(await readFile(join(root, file)))
  return hash.digest('hex').slice(0, 16)
}

/** The migrated, seeded embedded database; created once per fingerprint. */
export async function embeddedTemplate(): Promise<Dump> {
  template ??= fingerprint().then((known) => dumpOf('template', known, makeEmbeddedTemplate))
  return template
}

let template: Promise<Dump> | undefined

async function makeEmbeddedTemplate(): Promise<Embedded> {
  const embedded = await openEmbedded(undefined, { dump: await emptyDump() })
  const { pool } = embedded
  const probe = () => pool.query('select 1')
  const db = createDatabase({ pool, breaker: createBreaker({ probe }), prepared: true })
  await migrateUp({ db, is_embedded: true, probe, connectOwner: () => ownerOn(pool), close: () => embedded.close() })
  await seedCast(pool)
  // Databases without connections are a third of what each test file would copy.
  await pool.query("update pg_database set datistemplate = false where datname <> 'postgres'")
  await pool.query('drop database template0')
  await pool.query('drop database template1')
  return embedded
}

/** The name of this run's migrated, seeded template database. */
export async function postgresTemplate(): Promise<string> {
  serverTemplate ??= fingerprint().then((known) => templateDatabase(known, buildTemplate))
  return serverTemplate
}

let serverTemplate: Promise<string> | undefined

async function buildTemplate(url: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  const probe = () => pool.query('select 1')
  const db = createDatabase({ pool, breaker: createBreaker({ probe }), prepared: false })
  await migrateUp({ db, is_embedded: false, probe, connectOwner: () => ownerOn(pool), close: () => pool.end() })
  await seedCast(pool)
  await createApiRole(pool)
  await pool.end()
}

export { serverUrl, silent }
