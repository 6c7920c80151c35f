// The tenancy audit on a migrated database, and with a schema of another version.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import { tenantTables } from '../../../test/isolation/tables.ts'
import { auditTenancy, rules } from './audit.ts'
import manifest from './manifest.json' with { type: 'json' }

const store = await openTestStore()
after(() => store.close())
const { is_embedded } = store

test('a migrated database has no findings, and the fingerprint of the manifest', async () => {
  const audit = await store.db.systemRead((tx) => auditTenancy(tx, { is_embedded }))
  assert.deepEqual(audit.findings, [])
  assert.equal(audit.status, 'ok')
  assert.equal(audit.rules, rules.length)
  assert.equal(audit.tables, tenantTables.size)
  assert.equal(audit.fingerprint, computeFingerprint(manifest))
})

test('an older schema is a finding; a newer one is not compared with the manifest', async () => {
  const changed = { ...manifest, functions: { ...manifest.functions, 'app.claims()': 'another' } }
  const audit = (schema_version: string) =>
    store.db.systemRead((tx) => auditTenancy(tx, { is_embedded, manifest: { ...changed, schema_version } }))
  const same = await audit(manifest.schema_version)
  assert.deepEqual(
    same.findings.map(({ rule }) => rule),
    ['X01'],
  )
  const behind = await audit('20990101000000')
  assert.deepEqual(
    behind.findings.map(({ rule }) => rule),
    ['X01', 'X00'],
  )
  assert.equal((await audit('20200101000000')).status, 'ok')
})

test('every rule has a unique id, a title, a reason and a fix', () => {
  assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length)
  for (const { id, title, why, fix } of rules) assert.ok(title && why && fix, id)
})

function computeFingerprint({ schema_version: _, ...definitions }: typeof manifest): string {
  return createHash('sha256').update(JSON.stringify(definitions)).digest('hex')
}
