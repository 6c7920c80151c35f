// Rate limits with Redis: shared between processes, and counted in memory during outages.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { FastifyReply } from 'fastify'
import { isMissing, type RedisServer, startRedisServer } from '../../test/redis-server.ts'
import { until } from '../../test/until.ts'
import { RateLimitedError } from '../core/errors.ts'
import { createLog } from '../core/log.ts'
import { createRedis, type Redis } from '../core/redis.ts'
import { createRateLimits, type RateLimits } from './rate-limits.ts'

const silent = createLog('silent')
const reply = { header: () => reply } as unknown as FastifyReply

/** How many of the concurrent requests of a user are accepted. Throws for other errors than refusals. */
async function countAccepted(limits: RateLimits, user_id: string, requests: number): Promise<number> {
  const all = await Promise.allSettled(Array.from({ length: requests }, () => limits.user(user_id, reply)))
  for (const one of all) {
    if (one.status === 'rejected' && !(one.reason instanceof RateLimitedError)) throw one.reason
  }
  return all.filter(({ status }) => status === 'fulfilled').length
}

/** Long command timeouts, so that a busy machine does not cause in-memory counting. */
function useLongTimeouts({ client }: Redis): void {
  if (client !== undefined) Object.assign(client.options, { commandTimeout: 60_000, socketTimeout: 60_000 })
}

/** The timeouts of the service. */
function useServiceTimeouts({ client }: Redis): void {
  if (client !== undefined) Object.assign(client.options, { commandTimeout: 50, socketTimeout: 200 })
}

test('with a Redis server', { skip: isMissing }, async (t) => {
  let server: RedisServer
  t.before(async () => {
    server = await startRedisServer()
  })
  t.after(() => server.stop())

  /** The rate limits of one process with their Redis connection. */
  async function start(t: TestContext, per_minute = 20) {
    const redis = createRedis(server.url, silent)
    t.after(() => redis.close())
    await until(async () => (await redis.status()) === 'ok')
    useLongTimeouts(redis)
    return { ...createRateLimits({ per_minute, redis: redis.client, log: silent }), redis }
  }

  await t.test('two processes share their counts', async (t) => {
    const [one, two] = [await start(t), await start(t)]
    const passed = await Promise.all([countAccepted(one, 'anna', 30), countAccepted(two, 'anna', 30)])
    assert.equal(passed[0] + passed[1], 20)
  })

  await t.test('a sign-in attempt is counted and uncounted for all processes', async (t) => {
    const [one, two] = [await start(t), await start(t)]
    for (let i = 0; i < 30; i++) await (await one.signIn('ben@alps.example', '192.0.2.1')).uncount()
    for (let i = 0; i < 10; i++) await two.signIn('ben@alps.example', '192.0.2.1')
    await assert.rejects(one.signIn('ben@alps.example', '192.0.2.1'), RateLimitedError)
  })

  await t.test('keys in Redis have a prefix and a TTL and contain no account names', async (t) => {
    const one = await start(t)
    await one.user('0190163d-8694-739b-aea5-966c26f8ad91', reply)
    await one.signIn('carla@alps.example', '192.0.2.1')
    const keys = (await one.redis.client?.keys('*')) ?? []
    assert.ok(keys.length >= 4)
    for (const key of keys) {
      assert.match(key, /^roost:(probe|user|sign-in-(address|pair|account))/)
      assert.doesNotMatch(key, /@|carla/)
      const ttl = (await one.redis.client?.ttl(key)) ?? -1
      assert.ok(ttl > 0 && ttl <= 900, `${key} ends in ${ttl} s`)
    }
  })

  await t.test('killed: no request fails, and each process still limits', async (t) => {
    const one = await start(t)
    assert.equal(await countAccepted(one, 'dora', 5), 5)
    const racing = countAccepted(one, 'dora', 10)
    await server.kill()
    assert.ok((await racing) === 10)
    await until(() => one.redis.client?.status !== 'ready')
    const passed = 15 + (await countAccepted(one, 'dora', 60))
    assert.ok(passed >= 20 && passed <= 40, `${passed} of at most twice 20`)
    const attempt = await one.signIn('dora@alps.example', '192.0.2.1')
    await attempt.uncount()
    await server.start()
    await until(async () => (await one.redis.status()) === 'ok')
    useLongTimeouts(one.redis)
    assert.equal(await countAccepted(one, 'dora', 60), 20)
  })

  await t.test('frozen: no request fails or waits, and each process still limits', async (t) => {
    const one = await start(t)
    useServiceTimeouts(one.redis)
    await server.freeze()
    assert.equal(await countAccepted(one, 'emil', 60), 20)
    await until(() => one.redis.client?.status !== 'ready')
    for (let i = 0; i < 20; i++) await one.signIn(`guest${i}@alps.example`, '192.0.2.9')
    assert.notEqual(one.redis.client?.status, 'ready', 'Redis is still frozen')
    server.thaw()
    await until(async () => (await one.redis.status()) === 'ok')
  })

  await t.test('full, or with a key of another type: no request fails, and each process still limits', async (t) => {
    const one = await start(t)
    assert.match(await server.ask('rpush', 'roost:user:finn', 'garbage'), /:1/)
    assert.equal(await countAccepted(one, 'finn', 60), 20)
    assert.match(await server.ask('config', 'set', 'maxmemory', '1'), /OK/)
    assert.equal(await one.redis.status(), 'error')
    assert.equal(await countAccepted(one, 'greta', 60), 20)
    assert.match(await server.ask('config', 'set', 'maxmemory', '0'), /OK/)
  })
})
