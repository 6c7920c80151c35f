// Findings about server settings are shown by env-sanity and readiness.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openServerDatabase } from '../../../test/engines.ts'
import { cast } from '../../../test/harness.ts'
import { readReadiness } from '../../../test/readiness.ts'
import { findServerProblems } from './server-settings.ts'

const fixture = await cast({ env: { DATABASE_URL: 'postgres://nobody@127.0.0.1/nothing' } })
const { owner, url = '' } = fixture.store

test('synchronous_commit off is a warning in env-sanity; the other checks stay the same', async () => {
  const before = await fixture.admin.get('/ops/env-sanity')
  assert.equal(before.body.warnings, undefined)
  await owner.query(`do $$ begin
    execute format('alter database %I set synchronous_commit = off', current_database()); end $$`)
  // The setting applies to new sessions.
  await owner.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and usename = 'roost_test_api'`)
  const { status, body } = await fixture.admin.get('/ops/env-sanity')
  assert.equal(status, 200)
  for (const part of ['db', 'redis', 'celery', 'env']) assert.deepEqual(body[part], before.body[part], part)
  assert.equal(body.warnings.length, 1)
  assert.match(body.warnings[0], /^synchronous_commit is off: /)
  const health = await fixture.anonymous.get('/health')
  assert.deepEqual(Object.keys(health.body), ['status', 'checks'])
})

test('too few connections and disabled triggers are reported with advice', async () => {
  const name = await owner.query('select current_database() as name')
  const database = String(name.rows[0]?.name)
  await owner.query(`alter database ${database} connection limit 5`)
  await owner.query(`alter database ${database} set session_replication_role = 'replica'`)
  await owner.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and usename = 'roost_test_api'`)
  const { body } = await fixture.admin.get('/ops/env-sanity')
  assert.deepEqual(
    body.warnings.map((text: string) => /session_replication_role|CONNECTION LIMIT|synchronous_commit/.exec(text)?.[0]),
    ['session_replication_role', 'CONNECTION LIMIT', 'synchronous_commit'],
  )
  const ready = await readReadiness(fixture.app)
  assert.deepEqual([ready.status, ready.body.error.code], [503, 'DATABASE_UNSUITABLE'])
  assert.match(ready.body.error.message, /^The setting session_replication_role is replica: .* Reset it\.$/)
})

test('a database that does not answer has no findings', async () => {
  const down = openServerDatabase(url.replace(/:\d+\//, ':1/'), 1)
  after(() => down.close())
  assert.equal(await findServerProblems(down, 10), undefined)
})
