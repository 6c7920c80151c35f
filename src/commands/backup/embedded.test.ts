// Backup and restore of an embedded database.
// One engine is enough: this opens embedded databases of its own.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { insertEntry, roost } from '../../../test/backup-fixture.ts'
import { north } from '../../../test/cast.ts'
import { embeddedTemplate, silent } from '../../../test/engines.ts'
import { parseConfig } from '../../config.ts'
import { sealAudit } from '../../core/events/sealer.ts'
import { openEmbedded } from '../../core/postgres/embedded.ts'
import { openStore, type Store } from '../../store.ts'

const dir = mkdtempSync(join(tmpdir(), 'roost-backup-'))
after(() => rmSync(dir, { recursive: true, force: true }))
const file = join(dir, 'roost.backup')
const source = { DATA_DIR: join(dir, 'source') }
const target = { DATA_DIR: join(dir, 'target') }

async function withStore<T>(env: Record<string, string>, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(parseConfig(env), silent)
  return work(store).finally(() => store.close())
}

/** Inserts an entry, seals it, and returns the number of seals. */
async function addEntry(store: Store): Promise<unknown> {
  const owner = await store.connectOwner()
  await owner.query(insertEntry, [north])
  await owner.release()
  await sealAudit(store.db)
  return countSeals(store)
}

async function countSeals(store: Store): Promise<unknown> {
  const owner = await store.connectOwner()
  const { rows } = await owner.query('select count(*)::int as seals from audit_seals')
  await owner.release()
  return rows[0]?.seals
}

test('a restored folder has the data, an unbroken audit log, and seals new entries', async () => {
  await (await openEmbedded(source.DATA_DIR, { dump: await embeddedTemplate() })).close()
  const seals = await withStore(source, addEntry)
  assert.deepEqual(JSON.parse((await roost(source, 'backup', file, '--json')).out), {
    file,
    engine: 'embedded',
    bytes: statSync(file).size,
  })
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.deepEqual(await roost(target, 'restore', file), {
    code: 0,
    out: `restored: the schema is current (${readdirSync('supabase/migrations')
      .filter((name) => name.endsWith('.sql'))
      .at(-1)
      ?.slice(0, 14)})`,
    err: '',
  })
  assert.equal(await withStore(target, countSeals), seals)
  assert.equal(await withStore(target, addEntry), Number(seals) + 1)
  const { code, out } = await roost(target, 'verify', 'audit')
  assert.equal(code, 0, out)
  assert.match(out, /rows sealed, unchanged/)
  assert.ok(!readdirSync(target.DATA_DIR).includes('restoring'))
})

test('an existing file is overwritten only with --force', async () => {
  const refused = await roost(source, 'backup', file)
  assert.equal(refused.code, 2)
  assert.match(refused.err, /exists: choose another name, or overwrite it with --force/)
  assert.equal((await roost(source, 'backup', file, '--force')).code, 0)
  assert.deepEqual(
    readdirSync(dir).filter((name) => name.includes('.part')),
    [],
  )
})

test('a database that is in use is neither backed up nor replaced', async () => {
  await withStore(source, async () => {
    for (const args of [
      ['backup', join(dir, 'other')],
      ['restore', file, '--replace'],
    ]) {
      const { code, err } = await roost(source, ...args)
      assert.equal(code, 2)
      assert.match(err, /is in use by process \d+/)
    }
  })
  assert.ok(!readdirSync(dir).includes('other'))
})

test('only --replace replaces the database of a folder; a damaged file changes nothing', async () => {
  const seals = await withStore(target, addEntry)
  assert.match((await roost(target, 'restore', file)).err, /there is a database in/)
  const damaged = join(dir, 'damaged')
  writeFileSync(damaged, readFileSync(file).subarray(0, statSync(file).size / 2))
  const { code, err } = await roost(target, 'restore', damaged, '--replace')
  assert.equal(code, 2)
  assert.match(err, /is damaged, or of another version/)
  assert.equal(await withStore(target, countSeals), seals)
  assert.equal((await roost(target, 'restore', file, '--replace')).code, 0)
  assert.equal(await withStore(target, countSeals), Number(seals) - 2)
})

test('other files, and backups of a server, are refused', async () => {
  const other = join(dir, 'text')
  writeFileSync(other, 'hello')
  assert.match((await roost(target, 'restore', other)).err, /is not a backup of roost/)
  writeFileSync(other, 'PGDMP and more')
  assert.match((await roost(target, 'restore', other)).err, /is the backup of a server: set DATABASE_URL/)
  const empty = { DATA_DIR: join(dir, 'empty') }
  assert.match((await roost(empty, 'backup', join(dir, 'none'))).err, /there is no embedded database in/)
})
