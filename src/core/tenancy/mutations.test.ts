// Mutation test of the tenancy audit: each mutation must be reported by the rule it violates.
// One engine is enough: audit.test.ts shows that both have the same catalog.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import { tenantTables } from '../../../test/isolation/tables.ts'
import { type Mutation, mutations, mutationsOf } from '../../../test/tenancy/mutations.ts'
import { auditTenancy, rules } from './audit.ts'
import { ownerTx } from './owner-tx.ts'

const store = await openTestStore()
after(() => store.close())

/** The rules with findings after the mutation, which is rolled back. Runs as the schema owner, a superuser in tests. */
async function auditAfter(sql: string): Promise<string[]> {
  return ownerTx(store, async (tx) => {
    await tx.script(sql)
    const { findings } = await auditTenancy(tx, { is_embedded: false })
    return findings.map(({ rule }) => rule)
  })
}

test('without a mutation only the login role of the test is reported', async () => {
  assert.deepEqual(await auditAfter('select 1'), ['O08'])
})

const generated = [...tenantTables.keys()].flatMap(mutationsOf)
const detected: Mutation[] = []
for (const mutation of [...mutations, ...generated]) {
  test(`${mutation.rule} reports: ${mutation.name}`, async () => {
    const found = await auditAfter(mutation.sql)
    assert.ok(found.includes(mutation.rule), `found ${found.join(', ') || 'nothing'}`)
    detected.push(mutation)
  })
}

test('at least 35 mutations are detected, and at least one by every rule', () => {
  assert.ok(detected.length >= 35)
  const not_detected = rules.filter(({ id }) => id !== 'X03' && !detected.some(({ rule }) => rule === id))
  assert.deepEqual(not_detected, [])
})
