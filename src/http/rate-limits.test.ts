// Rate limits of one process: per address, user and account, with headers and uncount.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify from 'fastify'
import { recordingLog } from '../../test/recording-log.ts'
import { RateLimitedError } from '../core/errors.ts'
import { createLog } from '../core/log.ts'
import { installErrors } from './error-envelope.ts'
import { createRateLimits, networkOf, type RateLimits } from './rate-limits.ts'

const silent = createLog('silent')

function createLimits(per_minute: number | 'off'): RateLimits {
  return createRateLimits({ per_minute, redis: undefined, log: silent })
}

/** A server that counts like the API. The user is a query parameter. */
async function serve(limits: RateLimits) {
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

/** How many of the attempts are accepted before the first refusal. */
async function acceptedAttempts(
  limits: RateLimits,
  attempts: number,
  who: (i: number) => [account: string, address: string],
) {
  for (let i = 0; i < attempts; i++) {
    try {
      await limits.signIn(...who(i))
    } catch (error) {
      assert.ok(error instanceof RateLimitedError)
      return i
    }
  }
  return attempts
}

test('each response has the remaining requests of the user; a refusal has Retry-After', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] })
  const get = await serve(createLimits(3))
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

test('the limit of a user resets after a minute, and Retry-After is at least 1', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] })
  const get = await serve(createLimits(1))
  assert.equal((await get('/mine?as=anna')).statusCode, 200)
  t.mock.timers.tick(59_999)
  const refused = await get('/mine?as=anna')
  assert.deepEqual([refused.statusCode, refused.headers['retry-after']], [429, '1'])
  t.mock.timers.tick(1)
  assert.equal((await get('/mine?as=anna')).statusCode, 200)
})

test('an address has five times as many requests, for all routes together', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] })
  const get = await serve(createLimits(2))
  const urls = ['/open', '/mine?as=anna', '/nowhere', '/mine?as=ben', '/healthy']
  for (const url of [...urls, ...urls]) assert.notEqual((await get(url)).statusCode, 429)
  const refused = await get('/open')
  assert.equal(refused.statusCode, 429)
  assert.equal(refused.headers['ratelimit-policy'], '"address";q=10;w=60')
  assert.equal(refused.headers.ratelimit, '"address";r=0;t=60')
  assert.equal(refused.headers['retry-after'], '60')
  assert.equal((await get('/open', '192.0.2.2')).statusCode, 200)
})

test('health probes are not counted, the documentation is', async () => {
  const get = await serve(createLimits(1))
  for (let i = 0; i < 20; i++) {
    for (const url of ['/health', '/health/live']) assert.equal((await get(url)).statusCode, 200)
  }
  for (let i = 0; i < 5; i++) {
    assert.equal((await get(i % 2 === 0 ? '/docs' : '/docs/static/page.js')).statusCode, 200)
  }
  for (const url of ['/docs', '/docs/static/page.js']) assert.equal((await get(url)).statusCode, 429)
})

test('all addresses of an IPv6 /64 share one limit', async () => {
  const get = await serve(createLimits(1))
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

test('off disables all limits, also those of sign-in', async () => {
  const limits = createLimits('off')
  const get = await serve(limits)
  for (let i = 0; i < 50; i++) {
    const reply = await get('/mine?as=anna')
    assert.deepEqual([reply.statusCode, reply.headers.ratelimit], [200, undefined])
  }
  assert.equal(await acceptedAttempts(limits, 500, () => ['anna@alps.example', '192.0.2.1']), 500)
})

test('sign-in: ten attempts per account and address in 15 minutes', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] })
  const limits = createLimits(600)
  assert.equal(await acceptedAttempts(limits, 20, () => ['anna@alps.example', '192.0.2.1']), 10)
  const refused = { code: 'RATE_LIMITED', headers: { 'retry-after': '900' } }
  await assert.rejects(limits.signIn('anna@alps.example', '192.0.2.1'), refused)
  await limits.signIn('ben@alps.example', '192.0.2.1')
  await limits.signIn('anna@alps.example', '192.0.2.2')
  t.mock.timers.tick(900_000)
  await limits.signIn('anna@alps.example', '192.0.2.1')
})

test('sign-in: fifty attempts per address for all accounts', async () => {
  assert.equal(await acceptedAttempts(createLimits(600), 60, (i) => [`guest${i}@alps.example`, '192.0.2.1']), 50)
  assert.equal(await acceptedAttempts(createLimits(600), 60, (i) => [`guest${i}@alps.example`, `2001:db8::${i}`]), 50)
})

test('sign-in: a hundred attempts per account, at most ten from one address', async () => {
  const limits = createLimits(600)
  assert.equal(await acceptedAttempts(limits, 200, (i) => ['anna@alps.example', `192.0.2.${i}`]), 100)
  const others = createLimits(600)
  for (let i = 0; i < 40; i++) await others.signIn('ben@alps.example', '192.0.2.1').catch(() => {})
  assert.equal(await acceptedAttempts(others, 200, (i) => ['ben@alps.example', `198.51.100.${i}`]), 90)
})

test('sign-in: attempts from unknown networks do not use up the limits of known ones', async () => {
  const limits = createLimits(600)
  assert.equal(await acceptedAttempts(limits, 200, (i) => ['anna@alps.example', `192.0.2.${i}`]), 100)
  for (const from of ['known', 'proven'] as const) {
    for (let i = 0; i < 100; i++) await limits.signIn('anna@alps.example', `198.51.100.${i}`, from)
    await assert.rejects(limits.signIn('anna@alps.example', '198.51.100.101', from), RateLimitedError)
  }
})

test('sign-in: a correct password uncounts only its own attempt', async () => {
  const limits = createLimits(600)
  for (let i = 0; i < 300; i++) await (await limits.signIn('anna@alps.example', '192.0.2.1')).uncount()
  assert.equal(await acceptedAttempts(limits, 20, () => ['anna@alps.example', '192.0.2.1']), 10)
  const own = createLimits(600)
  for (let i = 0; i < 9; i++) await own.signIn('anna@alps.example', '192.0.2.1')
  await (await own.signIn('anna@alps.example', '192.0.2.1')).uncount()
  assert.equal(await acceptedAttempts(own, 20, () => ['anna@alps.example', '192.0.2.1']), 1)
})

test('sign-in: an account over its limit is logged once per window, without its name', async () => {
  const { log, lines } = recordingLog()
  const limits = createRateLimits({ per_minute: 600, redis: undefined, log })
  for (let i = 0; i < 40; i++) await limits.signIn('anna@alps.example', '192.0.2.1').catch(() => {})
  assert.equal(lines.length, 1)
  const [line] = lines
  assert.deepEqual([line?.msg, line?.limit, line?.network], ['sign-in limit reached', 'sign-in-pair', '192.0.2.1'])
  assert.equal(JSON.stringify(lines).includes('anna'), false)
})
