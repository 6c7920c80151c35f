// The audit of the audit: every sabotage of test/tenancy/sabotages.ts must be named by the rule it breaks.
// One engine is enough: audit.test.ts shows that both have the same catalog.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import { tenantTables } from '../../../test/isolation/tables.ts'
import { type Sabotage, sabotages, sabotagesOf } from '../../../test/tenancy/sabotages.ts'
import { auditTenancy, rules } from './audit.ts'
import { ownerTx } from './owner-tx.ts'

const store = await openTestStore()
after(() => store.close())

/** What the audit finds after the sabotage, which is undone. Asked as the schema's owner, a superuser in tests. */
async function findingsAfter(sql: string): Promise<string[]> {
  return ownerTx(store, async (tx) => {
    await tx.script(sql)
    const { findings } = await auditTenancy(tx, { is_embedded: false })
    return findings.map(({ rule }) => rule)
  })
}

test('without a sabotage there is nothing but the owner whom the test logs in as', async () => {
  assert.deepEqual(await findingsAfter('select 1'), ['O08'])
})

const generated = [...tenantTables.keys()].flatMap(sabotagesOf)
const caught: Sabotage[] = []
for (const sabotage of [...sabotages, ...generated]) {
  test(`${sabotage.rule} names: ${sabotage.name}`, async () => {
    const found = await findingsAfter(sabotage.sql)
    assert.ok(found.includes(sabotage.rule), `found ${found.join(', ') || 'nothing'}`)
    caught.push(sabotage)
  })
}

test('at least 35 sabotages were caught, and every rule by one of them', () => {
  assert.ok(caught.length >= 35)
  const silent = rules.filter(({ id }) => id !== 'X03' && !caught.some(({ rule }) => rule === id))
  assert.deepEqual(silent, [])
})
