// The databases and roles of a test run on the PostgreSQL server: names, lease, clean-up.
import { createHash, randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import pg from 'pg'

export const serverUrl = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'

/** 8 hex digits. npm test sets one per run; a test file that runs alone uses that of its checkout. */
function runId(): string {
  const own = createHash('sha256')
    .update(import.meta.dirname)
    .digest('hex')
    .slice(0, 8)
  return process.env.TEST_RUN_ID ?? own
}

const prefixOf = (id: string) => `roost_test_${id}_`

/** The name of the one database of this kind in this run. */
export const sharedName = (what: string) => `${prefixOf(runId())}${what}`

/** A name for a new database or role of this run. */
export const newName = () => sharedName(randomBytes(6).toString('hex'))

export const newRunId = () => randomBytes(4).toString('hex')

const leaseOf = (id: string) => `roost test run ${id}`

/** The advisory lock for creating roles and for checking whether other runs are active. */
const roles_lock = 7260003

export async function onServer<T>(work: (client: pg.Client) => Promise<T>, name?: string): Promise<T> {
  const client = new pg.Client({ connectionString: serverUrl, ...(name !== undefined && { application_name: name }) })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/**
 * A session whose application_name marks the run as active: other runs keep its databases. The session does not keep the
 * process alive, and ends with it.
 */
export async function holdLease(id = runId()): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({ connectionString: serverUrl, application_name: leaseOf(id), keepAlive: true })
  client.on('error', () => {})
  await client.connect()
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  stream.unref()
  return {
    release: () => {
      stream.ref()
      return client.end()
    },
  }
}

/**
 * Drops a database. In a run it resolves at once, because a drop waits for a checkpoint of the server and the next file need not.
 * The end of the run drops what is left.
 */
export async function dropDatabase(name: string): Promise<void> {
  const dropped = onServer((client) => client.query(`drop database if exists ${name} with (force)`))
  if (process.env.TEST_RUN_ID === undefined) await dropped
  else dropped.catch(() => {})
}

/** Drops what the run has created: databases, then roles. */
export async function dropRun(id: string): Promise<void> {
  await onServer((client) => dropAll(client, id))
}

/** Drops the databases and roles of runs that are no longer active. */
export async function dropLeftovers(): Promise<void> {
  await onServer(async (client) => {
    const { rows } = await client.query(
      `select distinct substring(name from '^roost_test_([0-9a-f]{8})_') as id
       from (select datname::text from pg_database union all select rolname::text from pg_roles) named(name)
       where name ~ '^roost_test_[0-9a-f]{8}_'`,
    )
    for (const { id } of rows) if (!(await isUnderWay(client, id))) await dropAll(client, id)
  })
}

/** Drops the login role of all runs unless another run is active. Roles of the migrations stay: see CONTRIBUTING.md. */
export async function dropSharedRole(role: string, id: string): Promise<void> {
  await underRolesLock(async (client) => {
    const { rowCount } = await client.query(
      `select from pg_stat_activity where application_name ~ '^roost test run ' and application_name <> $1`,
      [leaseOf(id)],
    )
    if (rowCount === 0) await client.query(`drop role if exists ${role}`)
  })
}

/** Holds `roles_lock`, so that no other run drops a role between its creation and its use. */
function underRolesLock<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  return onServer(async (client) => {
    await client.query('select pg_advisory_lock($1)', [roles_lock])
    return work(client)
  })
}

/**
 * The name of this run's template database of that kind; the first caller creates and builds it, under a lock. A test file that
 * runs alone reuses the template of an earlier one, unless npm test has dropped it.
 */
export async function templateDatabase(kind: string, build: (url: string) => Promise<unknown>): Promise<string> {
  if (process.env.TEST_RUN_ID === undefined) await holdLease()
  const name = sharedName(`template_${kind}`)
  return underRolesLock(async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
    if (rowCount === 0) {
      const building = `${name}_building`
      await client.query(`drop database if exists ${building} with (force)`)
      await client.query(`create database ${building}`)
      const url = new URL(serverUrl)
      url.pathname = `/${building}`
      await build(url.href)
      await client.query(`alter database ${building} rename to ${name}`)
    }
    return name
  })
}

async function isUnderWay(client: pg.Client, id: string): Promise<boolean> {
  const { rowCount } = await client.query('select from pg_stat_activity where application_name = $1', [leaseOf(id)])
  return rowCount !== 0
}

async function dropAll(client: pg.Client, id: string): Promise<void> {
  const mine = [`^${prefixOf(id)}`]
  const databases = await client.query('select datname as name from pg_database where datname ~ $1', mine)
  for (const { name } of databases.rows) await client.query(`drop database if exists ${name} with (force)`)
  const roles = await client.query('select rolname as name from pg_roles where rolname ~ $1', mine)
  for (const { name } of roles.rows) await client.query(`drop role if exists ${name}`)
}
