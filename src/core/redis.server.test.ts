// Proves the connection to a Redis that dies, freezes or fills up: noticed at once, told once, and over when it is over.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { recordingLog } from '../../test/recording-log.ts'
import { isMissing, type RedisServer, startRedisServer } from '../../test/redis-server.ts'
import { timed } from '../../test/stopwatch.ts'
import { until } from '../../test/until.ts'
import { createRedis } from './redis.ts'

const told = 'Redis does not answer; requests are counted per process'
const over = 'Redis answers again'

test('with a server of its own', { skip: isMissing }, async (t) => {
  let server: RedisServer
  t.before(async () => {
    server = await startRedisServer()
  })
  t.after(() => server.stop())

  /** Connected, with everything that is asserted of one outage. */
  async function connected(t: TestContext) {
    const recorded = recordingLog()
    const redis = createRedis(server.url, recorded.log)
    t.after(() => redis.close())
    assert.equal(await redis.status(), 'ok')
    const { client } = redis
    assert.ok(client)
    return { ...recorded, redis, client }
  }

  await t.test('killed: an error in under 100 ms, one warning however often it is tried, and well again', async (t) => {
    const { redis, client, warnings, infos } = await connected(t)
    let attempts = 0
    client.on('reconnecting', () => {
      attempts += 1
    })
    await server.kill()
    const { result, own_ms } = await timed(redis.status)
    assert.equal(result, 'error')
    assert.ok(own_ms < 100, `${own_ms} ms`)
    await assert.rejects(client.get('anything'))
    await until(() => attempts >= 3, 5000)
    assert.equal(await redis.status(), 'error')
    assert.deepEqual([warnings(), infos()], [[told], []])
    await server.start()
    await until(async () => (await redis.status()) === 'ok', 5000)
    assert.deepEqual([warnings(), infos()], [[told], [over]])
  })

  await t.test('frozen: an error in under 200 ms, then commands fail at once; thawed: well again', async (t) => {
    const { redis, client, warnings, infos } = await connected(t)
    await server.freeze()
    t.after(() => server.thaw())
    const { result, own_ms } = await timed(redis.status)
    assert.equal(result, 'error')
    assert.ok(own_ms < 200, `${own_ms} ms`)
    await until(() => client.status !== 'ready', 1000)
    // Beside a timer of the same loop: a machine that stands still delays both, and a command that waits comes second.
    for (let i = 0; i < 20; i++) {
      const refused = client.get('anything').catch(() => 'refused')
      assert.equal(await Promise.race([refused, delay(20, 'after 20 ms')]), 'refused')
    }
    assert.deepEqual(warnings(), [told])
    server.thaw()
    await until(async () => (await redis.status()) === 'ok', 5000)
    assert.deepEqual([warnings(), infos()], [[told], [over]])
  })

  await t.test('full: answers PING but takes no write, so it is an error, told once', async (t) => {
    const { redis, warnings, infos } = await connected(t)
    assert.match(await server.ask('config', 'set', 'maxmemory', '1'), /OK/)
    assert.match(await server.ask('ping'), /PONG/)
    assert.deepEqual([await redis.status(), await redis.status()], ['error', 'error'])
    assert.match(await server.ask('config', 'set', 'maxmemory', '0'), /OK/)
    assert.equal(await redis.status(), 'ok')
    assert.deepEqual([warnings(), infos()], [[told], [over]])
  })

  await t.test('closing a connection to a frozen server takes no longer than its budget', async (t) => {
    const { redis, warnings } = await connected(t)
    await server.freeze()
    const { own_ms } = await timed(redis.close)
    assert.ok(own_ms < 300, `${own_ms} ms`)
    assert.deepEqual(warnings(), [])
    server.thaw()
  })
})
