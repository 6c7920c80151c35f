// Backup and restore of a database on a server.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import pg from 'pg'
import { contents, insertEntry, roost } from '../../../test/backup-fixture.ts'
import { north } from '../../../test/cast.ts'
import { openPostgresStore, openServerDatabase, serverUrl } from '../../../test/engines.ts'
import { newName, onServer } from '../../../test/server-run.ts'
import { sealAudit } from '../../core/events/sealer.ts'
import { auditTenancy } from '../../core/tenancy/audit.ts'

const dir = mkdtempSync(join(tmpdir(), 'roost-backup-'))
const file = join(dir, 'roost.backup')
const source = await openPostgresStore({ pool_size: 4 })
const databases: string[] = []
after(async () => {
  await source.close()
  await onServer(async (client) => {
    for (const name of databases) await client.query(`drop database if exists ${name} with (force)`)
  })
  rmSync(dir, { recursive: true, force: true })
})

const urlOf = (name: string, user?: string) => {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  if (user !== undefined) [url.username, url.password] = [user, user]
  return url.href
}
const source_name = new URL(source.url ?? '').pathname.slice(1)
const source_env = { DATABASE_URL: source.url ?? '', MIGRATION_DATABASE_URL: urlOf(source_name) }

/** A new empty database. */
async function newDatabase(owner?: string) {
  const name = newName()
  databases.push(name)
  await onServer((client) => client.query(`create database ${name} ${owner === undefined ? '' : `owner ${owner}`}`))
  return { name, env: { DATABASE_URL: urlOf(name, owner) } }
}

async function query(name: string, text: string, values?: unknown[]) {
  const client = new pg.Client({ connectionString: urlOf(name) })
  await client.connect()
  return (await client.query(text, values).finally(() => client.end())).rows
}

const auditOf = async (url: string) => {
  const db = openServerDatabase(url, 2)
  return db.systemRead((tx) => auditTenancy(tx, { is_embedded: false })).finally(() => db.close())
}

test('a restored database has the rows, grants, owners and policies of the original', async () => {
  await source.owner.query(insertEntry, [north])
  await sealAudit(source.db)
  // As on a server that has assigned far more transaction ids than the one that the backup is restored on.
  await source.owner.query("update app.audit_sealing set sealed_snapshot = '900000000000:900000000000:'")
  const { code, out, err } = await roost(source_env, 'backup', file, '--json')
  assert.equal(code, 0, err)
  assert.deepEqual(JSON.parse(out), { file, engine: 'server', bytes: statSync(file).size })
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(dir), ['roost.backup'])

  const { name, env } = await newDatabase()
  const restored = await roost(env, 'restore', file, '--json')
  assert.equal(restored.code, 0, restored.err)
  assert.equal(JSON.parse(restored.out).is_current, true)
  assert.deepEqual(await query(name, contents), await query(source_name, contents))
  const audit = await auditOf(urlOf(name))
  assert.deepEqual(
    audit.findings.map(({ rule }) => rule),
    ['O08'],
    'the login of this test is a superuser',
  )
  assert.equal(audit.fingerprint, (await auditOf(urlOf(source_name))).fingerprint)
})

test('entries are sealed after a restore, and the audit log verifies', async () => {
  const { name, env } = await newDatabase()
  assert.equal((await roost(env, 'restore', file)).code, 0)
  await query(name, insertEntry, [north])
  const db = openServerDatabase(urlOf(name), 2)
  assert.ok((await sealAudit(db)) >= 1)
  await query(name, insertEntry, [north])
  assert.equal(await sealAudit(db), 1)
  await db.close()
  const { code, out } = await roost(env, 'verify', 'audit')
  assert.equal(code, 0, out)
})

test('an owner that is no superuser can restore', async (t) => {
  const owner = newName()
  await onServer((client) => client.query(`create role ${owner} login password '${owner}' createrole`))
  t.after(() => onServer((client) => client.query(`drop owned by ${owner}; drop role ${owner}`).catch(() => {})))
  await onServer((client) => client.query(`grant roost_tenant, roost_system, roost_auth to ${owner}`))
  const { name, env } = await newDatabase(owner)
  const { code, err } = await roost(env, 'restore', file)
  assert.equal(code, 0, err)
  assert.equal((await auditOf(urlOf(name))).fingerprint, (await auditOf(urlOf(source_name))).fingerprint)
  await onServer((client) => client.query(`drop database ${name} with (force)`))
})

test('a role that row-level security applies to cannot make a backup', async () => {
  const other = join(dir, 'filtered')
  const { code, err } = await roost({ DATABASE_URL: source.url ?? '' }, 'backup', other)
  assert.equal(code, 2)
  assert.match(err, /is subject to row-level security/)
  assert.ok(!readdirSync(dir).includes('filtered'))
})

test('missing or old client programs are reported', async () => {
  const other = join(dir, 'none')
  const missing = await roost({ ...source_env, PATH: '/nonexistent' }, 'backup', other)
  assert.deepEqual([missing.code, /^pg_dump is not on PATH/.test(missing.err)], [2, true])
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'pg_dump'), '#!/bin/sh\necho "pg_dump (PostgreSQL) 9.6.24"\n')
  chmodSync(join(bin, 'pg_dump'), 0o755)
  const old = await roost({ ...source_env, PATH: `${bin}:${process.env.PATH}` }, 'backup', other)
  assert.deepEqual([old.code, /^pg_dump 9 is older than the server/.test(old.err)], [2, true])
})

test('only --replace restores into a database with contents; a failure changes nothing', async () => {
  const { name, env } = await newDatabase()
  assert.equal((await roost(env, 'restore', file)).code, 0)
  await query(name, 'create table public.mine (id int); insert into public.mine values (1)')
  assert.match((await roost(env, 'restore', file)).err, /the database is not empty/)
  const damaged = join(dir, 'damaged')
  writeFileSync(damaged, readFileSync(file).subarray(0, statSync(file).size - 2000))
  assert.equal((await roost(env, 'restore', damaged, '--replace')).code, 2)
  assert.deepEqual(await query(name, 'select * from public.mine'), [{ id: 1 }])

  const role = newName()
  const failing = join(dir, 'failing')
  await query(
    source_name,
    `create role ${role}; create table public.report (id int); grant select on public.report to ${role}`,
  )
  assert.equal((await roost(source_env, 'backup', failing)).code, 0)
  await query(source_name, `drop table public.report; drop role ${role}`)
  const { code, err } = await roost(env, 'restore', failing, '--replace')
  assert.equal(code, 2)
  assert.match(err, new RegExp(`role "${role}" does not exist`))
  assert.deepEqual(await query(name, 'select * from public.mine'), [{ id: 1 }])

  assert.equal((await roost(env, 'restore', file, '--replace')).code, 0)
  assert.deepEqual(await query(name, "select to_regclass('public.mine') as mine"), [{ mine: null }])
  assert.equal((await auditOf(urlOf(name))).fingerprint, (await auditOf(urlOf(source_name))).fingerprint)
})

test('a database that the service uses is not replaced', async () => {
  const { name, env } = await newDatabase()
  const db = openServerDatabase(urlOf(name), 1)
  await db.systemRead((tx) => tx.script('select 1')).catch(() => {})
  const { code, err } = await roost(env, 'restore', file)
  await db.close()
  assert.equal(code, 2)
  assert.match(err, /processes of roost are connected/)
})
