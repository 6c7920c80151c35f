// /metrics: who may read it, what it contains, and that clients cannot add series.
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { players } from '../../test/cast.ts'
import { openEventStream } from '../../test/event-stream.ts'
import { cast, type Fixture } from '../../test/harness.ts'
import { until } from '../../test/until.ts'
import { parseConfig } from '../config.ts'
import { countJob, countRefusal } from '../core/counters.ts'
import { createMetrics } from '../core/metrics.ts'
import { serveMetrics } from './metrics.ts'

const token = 'a token of at least 16 characters'.replaceAll(' ', '-')
const authorization = `Bearer ${token}`

async function read({ app }: Fixture): Promise<string> {
  const { statusCode, body, headers } = await app.inject({ url: '/metrics', headers: { authorization } })
  assert.equal(statusCode, 200)
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/)
  return body
}

const sampleOf = (text: string, sample: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${sample} `))
      ?.slice(sample.length + 1),
  )

/** The series without their values, and without those that Node adds for its own handles and spaces. */
const seriesOf = (text: string): string[] =>
  text.split('\n').flatMap((line) => (line.startsWith('roost_') ? [line.slice(0, line.lastIndexOf(' '))] : []))

test('without METRICS_TOKEN and METRICS_PORT there is no /metrics', async (t) => {
  const { app } = await cast({}, t)
  assert.equal((await app.inject('/metrics')).json().error.code, 'ROUTE_NOT_FOUND')
})

test('with METRICS_PORT /metrics is not on the port of the API', async (t) => {
  const { app } = await cast({ env: { METRICS_PORT: '0', METRICS_TOKEN: token } }, t)
  assert.equal((await app.inject({ url: '/metrics', headers: { authorization } })).statusCode, 404)
})

test('/metrics requires the token', async (t) => {
  const fixture = await cast({ env: { METRICS_TOKEN: token } }, t)
  for (const wrong of [undefined, 'Bearer', `Bearer ${token}x`, token]) {
    const headers = wrong === undefined ? {} : { authorization: wrong }
    assert.equal((await fixture.app.inject({ url: '/metrics', headers })).statusCode, 401)
  }
  const { status } = await fixture.admin.get('/metrics')
  assert.equal(status, 401, 'an admin of an agency is no operator')
  await read(fixture)
})

test('requests are counted by route template, method and status class', async (t) => {
  const fixture = await cast({ env: { METRICS_TOKEN: token } }, t)
  await fixture.staff.get(`properties/${crypto.randomUUID()}`)
  await fixture.staff.get('properties')
  const text = await read(fixture)
  const count = (route: string, status: string) =>
    sampleOf(text, `roost_http_request_duration_seconds_count{route="${route}",method="GET",status="${status}"}`)
  assert.equal(count('/api/v1/properties/:id', '4xx'), 1)
  assert.equal(count('/api/v1/properties', '2xx'), 1)
  assert.match(text, /^nodejs_eventloop_lag_p99_seconds /m)
  assert.match(text, /^process_cpu_seconds_total /m)
})

test('a stream of events is counted once, when it begins', async (t) => {
  const fixture = await cast({ env: { METRICS_TOKEN: token } }, t)
  const address = await fixture.app.listen({ port: 0, host: '127.0.0.1' })
  const responses: ServerResponse[] = []
  fixture.app.server.on('request', (_, response: ServerResponse) => responses.push(response))
  const staff = await fixture.tokens.issue({ user_id: players.staff.user_id })
  const stream = await openEventStream(`${address}/api/v1/changes`, staff.token)
  await until(() => stream.text().startsWith(': connected'))
  const count = async () =>
    sampleOf(
      await read(fixture),
      'roost_http_request_duration_seconds_count{route="/api/v1/changes",method="GET",status="2xx"}',
    )
  assert.equal(await count(), 1, 'while it is open')
  stream.close()
  await until(() => responses[0]?.closed === true)
  assert.equal(await count(), 1, 'after its end')
})

test('clients cannot add series with paths, methods, ids, agencies or headers', async (t) => {
  const fixture = await cast({ env: { METRICS_TOKEN: token, RATE_LIMIT: 'off' } }, t)
  const { app, staff } = fixture
  const visit = async (text: string) => {
    await app.inject(`/${text}`)
    await app.inject(`/api/v1/bookings/${text}`)
    await app.inject({ method: 'PROPFIND' as 'GET', url: `/api/v1/${text}`, headers: { 'user-agent': text } })
    await app.inject({ method: 'DELETE', url: '/health' })
    await staff.get(`bookings/${text}?${text}=1`, { 'x-agency-id': text, 'x-request-id': text })
    await staff.get(`bookings/${crypto.randomUUID()}`)
  }
  await visit('first')
  await read(fixture)
  const before = seriesOf(await read(fixture))
  for (const n of Array(20).keys()) await visit(`other-${n}`)
  assert.deepEqual(seriesOf(await read(fixture)), before)
})

test('pool, breaker, limiter, refusals, replays, jobs, sealing and heartbeat have metrics', async (t) => {
  const fixture = await cast({ env: { METRICS_TOKEN: token, RATE_LIMIT: '1' } }, t)
  const { store, staff } = fixture
  await store.owner.query("insert into app.heartbeats values ('worker', now() - interval '100 seconds')")
  const before = await read(fixture)
  await staff.get('properties')
  assert.equal((await staff.get('properties')).status, 429)
  countRefusal('property_queue')
  countJob('holds.expire', 'failed', performance.now())
  const text = await read(fixture)
  const added = (sample: string) => sampleOf(text, sample) - (sampleOf(before, sample) || 0)
  assert.equal(added('roost_refusals_total{reason="rate_limit_user"}'), 1)
  assert.equal(added('roost_refusals_total{reason="property_queue"}'), 1)
  assert.equal(added('roost_jobs_total{job="holds.expire",result="failed"}'), 1)
  assert.equal(sampleOf(text, 'roost_database_breaker_open'), 0)
  assert.ok(sampleOf(text, 'roost_database_pool_size') >= 1)
  assert.equal(sampleOf(text, 'roost_tenant_limiter_waiting'), 0)
  assert.ok(sampleOf(text, 'roost_worker_heartbeat_age_seconds') >= 100)
  assert.match(text, /^# TYPE roost_audit_sealing_lag_seconds gauge/m)
  for (const name of ['waiting', 'oldest_waiting_seconds', 'failed'])
    assert.equal(sampleOf(text, `roost_mail_${name}`), 0)
  assert.ok(!text.includes('NaN'))
})

test('repeated responses are counted', async (t) => {
  const fixture = await cast({ env: { METRICS_TOKEN: token } }, t)
  const before = sampleOf(await read(fixture), 'roost_idempotency_replays_total')
  const property = { name: 'Villa', property_type: 'villa', max_guests: 2 }
  for (let n = 0; n < 3; n += 1) {
    const { status } = await fixture.admin.post('properties', property, { 'idempotency-key': 'villa' })
    assert.equal(status, 201)
  }
  assert.equal(sampleOf(await read(fixture), 'roost_idempotency_replays_total') - before, 2)
})

test('a port of its own serves /metrics only, also while the database is down', async (t) => {
  const status = () => ({
    is_breaker_open: true,
    pool: { size: 1, open: 0, idle: 0, waiting: 0 },
    tenants_waiting: 0,
  })
  const metrics = createMetrics({ db: { status, systemRead: () => new Promise(() => {}) }, version: '1' })
  const server = await serveMetrics(metrics, { host: '127.0.0.1', port: 0, token })
  t.after(server.close)
  const url = `http://127.0.0.1:${server.port}`
  assert.equal((await fetch(`${url}/`)).status, 404)
  assert.equal((await fetch(`${url}/metrics`, { method: 'POST' })).status, 404)
  assert.equal((await fetch(`${url}/metrics`)).status, 401)
  const answer = await fetch(`${url}/metrics`, { headers: { authorization } })
  const text = await answer.text()
  assert.equal(sampleOf(text, 'roost_database_breaker_open'), 1)
  assert.ok(!/^roost_worker_heartbeat_age_seconds /m.test(text))
})

test('a short METRICS_TOKEN is refused', () => {
  assert.throws(() => parseConfig({ METRICS_TOKEN: 'short' }), /METRICS_TOKEN must be at least 16/)
})
