// The fixture of the migration tests: an empty database on either engine, and small migrations.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { createMigrator, type MigrationConnection, type Migrator } from '../src/core/migrations/migrations.ts'
import { emptyDump } from './dumps.ts'
import { newName, serverUrl } from './server-run.ts'

type Rows = Record<string, unknown>[]

/** An empty database. `connect` opens a session on a server; on PGlite all share one. */
export interface Scratch {
  connect(user?: string): Promise<MigrationConnection>
  query(text: string, values?: unknown[]): Promise<Rows>
}

export interface Engine {
  readonly name: string
  /** Why the tests cannot run here; false when they can. */
  readonly skip: string | false
  empty(t: TestContext): Promise<Scratch>
}

let shared: Promise<PGlite> | undefined

export const embedded: Engine = {
  name: 'the embedded database',
  skip: false,
  async empty() {
    shared ??= emptyDump().then((dump) => PGlite.create({ loadDataDir: dump as Blob }))
    const db = await shared
    const query = async (text: string, values?: unknown[]): Promise<Rows> =>
      values === undefined
        ? ((await db.exec(text)).at(-1)?.rows ?? [])
        : (await db.query<Record<string, unknown>>(text, values)).rows
    await query('drop schema if exists public, archive, app, supabase_migrations cascade; create schema public')
    return {
      query,
      connect: async () => ({
        query: async (text, values) => ({ rows: await query(text, values) }),
        release: () => {},
      }),
    }
  },
}

/** Closes the shared embedded database. Call it in an `after`. */
export async function closeEmbedded(): Promise<void> {
  const opened = shared
  shared = undefined
  await (await opened)?.close()
}

export const server: Engine = {
  name: 'PostgreSQL',
  skip: await whyNoServer(),
  async empty(t) {
    const name = newName()
    const admin = await openClient(serverUrl)
    await admin.query(`create database ${name} template template0`)
    const url = new URL(serverUrl)
    url.pathname = `/${name}`
    const main = await openClient(url.href)
    t.after(async () => {
      await main.end()
      await admin.query(`drop database ${name} with (force)`)
      await admin.end()
    })
    return {
      query: async (text, values) => rowsOf(await main.query(text, values)),
      connect: async (user) => {
        const own = new URL(url)
        if (user !== undefined) own.username = user
        const client = await openClient(own.href)
        return {
          query: async (text, values) => ({ rows: rowsOf(await client.query(text, values)) }),
          release: () => client.end().catch(() => {}),
        }
      },
    }
  },
}

async function openClient(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'roost migration tests' })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** pg returns a list for a text of several statements. */
function rowsOf(result: pg.QueryResult | pg.QueryResult[]): Rows {
  return (Array.isArray(result) ? result.at(-1) : result)?.rows ?? []
}

async function whyNoServer(): Promise<string | false> {
  const client = new pg.Client({ connectionString: serverUrl, connectionTimeoutMillis: 60_000 })
  try {
    await client.connect()
    await client.end()
    return false
  } catch {
    return `not run: no PostgreSQL answers at ${new URL(serverUrl).host}; start one or set TEST_DATABASE_URL`
  }
}

/** `version_name` to the SQL of the file and of its rollback. A rollback left out is not written. */
export type Files = Readonly<Record<string, { up: string; down?: string }>>

export interface Folder {
  readonly migrations_dir: string
  readonly rollbacks_dir: string
  /** Adds or overwrites files. */
  write(files: Files): Promise<void>
  remove(name: string): Promise<void>
}

export async function folder(t: TestContext, files: Files): Promise<Folder> {
  const dir = await mkdtemp(join(tmpdir(), 'roost-migrations-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  const migrations_dir = join(dir, 'migrations')
  const rollbacks_dir = join(dir, 'rollbacks')
  await Promise.all([mkdir(migrations_dir), mkdir(rollbacks_dir)])
  const made: Folder = {
    migrations_dir,
    rollbacks_dir,
    async write(more) {
      for (const [name, { up, down }] of Object.entries(more)) {
        await writeFile(join(migrations_dir, `${name}.sql`), up)
        if (down !== undefined) await writeFile(join(rollbacks_dir, `${name}.sql`), down)
      }
    },
    remove: (name) => rm(join(migrations_dir, `${name}.sql`)),
  }
  await made.write(files)
  return made
}

/** A migrator that collects its log lines. `sleep` replaces the pauses between attempts. */
export function migratorOn(
  scratch: Scratch,
  { migrations_dir, rollbacks_dir }: Folder,
  options: { sleep?: (ms: number) => Promise<void>; user?: string } = {},
): Migrator & { lines: string[] } {
  const lines: string[] = []
  const { user, ...rest } = options
  const migrator = createMigrator({
    connect: () => scratch.connect(user),
    migrations_dir,
    rollbacks_dir,
    log: (line) => lines.push(line),
    ...rest,
  })
  return { ...migrator, lines }
}

/** Tables, columns and indexes of every schema of ours, as text: equal texts mean equal schemas. */
export async function schemaOf({ query }: Scratch): Promise<string> {
  const rows = await query(`
    select format('%s.%s %s %s', table_schema, table_name, column_name, data_type) as line from information_schema.columns
    where table_schema not in ('pg_catalog', 'information_schema', 'supabase_migrations')
    union all select indexdef from pg_indexes
    where schemaname not in ('pg_catalog', 'information_schema', 'supabase_migrations') order by 1`)
  return rows.map((row) => row.line).join('\n')
}
