// Redis outages: a killed, frozen or full server is detected, logged once, and recovers.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { recordingLog } from '../../test/recording-log.ts'
import { isMissing, type RedisServer, startRedisServer } from '../../test/redis-server.ts'
import { until } from '../../test/until.ts'
import { createRedis } from './redis.ts'

const outage_text = 'Redis does not answer; requests are counted per process'
const recovery_text = 'Redis answers again'

test('with a Redis server', { skip: isMissing }, async (t) => {
  let server: RedisServer
  t.before(async () => {
    server = await startRedisServer()
  })
  t.after(() => server.stop())

  /** A connection with a recorded log. */
  async function connected(t: TestContext) {
    const recorded = recordingLog()
    const redis = createRedis(server.url, recorded.log)
    t.after(() => redis.close())
    await until(async () => (await redis.status()) === 'ok')
    const { client } = redis
    assert.ok(client)
    return { ...recorded, redis, client }
  }

  await t.test('killed: status error, one warning for all attempts, then ok again', async (t) => {
    const { redis, client, warnings, infos } = await connected(t)
    let attempts = 0
    client.on('reconnecting', () => {
      attempts += 1
    })
    await server.kill()
    assert.equal(await redis.status(), 'error')
    await assert.rejects(client.get('anything'))
    await until(() => attempts >= 3)
    assert.equal(await redis.status(), 'error')
    assert.deepEqual([warnings(), infos()], [[outage_text], []])
    await server.start()
    await until(async () => (await redis.status()) === 'ok')
    assert.deepEqual([warnings(), infos()], [[outage_text], [recovery_text]])
  })

  await t.test('frozen: status error, and commands fail at once; resumed: ok again', async (t) => {
    const { redis, client, warnings, infos } = await connected(t)
    await server.freeze()
    t.after(() => server.thaw())
    assert.equal(await redis.status(), 'error')
    await until(() => client.status !== 'ready')
    for (let i = 0; i < 20; i++) {
      const refused = client.get('anything').catch(() => 'refused')
      assert.equal(await Promise.race([refused, nextTurn('in the next turn of the event loop')]), 'refused')
    }
    assert.deepEqual(warnings(), [outage_text])
    server.thaw()
    await until(async () => (await redis.status()) === 'ok')
    assert.deepEqual([warnings(), infos()], [[outage_text], [recovery_text]])
  })

  await t.test('full: a server that refuses writes has status error, logged once', async (t) => {
    const { redis, warnings, infos } = await connected(t)
    assert.match(await server.ask('config', 'set', 'maxmemory', '1'), /OK/)
    assert.match(await server.ask('ping'), /PONG/)
    assert.deepEqual([await redis.status(), await redis.status()], ['error', 'error'])
    assert.match(await server.ask('config', 'set', 'maxmemory', '0'), /OK/)
    assert.equal(await redis.status(), 'ok')
    assert.deepEqual([warnings(), infos()], [[outage_text], [recovery_text]])
  })

  await t.test('a connection to a frozen server can be closed', async (t) => {
    const { redis, warnings } = await connected(t)
    await server.freeze()
    await redis.close()
    assert.deepEqual(warnings(), [])
    server.thaw()
  })
})
