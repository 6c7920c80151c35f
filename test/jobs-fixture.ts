// The fixture of the job tests: a migrated database on either engine, used as the service uses it.
import pg from 'pg'
import type { JobsConnection } from '../src/core/jobs/boss.ts'
import { installJobs } from '../src/core/jobs/jobs.ts'
import { createLog, type Logger } from '../src/core/log.ts'
import { readMigrations } from '../src/core/migrations/files.ts'
import { createBreaker } from '../src/core/postgres/breaker.ts'
import { createDatabase, type Database } from '../src/core/postgres/database.ts'
import { openEmbedded } from '../src/core/postgres/embedded.ts'
import { openServerPool, probeServer } from '../src/core/postgres/pools.ts'
import { type Dump, dumpOf, emptyDump, fingerprintOf } from './dumps.ts'
import { recordStatement } from './isolation/collector.ts'
import { newName, serverUrl, templateDatabase } from './server-run.ts'

export interface JobsFixture {
  readonly db: Database
  /** A session of the schema's owner, not subject to row-level security. */
  readonly owner: JobsConnection
  /** Another session, until `close`. PGlite has only one. */
  openOwner(): Promise<JobsConnection>
  readonly is_embedded: boolean
  /** The server's URL for the API's login role; '' on the embedded database. */
  readonly url: string
  /** Warnings and statements of the sessions of `db`, in order. */
  readonly notices: string[]
  readonly statements: string[]
  close(): Promise<void>
}

export interface JobsEngine {
  readonly name: string
  /** Why the tests cannot run here; false when they can. */
  readonly skip: string | false
  open(options?: { without_jobs?: boolean }): Promise<JobsFixture>
}

const supabase = `${import.meta.dirname}/../supabase`

async function prepare(owner: JobsConnection, without_jobs = false): Promise<void> {
  for (const { text } of await readMigrations(`${supabase}/migrations`, `${supabase}/rollbacks`)) {
    await owner.query(text)
  }
  if (!without_jobs) await installJobs(owner)
}

function listen(pool: pg.Pool): string[] {
  const notices: string[] = []
  pool.on('connect', (client) => {
    client.on('notice', ({ severity, message }) => severity === 'WARNING' && notices.push(message ?? ''))
  })
  return notices
}

const fingerprint = () =>
  fingerprintOf([
    'package-lock.json',
    'supabase/migrations/*.sql',
    'src/core/postgres/embedded*.ts',
    'src/core/jobs/*.ts',
    'test/jobs-fixture.ts',
  ])

function preparedDump(without_jobs: boolean): Promise<Dump> {
  return dumpOf(without_jobs ? 'schema' : 'jobs', fingerprint(), async () => {
    const made = await openEmbedded(undefined, { dump: await emptyDump() })
    await prepare(made.pool, without_jobs)
    return made
  })
}

const templates = new Map<string, Promise<string>>()

function serverTemplate(without_jobs: boolean): Promise<string> {
  const kind = `${without_jobs ? 'schema' : 'jobs'}_${fingerprint()}`
  const build = async (url: string) => {
    const owner = await openClient(url)
    await prepare(owner, without_jobs)
    await owner.end()
  }
  const known = templates.get(kind) ?? templateDatabase(kind, build)
  templates.set(kind, known)
  return known
}

export const embedded: JobsEngine = {
  name: 'PGlite',
  skip: false,
  async open({ without_jobs } = {}) {
    const { pool, close } = await openEmbedded(undefined, { dump: await preparedDump(without_jobs === true) })
    const notices = listen(pool)
    const statements: string[] = []
    const breaker = createBreaker({ probe: () => pool.query('select 1') })
    const onStatement = (text: string) => {
      recordStatement(text)
      statements.push(text)
    }
    const db = createDatabase({ pool, breaker, prepared: true, onStatement })
    return { db, owner: pool, openOwner: async () => pool, is_embedded: true, url: '', notices, statements, close }
  },
}

export const server: JobsEngine = {
  name: 'PostgreSQL',
  skip: await whyNoServer(),
  async open({ without_jobs } = {}) {
    const name = newName()
    const admin = await openClient(serverUrl)
    await admin.query(`create database ${name} template ${await serverTemplate(without_jobs === true)}`)
    // A clone does not inherit the privileges on the database itself that the migrations revoked.
    await admin.query(`revoke temporary on database ${name} from public`)
    const owners: pg.Client[] = []
    const openOwner = async () => {
      const client = await openClient(urlOf(name))
      owners.push(client)
      return client
    }
    const owner = await openOwner()
    await admin.query(`create role ${name} login noinherit password '${name}' in role roost_tenant, roost_system`)
    const url = urlOf(name, name)
    const { db, notices, statements } = connectTo(url)
    const close = async () => {
      await Promise.all([db.close(), ...owners.map((client) => client.end())])
      await admin.query(`drop database ${name} with (force)`)
      await admin.query(`drop role ${name}`)
      await admin.end()
    }
    return { db, owner, openOwner, is_embedded: false, url, notices, statements, close }
  },
}

/** A Database on a server, as the service opens it. */
export function connectTo(url: string): Pick<JobsFixture, 'db' | 'notices' | 'statements'> {
  const pool = openServerPool({ url, size: 5 })
  const notices = listen(pool)
  const statements: string[] = []
  const breaker = createBreaker({ probe: () => probeServer(url) })
  const onStatement = (text: string) => {
    recordStatement(text)
    statements.push(text)
  }
  return { db: createDatabase({ pool, breaker, prepared: true, onStatement }), notices, statements }
}

function urlOf(database: string, user?: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  if (user !== undefined) Object.assign(url, { username: user, password: user })
  return url.href
}

async function openClient(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}

async function whyNoServer(): Promise<string | false> {
  try {
    await (await openClient(serverUrl)).end()
    return false
  } catch {
    return `not run: no PostgreSQL answers at ${new URL(serverUrl).host}; start one or set TEST_DATABASE_URL`
  }
}

export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly [field: string]: unknown
}

/** A log that keeps its lines. */
export function listeningLog(): { log: Logger; lines: LogLine[]; count(text: RegExp): number } {
  const lines: LogLine[] = []
  const log = createLog('debug', { write: (line) => lines.push(JSON.parse(line) as LogLine) })
  return { log, lines, count: (text) => lines.filter(({ msg }) => text.test(msg)).length }
}
