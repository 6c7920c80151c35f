// roost verify shardable: output and exit codes.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import { verify } from '../../../test/verify-fixture.ts'
import { createMigratorFor } from '../../store.ts'

const store = await openTestStore()
after(() => store.close())

test('a migrated database: prints the placement of all tables and exits with 0', async () => {
  const { out, err, code } = await verify(store, ['shardable'])
  assert.deepEqual([err, code], ['', 0])
  assert.match(out, /^\d+ rules, 0 findings\nsharded by agency: 20 tables: actors, agency_features, audit_log, /)
  assert.match(out, / {2}keys: 20 primary, \d+ unique, 1 exclusion, \d+ foreign/)
  assert.match(
    out,
    /copied to every node: agencies, users\non one node: account_tokens, app\.audit_sealing, app\.event_subscribers, app\.heartbeats, app\.signing_secret, mail_messages, pgboss, /,
  )
  assert.match(out, /statements: \d+ in \d+ files, \d+ filter every table by the agency; these are cross-tenant:/)
  assert.match(out, /src\/features\/holds\/expiry\.ts: .*\n {4}Finds the agencies with expired holds/)
  assert.match(out, /OK: the database can be sharded by agency\. .*scaling\.md$/)
})

test('a unique key without agency_id: prints the rule and exits with 1', async (t) => {
  await store.owner.query('create unique index all_references on bookings (reference)')
  t.after(() => store.owner.query('drop index all_references'))
  const { out, code } = await verify(store, ['shardable'])
  assert.equal(code, 1)
  assert.match(out, /^\d+ rules, 1 finding\n {2}U01 public\.all_references: on public\.bookings\n/)
  const explained = await verify(store, ['shardable', '--explain'])
  assert.match(explained.out, /U01 1 findings: .*\n.*all_references.*\n {2}why: .*\n {2}fix: /)
  assert.match(explained.out, /copied to every node:\n {2}agencies: one row for each agency/)
  const { status, findings } = JSON.parse((await verify(store, ['shardable', '--json'])).out)
  assert.equal(status, 'findings')
  assert.deepEqual(
    findings.map(({ rule }: { rule: string }) => rule),
    ['U01'],
  )
})

test('with pending migrations exits with 2 and names the command to run', async (t) => {
  const migrator = createMigratorFor(store)
  await migrator.down()
  t.after(() => migrator.up())
  const { out, err, code } = await verify(store, ['shardable'])
  assert.deepEqual([out, err, code], ['', 'migrations are pending (1): roost migrate up', 2])
})
