// The sharding audit on a database as the migrations leave it, and every way of spoiling it: each must be named.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import { exceptions } from '../../../test/isolation/exceptions.ts'
import { tenantTables } from '../../../test/isolation/tables.ts'
import { shardSabotages, shardSabotagesOf } from '../../../test/tenancy/shard-sabotages.ts'
import { ownerTx } from './owner-tx.ts'
import { acrossAgencies, localTables, referenceTables, serverDefaults, withinAgency } from './placement.ts'
import { allShardRules, auditShards } from './shards.ts'
import manifest from './statements.json' with { type: 'json' }

const store = await openTestStore()
after(() => store.close())

const sharded = [...tenantTables.keys()].filter((table) => !(table in referenceTables)).sort()

test('a database as the migrations leave it can be sharded, and every tenant table has its place', async () => {
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

for (const { rule, name, sql } of [...shardSabotages, ...sharded.flatMap(shardSabotagesOf)]) {
  test(`${rule} names: ${name}`, async () => {
    const found = await ownerTx(store, async (tx) => {
      await tx.script(sql)
      return (await auditShards(tx)).findings.map((finding) => finding.rule)
    })
    assert.ok(found.includes(rule), `found ${found.join(', ') || 'nothing'}`)
  })
}

test('S11 names a statement of the manifest that is not filtered, and one that looks across without a reason', async () => {
  const bad = { file: 'src/a.ts', statement: 'select 1 from bookings', problem: 'bookings is not filtered' }
  const across = [{ file: 'src/b.ts', statement: 'delete from holds', reason: '' }]
  const audit = (more: object) => store.db.systemRead((tx) => auditShards(tx, { ...manifest, ...more }))
  for (const [more, message] of [
    [{ unfiltered: [bad] }, 'bookings is not filtered: select 1 from bookings'],
    [{ across }, 'looks across agencies without a reason: delete from holds'],
  ] as const) {
    const { status, findings } = await audit(more)
    assert.deepEqual([status, findings.map((one) => [one.rule, one.message])], ['findings', [['S11', message]]])
  }
})

test('S12 names each table the statements were not read with', async () => {
  const { bookings: _, ...tables } = manifest.tables
  const { findings } = await store.db.systemRead((tx) => auditShards(tx, { ...manifest, tables }))
  assert.deepEqual(
    findings.map(({ rule, object }) => [rule, object]),
    [['S12', 'bookings']],
  )
})

test('every rule is broken by a sabotage, has an id of its own, and says why and what to do', () => {
  assert.equal(new Set(allShardRules.map(({ id }) => id)).size, allShardRules.length)
  const broken = new Set([...shardSabotages.map(({ rule }) => rule), 'S11'])
  for (const { id, title, why, fix } of allShardRules) assert.ok(broken.has(id) && title && why && fix, id)
})

test('every exception in the placement is still needed', async () => {
  const { rows: functions } = await store.owner.query(
    "select proname from pg_proc where pronamespace = 'app'::regnamespace",
  )
  const names = functions.map(({ proname }) => proname)
  for (const name of Object.keys({ ...acrossAgencies, ...withinAgency })) assert.ok(names.includes(name), name)
  for (const [column] of Object.entries(serverDefaults)) {
    const [table, name] = column.split('.')
    const { rows } = await store.owner.query(
      'select column_default from information_schema.columns where table_name = $1 and column_name = $2',
      [table, name],
    )
    assert.match(String(rows[0]?.column_default), /pg_current_xact_id/)
  }
})

test('the manifest of the statements says what docs/security/tenant-isolation.md says', () => {
  const page = readFileSync('docs/security/tenant-isolation.md', 'utf8')
  assert.ok(page.includes(`${manifest.statements} statements in ${manifest.files} files.`))
  assert.deepEqual(manifest.unfiltered, [])
  assert.equal(manifest.filtered + manifest.across.length, manifest.statements)
  assert.deepEqual(
    [...new Set(manifest.across.map(({ reason }) => reason))].sort(),
    exceptions.map(({ reason }) => reason).sort(),
  )
})
