// roost verify tenancy as an operator sees it: exit codes, what it prints, and what it says on a database it cannot audit.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import { verify } from '../../../test/verify-fixture.ts'
import { migratorOf } from '../../store.ts'

const store = await openTestStore()
after(() => store.close())

test('a sound database: one line for the catalog, one for the proof, exit code 0', async () => {
  const { out, code } = await verify(store, ['tenancy', '--prove'])
  const [catalog, proof, fingerprint] = out.split('\n')
  assert.match(catalog ?? '', /^catalog: \d+ rules, 13 tables, 0 findings$/)
  assert.match(proof ?? '', /^proof: \d{4} statements by 12 identities on 16 tables, 0 findings$/)
  assert.match(fingerprint ?? '', /^fingerprint: [0-9a-f]{64}$/)
  assert.equal(code, 0)
})

test('a weakened one: the rule, what breaks it, what the proof could do with it and as whom, exit code 1', async (t) => {
  await store.owner.query('alter policy tenant on holds using (true)')
  t.after(() => store.owner.query('alter policy tenant on holds using (agency_id = (select app.agency_id()))'))
  const { out, code } = await verify(store, ['tenancy', '--prove'])
  assert.equal(code, 1)
  assert.match(out, /R04 error {3}holds\.tenant: true/)
  assert.match(out, /L01 holds: select by key: 1 rows, as .*admin, manager, staff/)
  const explained = await verify(store, ['tenancy', '--explain'])
  assert.match(explained.out, /R04 1 finding the permissive policy .*\n.*holds\.tenant.*\n {2}why: .*\n {2}fix: /)
  const { status, findings } = JSON.parse((await verify(store, ['tenancy', '--json'])).out)
  assert.equal(status, 'findings')
  assert.ok(findings.some(({ rule }: { rule: string }) => rule === 'R04'))
})

test('with migrations pending there is nothing to audit: it says what to do, exit code 2', async (t) => {
  const migrator = migratorOf(store)
  await migrator.down()
  t.after(() => migrator.up())
  const { out, err, code } = await verify(store, ['tenancy'])
  assert.deepEqual([out, err, code], ['', 'migrations are pending (1): roost migrate up', 2])
})
