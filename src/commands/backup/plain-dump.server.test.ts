// Restores with pg_dump and pg_restore alone: the service is ready on the restored database.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import pg from 'pg'
import { emptyDump } from '../../../test/dumps.ts'
import { openPostgresStore, serverUrl, silent } from '../../../test/engines.ts'
import { secret } from '../../../test/harness.ts'
import { readReadiness } from '../../../test/readiness.ts'
import { newName, onServer } from '../../../test/server-run.ts'
import { parseConfig } from '../../config.ts'
import { openEmbedded } from '../../core/postgres/embedded.ts'
import { createRedis } from '../../core/redis.ts'
import { auditTenancy } from '../../core/tenancy/audit.ts'
import { roles } from '../../core/tenancy/expected.ts'
import manifest from '../../core/tenancy/manifest.json' with { type: 'json' }
import { findDifferences, readDefinitions } from '../../core/tenancy/manifest.ts'
import { ownerTx } from '../../core/tenancy/owner-tx.ts'
import { assemble } from '../../service.ts'
import { migrateUp, openStore, type Store } from '../../store.ts'
import { startTool } from './pg-tools.ts'

const dir = mkdtempSync(join(tmpdir(), 'roost-dump-'))
const file = join(dir, 'plain.dump')
const source = await openPostgresStore({ pool_size: 2 })
const made: string[] = []
after(async () => {
  await source.close()
  await onServer(async (client) => {
    for (const text of made.toReversed()) await client.query(text)
  })
  rmSync(dir, { recursive: true, force: true })
})

const env = { PATH: process.env.PATH }
const urlOf = (database: string, user?: string) => {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  if (user !== undefined) [url.username, url.password] = [user, user]
  return url.href
}
const source_url = urlOf(new URL(source.url ?? '').pathname.slice(1))

async function run(name: 'pg_dump' | 'pg_restore', args: string[], url: string): Promise<string> {
  const tool = startTool(name, args, { env }, url)
  tool.stdin.end()
  const [out] = await Promise.all([text(tool.stdout), tool.done])
  return out
}
await run('pg_dump', ['--format=custom', `--file=${file}`], source_url)

/** A new role that may log in, and is a member of the roles of the migrations. */
async function newOwner(): Promise<string> {
  const role = newName()
  made.push(`drop role ${role}`)
  await onServer((client) => client.query(`create role ${role} login password '${role}' createrole`))
  await onServer((client) => client.query(`grant ${Object.values(roles).join(', ')} to ${role}`))
  return role
}

/** A new empty database. */
async function newDatabase(owner?: string): Promise<string> {
  const name = newName()
  made.push(`drop database if exists ${name} with (force)`)
  await onServer((client) => client.query(`create database ${name} ${owner === undefined ? '' : `owner ${owner}`}`))
  return urlOf(name, owner)
}

async function withStore<T>(url: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(parseConfig({ DATABASE_URL: url, JWT_SECRET: secret }), silent)
  return work(store).finally(() => store.close())
}

/** The status of /health/ready, and the findings that are errors. */
async function readinessOf(url: string) {
  const config = parseConfig({ DATABASE_URL: url, JWT_SECRET: secret })
  return withStore(url, async (store) => {
    const redis = createRedis(undefined, silent)
    const { app } = await assemble(config, store, redis, silent)
    const { status } = await readReadiness(app)
    await Promise.all([app.close(), redis.close()])
    const audit = await store.db.systemRead((tx) => auditTenancy(tx, { is_embedded: false }))
    const errors = audit.findings.filter(({ severity }) => severity === 'error')
    return { status, rules: [...new Set(errors.map(({ rule }) => rule))], fingerprint: audit.fingerprint }
  })
}

async function query(url: string, text: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return (await client.query(text).finally(() => client.end())).rows
}

const { fingerprint } = await readinessOf(source_url)
const ready = { status: 200, rules: [], fingerprint }

test('a database that a superuser has restored is ready', async () => {
  const url = await newDatabase()
  await run('pg_restore', ['--exit-on-error', file], url)
  assert.deepEqual(await readinessOf(url), ready)
})

test('a database that its owner has restored is ready after migrate up, which start-up runs', async () => {
  const url = await newDatabase(await newOwner())
  await run('pg_restore', ['--no-owner', file], url).catch(() => {})
  const restored = await readinessOf(url)
  assert.deepEqual([restored.status, restored.rules], [503, ['X01']])
  await withStore(url, (store) => migrateUp(store))
  assert.deepEqual(await readinessOf(url), ready)
  const rights = `select has_schema_privilege(r.rolname, 'app', 'create') as may from pg_roles r
    where r.rolname in ('${Object.values(roles).join("','")}')`
  assert.deepEqual(await query(url, rights), [{ may: false }, { may: false }, { may: false }])
})

test('a function with another body keeps its owner, and stays a finding', async () => {
  const url = await newDatabase(await newOwner())
  await run('pg_restore', ['--no-owner', file], url).catch(() => {})
  await query(
    url,
    `create or replace function app.count_agencies() returns bigint language sql security definer set search_path = ''
     as $$ select 7::bigint $$`,
  )
  await withStore(url, (store) => migrateUp(store))
  assert.deepEqual((await readinessOf(url)).rules, ['X01'])
  const owned = "select pg_get_userbyid(proowner) = current_user as it from pg_proc where proname = 'count_agencies'"
  assert.deepEqual(await query(url, owned), [{ it: true }])
})

test('the definitions of a dump are equal on the newest PostgreSQL, the embedded one', async (t) => {
  const script = await run('pg_dump', ['--schema-only'], source_url)
  const { pool, close } = await openEmbedded(undefined, { dump: await emptyDump() })
  t.after(close)
  for (const role of Object.values(roles)) await pool.query(`create role ${role} nologin noinherit`)
  // Lines of psql, not of SQL.
  await pool.query(script.replace(/^\\.*$/gm, ''))
  const connectOwner = async () => {
    const client = await pool.connect()
    return { query: (text: string, values?: unknown[]) => client.query(text, values), release: () => client.release() }
  }
  const differences = await ownerTx({ connectOwner }, async (tx) => {
    await tx.script("select set_config('search_path', 'pg_catalog', true)")
    return findDifferences(manifest, await readDefinitions(tx))
  })
  assert.deepEqual(differences, [])
})
