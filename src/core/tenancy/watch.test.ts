// A service on a database with tenancy findings: log, readiness and /ops.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import { cast } from '../../../test/harness.ts'
import { readReadiness } from '../../../test/readiness.ts'
import { recordingLog } from '../../../test/recording-log.ts'
import type { Database } from '../postgres/database.ts'
import { createTenancyWatch } from './watch.ts'

const store = await openTestStore()
after(() => store.close())
const shared_store = { ...store, close: async () => {} }
const weaken = () =>
  store.owner.query("alter policy tenant on guests using (agency_id = (select app.agency_id()) or email = 'x')")
const repair = () => store.owner.query('alter policy tenant on guests using (agency_id = (select app.agency_id()))')

test('with findings the service works, is not ready, and reports them to admins', async (t) => {
  await weaken()
  t.after(repair)
  const { app, admin, manager } = await cast({ store: shared_store }, t)
  const ready = await readReadiness(app)
  assert.deepEqual([ready.status, ready.body.error.code], [503, 'TENANCY_FINDINGS'])
  assert.equal((await manager.get('properties')).status, 200)
  assert.equal((await admin.get('/ops/env-sanity')).body.tenancy, 'error')
  const { status, body } = await admin.get('/ops/tenancy-audit')
  assert.equal(status, 200)
  assert.equal(body.status, 'findings')
  const reported = body.findings.map(({ rule, object }: { rule: string; object: string }) => `${rule} ${object}`)
  assert.deepEqual(
    reported.filter((one: string) => !one.startsWith('O08')),
    ['R04 guests.tenant', 'X04 public.guests.tenant'],
  )
  assert.equal((await manager.get('/ops/tenancy-audit')).status, 403)
})

test('with findings and TENANCY_AUDIT=warn the service is ready', async (t) => {
  await weaken()
  t.after(repair)
  const { app, admin } = await cast({ store: shared_store, env: { TENANCY_AUDIT: 'warn' } }, t)
  assert.equal((await readReadiness(app)).status, 200)
  assert.equal((await admin.get('/ops/tenancy-audit')).body.status, 'findings')
})

test('without findings the service is ready', async (t) => {
  const { app, admin } = await cast({ store: shared_store }, t)
  assert.equal((await readReadiness(app)).status, 200)
  const { body } = await admin.get('/ops/tenancy-audit')
  assert.deepEqual([body.status, body.tables], ['ok', 21])
  assert.equal((await admin.get('/ops/env-sanity')).body.tenancy, 'ok')
})

test('findings are logged once and checked every five seconds; an outage changes nothing', async () => {
  let time = 0
  let is_down = false
  const { log, lines } = recordingLog()
  const db = {
    systemRead: (work) => (is_down ? Promise.reject(new Error('down')) : store.db.systemRead(work)),
  } as Pick<Database, 'systemRead'> as Database
  const watch = createTenancyWatch({ db, is_embedded: store.is_embedded, log, now: () => time })
  is_down = true
  assert.equal(await watch.audit(), undefined)
  is_down = false
  await weaken()
  time += 5000
  assert.equal((await watch.audit())?.status, 'findings')
  time += 5000
  is_down = true
  assert.equal((await watch.audit())?.status, 'findings')
  is_down = false
  time += 5000
  assert.equal((await watch.audit())?.status, 'findings')
  assert.equal(lines.filter((line) => JSON.stringify(line).includes('has findings')).length, 1)
  await repair()
  time += 5000
  assert.equal((await watch.audit())?.status, 'ok')
  await weaken()
  time += 59_000
  assert.equal((await watch.audit())?.status, 'ok', 'an audit without findings is cached for a minute')
  time += 1000
  assert.equal((await watch.audit())?.status, 'findings')
  await repair()
})
