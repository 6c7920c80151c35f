// The sharding audit on a migrated database, and with each schema mutation.
// One engine is enough: audit.test.ts shows that both have the same catalog.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import { exceptions } from '../../../test/isolation/exceptions.ts'
import { tenantTables } from '../../../test/isolation/tables.ts'
import { shardMutations, shardMutationsOf } from '../../../test/tenancy/shard-mutations.ts'
import { ownerTx } from './owner-tx.ts'
import {
  crossTenantFunctions,
  localTables,
  referenceTables,
  serverDefaults,
  singleTenantFunctions,
} from './placement.ts'
import { allShardRules, auditShards } from './shards.ts'
import manifest from './statements.json' with { type: 'json' }

const store = await openTestStore()
after(() => store.close())

const sharded = [...tenantTables.keys()].filter((table) => !(table in referenceTables)).sort()

test('a migrated database can be sharded, and every tenant table has a placement', async () => {
  const audit = await store.db.systemRead((tx) => auditShards(tx))
  assert.deepEqual(audit.findings, [])
  assert.equal(audit.status, 'ok')
  assert.deepEqual([...audit.places.sharded].sort(), sharded)
  assert.deepEqual(Object.keys(audit.places.reference), Object.keys(referenceTables).sort())
  assert.deepEqual(Object.keys(audit.places.local), [...Object.keys(localTables), 'pgboss'].sort())
  for (const reason of Object.values({ ...audit.places.reference, ...audit.places.local })) assert.ok(reason)
  assert.equal(audit.keys.primary, sharded.length)
  assert.equal(audit.keys.exclusion, 1)
})

for (const { rule, name, sql } of [...shardMutations, ...sharded.flatMap(shardMutationsOf)]) {
  test(`${rule} reports: ${name}`, async () => {
    const found = await ownerTx(store, async (tx) => {
      await tx.script(sql)
      return (await auditShards(tx)).findings.map((finding) => finding.rule)
    })
    assert.ok(found.includes(rule), `found ${found.join(', ') || 'nothing'}`)
  })
}

test('S11 reports unfiltered statements, and cross-tenant ones without a reason', async () => {
  const bad = { file: 'src/a.ts', statement: 'select 1 from bookings', problem: 'bookings is not filtered' }
  const across = [{ file: 'src/b.ts', statement: 'delete from holds', reason: '' }]
  const audit = (more: object) => store.db.systemRead((tx) => auditShards(tx, { ...manifest, ...more }))
  for (const [more, message] of [
    [{ unfiltered: [bad] }, 'bookings is not filtered: select 1 from bookings'],
    [{ across }, 'cross-tenant without a reason: delete from holds'],
  ] as const) {
    const { status, findings } = await audit(more)
    assert.deepEqual([status, findings.map((one) => [one.rule, one.message])], ['findings', [['S11', message]]])
  }
})

test('S12 reports each table that the statement check did not cover', async () => {
  const { bookings: _, ...tables } = manifest.tables
  const { findings } = await store.db.systemRead((tx) => auditShards(tx, { ...manifest, tables }))
  assert.deepEqual(
    findings.map(({ rule, object }) => [rule, object]),
    [['S12', 'bookings']],
  )
})

test('every rule has a unique id, a reason, a fix and a mutation that violates it', () => {
  assert.equal(new Set(allShardRules.map(({ id }) => id)).size, allShardRules.length)
  const broken = new Set([...shardMutations.map(({ rule }) => rule), 'S11'])
  for (const { id, title, why, fix } of allShardRules) assert.ok(broken.has(id) && title && why && fix, id)
})

test('every listed function and default of the placement exists', async () => {
  const { rows: functions } = await store.owner.query(
    "select proname from pg_proc where pronamespace = 'app'::regnamespace",
  )
  const names = functions.map(({ proname }) => proname)
  for (const name of Object.keys({ ...crossTenantFunctions, ...singleTenantFunctions }))
    assert.ok(names.includes(name), name)
  for (const [column] of Object.entries(serverDefaults)) {
    const [table, name] = column.split('.')
    const { rows } = await store.owner.query(
      'select column_default from information_schema.columns where table_name = $1 and column_name = $2',
      [table, name],
    )
    assert.match(String(rows[0]?.column_default), /pg_current_xact_id/)
  }
})

test('statements.json matches docs/security/tenant-isolation.md', () => {
  const page = readFileSync('docs/security/tenant-isolation.md', 'utf8')
  assert.ok(page.includes(`${manifest.statements} statements in ${manifest.files} files.`))
  assert.deepEqual(manifest.unfiltered, [])
  assert.equal(manifest.filtered + manifest.across.length, manifest.statements)
  assert.deepEqual(
    [...new Set(manifest.across.map(({ reason }) => reason))].sort(),
    exceptions.map(({ reason }) => reason).sort(),
  )
})
