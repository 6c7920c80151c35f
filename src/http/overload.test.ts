// Load shedding: when the process is overloaded, which requests are refused first, and recovery.
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import fastify from 'fastify'
import { blockEventLoop } from '../../proof/contract/block-event-loop.ts'
import { castProperties } from '../../test/cast.ts'
import { openTestStore } from '../../test/engines.ts'
import { cast } from '../../test/harness.ts'
import { readReadiness } from '../../test/readiness.ts'
import { recordingLog } from '../../test/recording-log.ts'
import { until } from '../../test/until.ts'
import { parseConfig } from '../config.ts'
import { createLog } from '../core/log.ts'
import { installErrors } from './error-envelope.ts'
import { installLoadShedding, loopDelayLimit, watchEventLoop } from './overload.ts'

/** An event loop with a manual clock and a limit of 200 ms. */
function createLoop(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const clock = { ms: 0 }
  const seen: boolean[] = []
  const watch = watchEventLoop({
    limit_ms: 200,
    now: () => clock.ms,
    onChange: (is_overloaded) => seen.push(is_overloaded),
  })
  t.after(() => watch.stop())
  const turn = (ms: number, times = 1) => {
    for (let n = 0; n < times; n += 1) {
      clock.ms += ms
      t.mock.timers.tick(20)
    }
  }
  return { watch, clock, seen, turn }
}

test('one or two long tasks are no overload', (t) => {
  const { watch, turn, seen, clock } = createLoop(t)
  for (const ms of [20, 3000, 20, 2000, 2000, 20]) {
    turn(ms)
    assert.equal(watch.delay(), 0, `${ms} ms`)
  }
  clock.ms += 5000
  assert.equal(watch.delay(), 0, 'during a fourth long task')
  assert.deepEqual(seen, [])
})

test('delays of less than half a second are no overload', (t) => {
  const { watch, turn, seen } = createLoop(t)
  turn(130, 3)
  assert.equal(watch.delay(), 0)
  turn(20)
  turn(119, 20)
  assert.equal(watch.delay(), 0, 'a delay below half of the limit does not count')
  assert.deepEqual(seen, [])
})

test('three late turns within half a second are an overload; then the current turn counts too', (t) => {
  const { watch, clock, turn, seen } = createLoop(t)
  turn(220, 3)
  assert.deepEqual([watch.delay(), seen], [200, [true]])
  clock.ms += 320
  assert.equal(watch.delay(), 300, 'the current turn is longer than the last one')
})

test('requests are accepted after the first turn in time; the overload ends after a second', (t) => {
  const { watch, clock, turn, seen } = createLoop(t)
  turn(300, 3)
  turn(20)
  assert.equal(watch.delay(), 0)
  turn(20, 10)
  clock.ms += 320
  assert.equal(watch.delay(), 300, 'still overloaded')
  turn(0)
  turn(20, 49)
  assert.deepEqual(seen, [true])
  turn(20, 2)
  assert.deepEqual(seen, [true, false])
  clock.ms += 2000
  assert.equal(watch.delay(), 0)
})

const silent = createLog('silent')

/** A server with a given delay and queue status, one route of each kind and a limit of 200 ms. */
async function createServer(t: TestContext) {
  const load = { delay: 0, queue: { waiting: 0, wait_ms: 0 } }
  const app = fastify()
  installErrors(app)
  installLoadShedding(app, {
    limit_ms: 200,
    queueStatus: () => load.queue,
    log: silent,
    watchWith: () => ({ delay: () => load.delay, stop: () => {} }),
  })
  const schema = { querystring: { type: 'object', properties: { limit: { type: 'string' } } } }
  for (const url of ['/health', '/health/live', '/health/ready', '/things/:id', '/healthy'])
    app.get(url, async () => 'ok')
  app.get('/things', { schema }, async () => 'ok')
  app.get('/things/:id/export', async () => 'ok')
  app.post('/things', async () => 'ok')
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.after(() => app.close())
  return { app, load }
}

const key = { 'idempotency-key': 'one' }
const kinds = {
  'a probe': { method: 'GET', url: '/health/live' },
  'a mutation with a key': { method: 'POST', url: '/things', headers: key },
  'a mutation without a key': { method: 'POST', url: '/things' },
  'a read': { method: 'GET', url: '/things/1' },
  'a read that looks like a probe': { method: 'GET', url: '/healthy' },
  'a read with a key': { method: 'GET', url: '/things/1', headers: key },
  'an unknown route': { method: 'GET', url: '/nowhere' },
  'a list': { method: 'GET', url: '/things?limit=1' },
  'the head of a list': { method: 'HEAD', url: '/things' },
  'an export': { method: 'GET', url: '/things/1/export' },
} as const
const lists = ['a list', 'the head of a list', 'an export']
const accepted: Readonly<Record<string, readonly string[]>> = {
  100: Object.keys(kinds),
  101: Object.keys(kinds).filter((kind) => !lists.includes(kind)),
  200: Object.keys(kinds).filter((kind) => !lists.includes(kind)),
  201: ['a probe', 'a mutation with a key'],
  400: ['a probe', 'a mutation with a key'],
  401: ['a probe'],
  60000: ['a probe'],
}

test('with a long database queue lists are refused first, then reads, never mutations or probes', async (t) => {
  const { app, load } = await createServer(t)
  const changes = ['a mutation with a key', 'a mutation without a key']
  const others = Object.keys(kinds).filter((kind) => !lists.includes(kind))
  const all = Object.keys(kinds)
  for (const [waiting, wait_ms, expected] of [
    [100, Number.POSITIVE_INFINITY, all],
    [5000, 250, all],
    [101, 251, others],
    [200, Number.POSITIVE_INFINITY, others],
    [5000, 500, others],
    [201, 501, ['a probe', ...changes]],
  ] as const) {
    load.queue = { waiting, wait_ms }
    const statuses = await Promise.all(
      Object.entries(kinds).map(async ([kind, request]) => ({ kind, status: (await app.inject(request)).statusCode })),
    )
    const through = statuses.filter(({ status }) => status !== 503).map(({ kind }) => kind)
    assert.deepEqual(through, expected, `${waiting} wait, for ${wait_ms} ms`)
  }
})

test('a list waits for 200 ms when the queue is long and is accepted if it has become short', async (t) => {
  const { app, load } = await createServer(t)
  const seen: number[] = []
  const long = { waiting: 101, wait_ms: 251 }
  Object.defineProperty(load, 'queue', {
    get() {
      seen.push(performance.now())
      return seen.length === 1 ? long : { waiting: 100, wait_ms: 251 }
    },
  })
  assert.equal((await app.inject(kinds['a list'])).statusCode, 200)
  const [first = 0, second = 0] = seen
  assert.ok(seen.length === 2 && second - first >= 199, `${seen}`)
})

test('routes with query parameters are lists, routes for one record are not', async (t) => {
  const store = await openTestStore()
  const db = { ...store.db, queueStatus: () => ({ waiting: 150, wait_ms: 300 }) }
  const { app, manager } = await cast({ store: { ...store, db }, env: { MAX_LOOP_DELAY: '200' } }, t)
  const statusOf = async (path: string) => (await manager.get(path)).status
  for (const path of ['properties', 'bookings?limit=1', 'availability/overview?from=2030-01-01&to=2030-01-02']) {
    assert.equal(await statusOf(path), 503, path)
  }
  for (const path of [`properties/${castProperties.lake.id}`, 'me']) assert.equal(await statusOf(path), 200, path)
  assert.equal((await readReadiness(app)).status, 200)
})

test('lists are refused first, then reads, mutations with a key last, and probes never', async (t) => {
  const { app, load } = await createServer(t)
  for (const [delay, expected] of Object.entries(accepted)) {
    load.delay = Number(delay)
    const replies = await Promise.all(
      Object.entries(kinds).map(async ([kind, request]) => ({ kind, reply: await app.inject(request) })),
    )
    const through = replies.filter(({ reply }) => reply.statusCode !== 503)
    assert.deepEqual(
      through.map(({ kind }) => kind),
      expected,
      `${delay} ms`,
    )
    for (const { kind, reply } of replies.filter(({ reply }) => reply.statusCode === 503)) {
      assert.equal(reply.headers['retry-after'], '1', kind)
      if (!kind.startsWith('the head')) assert.equal(reply.json().error.code, 'OVERLOADED', kind)
    }
  }
})

test('an overloaded process refuses requests, answers probes, and recovers', async (t) => {
  const { log, lines } = recordingLog()
  const { app } = await cast({ env: { MAX_LOOP_DELAY: '20' }, log }, t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const status = async (path: string) => (await fetch(`${address}${path}`)).status
  // On a busy machine the loop can be late before it is blocked.
  await until(async () => (await status('/api/v1/me')) === 401)
  await blockEventLoop(60, async () => {
    await until(async () => (await status('/api/v1/me')) === 503)
    for (let n = 0; n < 5; n += 1) {
      assert.deepEqual([await status('/api/v1/me'), await status('/health/live')], [503, 200])
    }
  })
  await until(async () => (await status('/api/v1/me')) === 401)
  const countLines = (text: string) => lines.filter(({ msg }) => msg.startsWith(text)).length
  assert.ok(countLines('the event loop lags') >= 1)
  assert.equal(countLines('request refused'), 0, 'no log line for each refusal')
})

test('the default limit is 200 ms with a database server, off with the embedded database', () => {
  const DATABASE_URL = 'postgres://roost@127.0.0.1/roost'
  const limitOf = (env: Record<string, string>) => loopDelayLimit(parseConfig(env))
  assert.deepEqual([limitOf({ DATABASE_URL }), limitOf({})], [200, 'off'])
  assert.deepEqual([limitOf({ DATABASE_URL, MAX_LOOP_DELAY: 'off' }), limitOf({ MAX_LOOP_DELAY: '50' })], ['off', 50])
})
