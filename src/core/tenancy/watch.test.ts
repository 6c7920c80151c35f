// A service on a database that somebody has weakened: it says so, and is not ready unless the operator wants it to be.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import { cast } from '../../../test/harness.ts'
import { recordingLog } from '../../../test/recording-log.ts'
import type { Database } from '../postgres/database.ts'
import { createTenancyWatch } from './watch.ts'

const store = await openTestStore()
after(() => store.close())
const kept = { ...store, close: async () => {} }
const weaken = () =>
  store.owner.query("alter policy tenant on guests using (agency_id = (select app.agency_id()) or email = 'x')")
const mend = () => store.owner.query('alter policy tenant on guests using (agency_id = (select app.agency_id()))')

test('while the audit has findings the service works, is not ready, and tells admins what is wrong', async (t) => {
  await weaken()
  t.after(mend)
  const { app, admin, manager } = await cast({ store: kept }, t)
  const ready = await app.inject('/health/ready')
  assert.equal(ready.statusCode, 503)
  assert.equal(ready.json().error.code, 'TENANCY_FINDINGS')
  assert.equal((await manager.get('properties')).status, 200)
  assert.equal((await admin.get('/ops/env-sanity')).body.tenancy, 'error')
  const { status, body } = await admin.get('/ops/tenancy-audit')
  assert.equal(status, 200)
  assert.equal(body.status, 'findings')
  const named = body.findings.map(({ rule, object }: { rule: string; object: string }) => `${rule} ${object}`)
  assert.deepEqual(
    named.filter((one: string) => !one.startsWith('O08')),
    ['R04 guests.tenant', 'X04 public.guests.tenant'],
  )
  assert.equal((await manager.get('/ops/tenancy-audit')).status, 403)
})

test('with TENANCY_AUDIT=warn it is ready all the same', async (t) => {
  await weaken()
  t.after(mend)
  const { app, admin } = await cast({ store: kept, env: { TENANCY_AUDIT: 'warn' } }, t)
  assert.equal((await app.inject('/health/ready')).statusCode, 200)
  assert.equal((await admin.get('/ops/tenancy-audit')).body.status, 'findings')
})

test('with nothing to find it is ready', async (t) => {
  const { app, admin } = await cast({ store: kept }, t)
  assert.equal((await app.inject('/health/ready')).statusCode, 200)
  const { body } = await admin.get('/ops/tenancy-audit')
  assert.deepEqual([body.status, body.tables], ['ok', 13])
  assert.equal((await admin.get('/ops/env-sanity')).body.tenancy, 'ok')
})

test('findings are told once, asked for again after five seconds, and gone when they are mended; an outage changes nothing', async () => {
  let time = 0
  let is_away = false
  const { log, lines } = recordingLog()
  const db = {
    systemRead: (work) => (is_away ? Promise.reject(new Error('away')) : store.db.systemRead(work)),
  } as Pick<Database, 'systemRead'> as Database
  const watch = createTenancyWatch({ db, is_embedded: store.is_embedded, log, now: () => time })
  is_away = true
  assert.equal(await watch.audit(), undefined)
  is_away = false
  await weaken()
  time += 5000
  assert.equal((await watch.audit())?.status, 'findings')
  time += 5000
  is_away = true
  assert.equal((await watch.audit())?.status, 'findings')
  is_away = false
  time += 5000
  assert.equal((await watch.audit())?.status, 'findings')
  assert.equal(lines.filter((line) => JSON.stringify(line).includes('has findings')).length, 1)
  await mend()
  time += 5000
  assert.equal((await watch.audit())?.status, 'ok')
  await weaken()
  time += 59_000
  assert.equal((await watch.audit())?.status, 'ok', 'a clean audit holds for a minute')
  time += 1000
  assert.equal((await watch.audit())?.status, 'findings')
  await mend()
})
