// roost verify tenancy: output and exit codes.
// One engine is enough: audit.test.ts shows that both have the same catalog.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import { verify } from '../../../test/verify-fixture.ts'
import { createMigratorFor } from '../../store.ts'

const store = await openTestStore()
after(() => store.close())

test('a valid database: prints catalog, isolation and fingerprint and exits with 0', async () => {
  const { out, code } = await verify(store, ['tenancy', '--prove'])
  const [catalog, isolation, fingerprint] = out.split('\n')
  assert.match(catalog ?? '', /^catalog: \d+ rules, 21 tables, 0 findings$/)
  assert.match(isolation ?? '', /^isolation: \d{4} statements by 12 identities on 26 tables, 0 findings$/)
  assert.match(fingerprint ?? '', /^fingerprint: [0-9a-f]{64}$/)
  assert.equal(code, 0)
})

test('a weakened policy: prints the rule and the possible access and exits with 1', async (t) => {
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

test('with pending migrations exits with 2 and names the command to run', async (t) => {
  const migrator = createMigratorFor(store)
  await migrator.down()
  t.after(() => migrator.up())
  const { out, err, code } = await verify(store, ['tenancy'])
  assert.deepEqual([out, err, code], ['', 'migrations are pending (1): roost migrate up', 2])
})
