// GET /ops/*: who may call them, what they say about the deployment, and what they say while the database is down.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import { cast } from '../../../test/harness.ts'
import { cuttable } from '../../../test/outage.ts'
import { roles } from '../../core/auth/permissions.ts'

const paths = ['/ops/current-commit', '/ops/env-sanity', '/ops/tenancy-audit', '/ops/subscribers']

test('/ops is for admins: every other role gets 403, and requests without a token 401', async (t) => {
  const fixture = await cast({}, t)
  for (const path of paths) {
    for (const role of roles) {
      const { status, body } = await fixture[role].get(path)
      assert.deepEqual(
        [status, body.error?.code],
        role === 'admin' ? [200, undefined] : [403, 'FORBIDDEN'],
        `${path} ${role}`,
      )
    }
    assert.equal((await fixture.anonymous.get(path)).status, 401)
    assert.equal((await fixture.former.get(path)).status, 403)
    assert.equal((await fixture.outsider.get(path)).status, 200, 'without OPS_AGENCY the admin of every agency may')
  }
})

for (const [slug, permitted, refused] of [
  ['north', 'admin', 'outsider'],
  ['south', 'outsider', 'admin'],
] as const) {
  test(`with OPS_AGENCY=${slug} the admin of the other agency gets 403`, async (t) => {
    const fixture = await cast({ env: { OPS_AGENCY: slug } }, t)
    for (const path of paths) {
      assert.equal((await fixture[permitted].get(path)).status, 200, path)
      const reply = await fixture[refused].get(path)
      assert.deepEqual([reply.status, reply.body.error?.code], [403, 'FORBIDDEN'], path)
    }
  })
}

test('current-commit is COMMIT_SHA and DEPLOYED_AT, and nothing else', async (t) => {
  const commit_sha = '0123456789abcdef0123456789abcdef01234567'
  const env = { COMMIT_SHA: commit_sha, DEPLOYED_AT: '2027-03-01T10:00:00+02:00' }
  const fixture = await cast({ env }, t)
  const { body } = await fixture.admin.get('/ops/current-commit')
  assert.deepEqual(body, { commit_sha, deployed_at: '2027-03-01T08:00:00Z' })
})

test('without DEPLOYED_AT deployed_at is null: the start of the process is no deployment', async (t) => {
  const fixture = await cast({ env: { COMMIT_SHA: 'abc123' } }, t)
  assert.deepEqual((await fixture.admin.get('/ops/current-commit')).body, { commit_sha: 'abc123', deployed_at: null })
})

test('env-sanity names recommended variables of a running service, and no values', async (t) => {
  const store = await openTestStore()
  // The settings of a deployment on a server; the store of the test is used whatever they say.
  const DATABASE_URL = 'postgres://roost_api:hunter2@db.example/roost'
  const fixture = await cast({ store, env: { DATABASE_URL, COMMIT_SHA: 'abc123' } }, t)
  const { body, text } = await fixture.admin.get('/ops/env-sanity')
  const missing = ['MIGRATION_DATABASE_URL', 'DEPLOYED_AT', 'PUBLIC_URL', 'SMTP_URL']
  assert.deepEqual(body.env, { ok: false, missing })
  assert.ok(!text.includes('hunter2'))
})

test('while the database is down env-sanity says so to an admin who was served before', async (t) => {
  const store = await cuttable(await openTestStore())
  const fixture = await cast({ store, env: { COMMIT_SHA: 'abc123' } }, t)
  assert.equal((await fixture.admin.get('/ops/env-sanity')).body.db, 'ok')
  store.cutOff()
  // Memberships and health are cached for up to a second.
  let reply = await fixture.admin.get('/ops/env-sanity')
  while (reply.body.db === 'ok') reply = await fixture.admin.get('/ops/env-sanity')
  assert.equal(reply.status, 200)
  const { db, celery, env } = reply.body
  assert.deepEqual([db, celery, env], ['error', 'error', { ok: true, missing: [] }])
  assert.equal((await fixture.admin.get('/ops/current-commit')).body.commit_sha, 'abc123')
  for (const client of [fixture.manager, fixture.outsider]) {
    const { status, body } = await client.get('/ops/env-sanity')
    assert.deepEqual([status, body.error?.code], [503, 'DB_UNAVAILABLE'], 'people who are no admins, or unknown')
  }
  assert.equal((await fixture.admin.get('properties')).status, 503, 'only /ops remembers')
  store.restore()
})

test('an admin who was removed before the outage is not remembered', async (t) => {
  const store = await cuttable(await openTestStore())
  const fixture = await cast({ store }, t)
  assert.equal((await fixture.admin.get('/ops/env-sanity')).status, 200)
  await store.owner.query('alter table team_members disable trigger keep_an_admin')
  await store.owner.query("update team_members set role = 'staff' where role = 'admin'")
  assert.equal((await fixture.admin.get('/ops/env-sanity')).status, 403)
  store.cutOff()
  assert.equal((await fixture.admin.get('/ops/env-sanity')).status, 503)
})

test('with OPS_AGENCY the admin of another agency is refused during an outage as well', async (t) => {
  const store = await cuttable(await openTestStore())
  const fixture = await cast({ store, env: { OPS_AGENCY: 'north' } }, t)
  assert.equal((await fixture.outsider.get('/ops/env-sanity')).status, 403)
  store.cutOff()
  assert.equal((await fixture.outsider.get('/ops/env-sanity')).status, 403)
})
