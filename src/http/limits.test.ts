// Proves the limits of one process: counted per address, user and account, told in headers, given back when right.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify from 'fastify'
import { recordingLog } from '../../test/recording-log.ts'
import { RateLimitedError } from '../core/errors.ts'
import { createLog } from '../core/log.ts'
import { installErrors } from './error-envelope.ts'
import { createLimits, type Limits, networkOf } from './limits.ts'

const silent = createLog('silent')

function limitsOf(per_minute: number | 'off'): Limits {
  return createLimits({ per_minute, redis: undefined, log: silent })
}

/** A server that counts as the API does; who asks is said in the query. */
async function serve(limits: Limits) {
  const app = fastify()
  installErrors(app)
  app.addHook('onRequest', (request, reply) => limits.address(request, reply))
  for (const url of ['/health', '/health/live', '/docs', '/docs/static/:file', '/healthy', '/open']) {
    app.get(url, async () => 'ok')
  }
  app.get<{ Querystring: { as: string } }>('/mine', async (request, reply) => {
    await limits.user(request.query.as, reply)
    return 'ok'
  })
  await app.ready()
  return (url: string, remoteAddress = '192.0.2.1') => app.inject({ url, remoteAddress })
}

/** How many of so many tries come through before the first is refused. */
async function triesOf(limits: Limits, tries: number, who: (i: number) => [account: string, address: string]) {
  for (let i = 0; i < tries; i++) {
    try {
      await limits.signIn(...who(i))
    } catch (error) {
      assert.ok(error instanceof RateLimitedError)
      return i
    }
  }
  return tries
}

test('each request of a user says what is left, and the one too many when to come back', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] })
  const get = await serve(limitsOf(3))
  for (const left of [2, 1, 0]) {
    const reply = await get('/mine?as=anna')
    assert.equal(reply.statusCode, 200)
    assert.equal(reply.headers['ratelimit-policy'], '"user";q=3;w=60')
    assert.equal(reply.headers.ratelimit, `"user";r=${left};t=60`)
    assert.equal(reply.headers['retry-after'], undefined)
  }
  const refused = await get('/mine?as=anna')
  assert.equal(refused.statusCode, 429)
  assert.equal(refused.json().error.code, 'RATE_LIMITED')
  assert.equal(refused.json().error.retryable, true)
  assert.equal(refused.headers['ratelimit-policy'], '"user";q=3;w=60')
  assert.equal(refused.headers.ratelimit, '"user";r=0;t=60')
  assert.equal(refused.headers['retry-after'], '60')
  assert.equal((await get('/mine?as=ben')).statusCode, 200)
})

test('after a minute a user may go on, and never has to wait for less than a second', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] })
  const get = await serve(limitsOf(1))
  assert.equal((await get('/mine?as=anna')).statusCode, 200)
  t.mock.timers.tick(59_999)
  const refused = await get('/mine?as=anna')
  assert.deepEqual([refused.statusCode, refused.headers['retry-after']], [429, '1'])
  t.mock.timers.tick(1)
  assert.equal((await get('/mine?as=anna')).statusCode, 200)
})

test('an address has five times as many, for whatever it asks, and is told when to come back', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] })
  const get = await serve(limitsOf(2))
  const urls = ['/open', '/mine?as=anna', '/nowhere', '/mine?as=ben', '/healthy']
  for (const url of [...urls, ...urls]) assert.notEqual((await get(url)).statusCode, 429)
  const refused = await get('/open')
  assert.equal(refused.statusCode, 429)
  assert.equal(refused.headers['ratelimit-policy'], '"address";q=10;w=60')
  assert.equal(refused.headers.ratelimit, '"address";r=0;t=60')
  assert.equal(refused.headers['retry-after'], '60')
  assert.equal((await get('/open', '192.0.2.2')).statusCode, 200)
})

test('health probes are never counted; the documentation is, like everything else', async () => {
  const get = await serve(limitsOf(1))
  for (let i = 0; i < 20; i++) {
    for (const url of ['/health', '/health/live']) assert.equal((await get(url)).statusCode, 200)
  }
  for (let i = 0; i < 5; i++) {
    assert.equal((await get(i % 2 === 0 ? '/docs' : '/docs/static/page.js')).statusCode, 200)
  }
  for (const url of ['/docs', '/docs/static/page.js']) assert.equal((await get(url)).statusCode, 429)
})

test('one IPv6 host has one address, however many it gives itself', async () => {
  const get = await serve(limitsOf(1))
  for (let i = 1; i <= 5; i++) assert.equal((await get('/open', `2001:db8:0:1::${i}`)).statusCode, 200)
  assert.equal((await get('/open', '2001:db8:0:1:ffff::1')).statusCode, 429)
  assert.equal((await get('/open', '2001:db8:0:2::1')).statusCode, 200)
})

const networks: Record<string, string> = {
  '192.0.2.1': '192.0.2.1',
  '::ffff:192.0.2.1': '192.0.2.1',
  '::1': '0:0:0:0::/64',
  '::': '0:0:0:0::/64',
  'fe80::1%eth0': 'fe80:0:0:0::/64',
  '2001:DB8::1': '2001:db8:0:0::/64',
  '2001:db8:1:2:3:4:5:6': '2001:db8:1:2::/64',
  '2001:db8:1:2:3::': '2001:db8:1:2::/64',
  '2001:0db8:0001::': '2001:db8:1:0::/64',
  unknown: 'unknown',
}
for (const [address, network] of Object.entries(networks)) {
  test(`the address ${address} counts as ${network}`, () => assert.equal(networkOf(address), network))
}

test('off limits nothing, not even sign-in', async () => {
  const limits = limitsOf('off')
  const get = await serve(limits)
  for (let i = 0; i < 50; i++) {
    const reply = await get('/mine?as=anna')
    assert.deepEqual([reply.statusCode, reply.headers.ratelimit], [200, undefined])
  }
  assert.equal(await triesOf(limits, 500, () => ['anna@alps.example', '192.0.2.1']), 500)
})

test('sign-in: ten tries per account and address, then a quarter of an hour of rest', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] })
  const limits = limitsOf(600)
  assert.equal(await triesOf(limits, 20, () => ['anna@alps.example', '192.0.2.1']), 10)
  const refused = { code: 'RATE_LIMITED', headers: { 'retry-after': '900' } }
  await assert.rejects(limits.signIn('anna@alps.example', '192.0.2.1'), refused)
  await limits.signIn('ben@alps.example', '192.0.2.1')
  await limits.signIn('anna@alps.example', '192.0.2.2')
  t.mock.timers.tick(900_000)
  await limits.signIn('anna@alps.example', '192.0.2.1')
})

test('sign-in: fifty tries per address, whatever the accounts', async () => {
  assert.equal(await triesOf(limitsOf(600), 60, (i) => [`guest${i}@alps.example`, '192.0.2.1']), 50)
  assert.equal(await triesOf(limitsOf(600), 60, (i) => [`guest${i}@alps.example`, `2001:db8::${i}`]), 50)
})

test('sign-in: a hundred tries per account, whatever the addresses, of which one address gets ten', async () => {
  const limits = limitsOf(600)
  assert.equal(await triesOf(limits, 200, (i) => ['anna@alps.example', `192.0.2.${i}`]), 100)
  const others = limitsOf(600)
  for (let i = 0; i < 40; i++) await others.signIn('ben@alps.example', '192.0.2.1').catch(() => {})
  assert.equal(await triesOf(others, 200, (i) => ['ben@alps.example', `198.51.100.${i}`]), 90)
})

test('sign-in: strangers use up an account for strangers only', async () => {
  const limits = limitsOf(600)
  assert.equal(await triesOf(limits, 200, (i) => ['anna@alps.example', `192.0.2.${i}`]), 100)
  for (const from of ['known', 'proven'] as const) {
    for (let i = 0; i < 100; i++) await limits.signIn('anna@alps.example', `198.51.100.${i}`, from)
    await assert.rejects(limits.signIn('anna@alps.example', '198.51.100.101', from), RateLimitedError)
  }
})

test('sign-in: a right password gives its try back, and only that one', async () => {
  const limits = limitsOf(600)
  for (let i = 0; i < 300; i++) await (await limits.signIn('anna@alps.example', '192.0.2.1')).forgive()
  assert.equal(await triesOf(limits, 20, () => ['anna@alps.example', '192.0.2.1']), 10)
  const own = limitsOf(600)
  for (let i = 0; i < 9; i++) await own.signIn('anna@alps.example', '192.0.2.1')
  await (await own.signIn('anna@alps.example', '192.0.2.1')).forgive()
  assert.equal(await triesOf(own, 20, () => ['anna@alps.example', '192.0.2.1']), 1)
})

test('sign-in: an account under attack is one log line per window, without its name', async () => {
  const { log, lines } = recordingLog()
  const limits = createLimits({ per_minute: 600, redis: undefined, log })
  for (let i = 0; i < 40; i++) await limits.signIn('anna@alps.example', '192.0.2.1').catch(() => {})
  assert.equal(lines.length, 1)
  const [line] = lines
  assert.deepEqual([line?.msg, line?.limit, line?.network], ['sign-in limit reached', 'sign-in-pair', '192.0.2.1'])
  assert.equal(JSON.stringify(lines).includes('anna'), false)
})
