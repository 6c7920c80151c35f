// P1-08: the database and Redis fail under the running service and recover.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { percentile } from '../../src/commands/verify/overlap/statistics.ts'
import { until } from '../until.ts'
import { type Answer, openFaultFixture } from './fixture.ts'

const { address, database, redis, log, get } = await openFaultFixture(60_000)
const properties = '/api/v1/properties'

function reportTimes(context: TestContext, what: string, times: readonly number[]): void {
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)].map((ms) => ms.toFixed(1))
  context.diagnostic(`${what}: ${times.length} requests, p50 ${p50} ms, p99 ${p99} ms`)
}

function assertUnavailable(answer: Answer): void {
  assert.equal(answer.status, 503, JSON.stringify(answer.body))
  assert.equal(answer.body.error.code, 'DB_UNAVAILABLE')
  assert.match(answer.headers.get('retry-after') ?? '', /^[1-5]$/)
}

const isReady = async () => (await get('/health/ready')).status === 200

test('with the database and Redis up the service is ready and healthy', async () => {
  assert.equal((await get(properties)).status, 200)
  await until(isReady)
})

test('database down: 503 with Retry-After, live stays 200, recovery without restart', async (t) => {
  await database.refuse()
  const closing: Answer[] = []
  await until(async () => {
    closing.push(await get(properties))
    return closing.length >= 5
  })
  for (const answer of closing) assertUnavailable(answer)
  reportTimes(
    t,
    'while the breaker opens',
    closing.map(({ ms }) => ms),
  )
  const open: Answer[] = []
  for (let n = 0; n < 200; n += 1) open.push(await get(properties))
  for (const answer of open) assertUnavailable(answer)
  reportTimes(
    t,
    'once it is open',
    open.map(({ ms }) => ms),
  )
  assert.equal((await get('/health/live')).status, 200)
  await until(async () => !(await isReady()))
  const health = await get('/health')
  assert.equal(health.status, 503)
  assert.equal(health.body.status, 'unavailable')
  assert.equal(health.body.checks.db, 'error')
  assert.equal(health.body.error.code, 'DB_UNAVAILABLE')
  assert.ok(health.headers.get('retry-after'))
  const head = await fetch(`${address}/health`, { method: 'HEAD' })
  assert.equal(head.status, 503)

  await database.resume()
  const back_ms = await until(async () => (await get(properties)).status === 200)
  const ready_ms = await until(isReady)
  t.diagnostic(`back after ${back_ms.toFixed(0)} ms, ready ${ready_ms.toFixed(0)} ms later, without a restart`)
  assert.ok(log.lines.some(({ msg }) => msg.includes('responds again')))
})

test('after every connection is reset, requests get at most a 503 and the next ones succeed', async () => {
  await Promise.all(Array.from({ length: 20 }, () => get(properties)))
  const dropped = database.drop()
  assert.ok(dropped > 0, 'the fault occurred')
  const answers = await Promise.all(Array.from({ length: 20 }, () => get(properties)))
  for (const { status } of answers) assert.ok(status === 200 || status === 503, String(status))
  await until(async () => (await get(properties)).status === 200)
})

test('database frozen: requests fail fast with 503, and the service recovers', async (t) => {
  await Promise.all(Array.from({ length: 60 }, () => get(properties)))
  t.after(() => database.resume())
  database.pause()
  let waiting = 30
  const ask = () =>
    get(properties).finally(() => {
      waiting -= 1
    })
  const frozen = Promise.all(Array.from({ length: 30 }, ask))
  // Requests that wait for a connection get POOL_EXHAUSTED.
  const open_ms = await until(async () => (await get(properties)).body.error.code === 'DB_UNAVAILABLE')
  t.diagnostic(`refused at once after ${open_ms.toFixed(0)} ms`)
  assert.ok(waiting > 0, 'requests wait on frozen connections')
  const answers = await frozen
  const times = answers.map(({ ms }) => ms)
  reportTimes(t, 'frozen', times)
  for (const { status } of answers) assert.equal(status, 503)
  assert.equal((await get('/health/live')).status, 200)
  await database.resume()
  const back_ms = await until(async () => (await get(properties)).status === 200)
  t.diagnostic(`back after ${back_ms.toFixed(0)} ms`)
})

test('Redis killed: one warning, no failed request, health is degraded with 200', async (t) => {
  const before = log.warnings().length
  await redis.kill()
  const answers: Answer[] = []
  for (let n = 0; n < 200; n += 1) answers.push(await get(properties))
  assert.deepEqual(
    answers.filter(({ status }) => status !== 200),
    [],
  )
  reportTimes(
    t,
    'Redis dead',
    answers.map(({ ms }) => ms),
  )
  await until(async () => (await get('/health')).body.checks.redis === 'error')
  const health = await get('/health')
  assert.deepEqual([health.status, health.body.status], [200, 'degraded'])
  assert.equal((await get('/health/ready')).status, 200)
  // The warning comes with the next connection attempt, which 200 quick requests can precede.
  await until(() => log.warnings().length > before)
  const warnings = log.warnings().slice(before)
  assert.equal(warnings.length, 1, warnings.join('\n'))
  await redis.start()
  await until(async () => (await get('/health')).body.checks.redis === 'ok')
})

test('Redis frozen: no failed request', async (t) => {
  await redis.freeze()
  const answers = await Promise.all(Array.from({ length: 100 }, () => get(properties)))
  redis.thaw()
  assert.deepEqual(
    answers.filter(({ status }) => status !== 200),
    [],
  )
  reportTimes(
    t,
    'Redis frozen, 100 at once',
    answers.map(({ ms }) => ms),
  )
})
