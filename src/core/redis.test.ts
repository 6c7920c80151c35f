// Proves the connection to Redis: dead, frozen and full are noticed at once, told once, and over when they are over.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { isMissing, type RedisServer, startRedisServer, until } from '../../test/redis-server.ts'
import { createLog } from './log.ts'
import { createRedis } from './redis.ts'

const run = promisify(execFile)

/** A log and what was written to it, as level and text. */
function recordingLog() {
  const lines: { level: number; msg: string; error?: string }[] = []
  const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line)) })
  const texts = (level: number) => lines.filter((line) => line.level === level).map(({ msg }) => msg)
  return { log, lines, warnings: () => texts(40), infos: () => texts(30) }
}

const told = 'Redis does not answer; requests are counted per process'
const over = 'Redis answers again'

test('without a URL Redis is disabled, and that is no warning', async () => {
  const { log, lines } = recordingLog()
  const redis = createRedis(undefined, log)
  assert.equal(redis.client, undefined)
  assert.equal(await redis.status(), 'disabled')
  await redis.close()
  assert.deepEqual(lines, [])
})

test('a server that cannot be reached at start is told once, without the password', async () => {
  const { log, lines, warnings } = recordingLog()
  const redis = createRedis('redis://user:geheim@127.0.0.1:1', log)
  let attempts = 0
  redis.client?.on('reconnecting', () => {
    attempts += 1
  })
  assert.equal(await redis.status(), 'error')
  await until(() => attempts >= 3, 5000)
  assert.deepEqual(warnings(), [told])
  assert.match(lines[0]?.error ?? '', /ECONNREFUSED/)
  assert.equal(JSON.stringify(lines).includes('geheim'), false)
  await redis.close()
})

const leaving = `
  import { createLog } from './log.ts'
  import { createRedis } from './redis.ts'
  const redis = createRedis('redis://127.0.0.1:1', createLog('silent'))
  redis.client.on(process.argv[1], async () => {
    await redis.close()
    console.log(await redis.status())
  })`
for (const state of ['connecting', 'close', 'reconnecting']) {
  test(`a connection closed while ${state} keeps no process alive`, async () => {
    const child = { cwd: import.meta.dirname, timeout: 5000 }
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', leaving, state], child)
    assert.equal(stdout, 'error\n')
  })
}

test('with a server of its own', { skip: isMissing }, async (t) => {
  let server: RedisServer
  t.before(async () => {
    server = await startRedisServer()
  })
  t.after(() => server.stop())

  /** Connected, with everything that is asserted of one outage. */
  async function connected() {
    const recorded = recordingLog()
    const redis = createRedis(server.url, recorded.log)
    assert.equal(await redis.status(), 'ok')
    const { client } = redis
    assert.ok(client)
    return { ...recorded, redis, client }
  }

  async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
    const started = performance.now()
    return { result: await work(), ms: performance.now() - started }
  }

  await t.test('killed: an error in under 100 ms, one warning however often it is tried, and well again', async () => {
    const { redis, client, warnings, infos } = await connected()
    let attempts = 0
    client.on('reconnecting', () => {
      attempts += 1
    })
    await server.kill()
    const { result, ms } = await timed(redis.status)
    assert.equal(result, 'error')
    assert.ok(ms < 100, `${ms} ms`)
    await assert.rejects(client.get('anything'))
    await until(() => attempts >= 3, 5000)
    assert.equal(await redis.status(), 'error')
    assert.deepEqual([warnings(), infos()], [[told], []])
    await server.start()
    await until(async () => (await redis.status()) === 'ok', 5000)
    assert.deepEqual([warnings(), infos()], [[told], [over]])
    await redis.close()
  })

  await t.test('frozen: an error in under 200 ms, then commands fail at once; thawed: well again', async () => {
    const { redis, client, warnings, infos } = await connected()
    await server.freeze()
    const { result, ms } = await timed(redis.status)
    assert.equal(result, 'error')
    assert.ok(ms < 200, `${ms} ms`)
    await until(() => client.status !== 'ready', 1000)
    for (let i = 0; i < 20; i++) {
      const refused = await timed(() => client.get('anything').catch(() => 'refused'))
      assert.equal(refused.result, 'refused')
      assert.ok(refused.ms < 20, `${refused.ms} ms`)
    }
    assert.deepEqual(warnings(), [told])
    server.thaw()
    await until(async () => (await redis.status()) === 'ok', 5000)
    assert.deepEqual([warnings(), infos()], [[told], [over]])
    await redis.close()
  })

  await t.test('full: answers PING but takes no write, so it is an error, told once', async () => {
    const { redis, warnings, infos } = await connected()
    assert.match(await server.ask('config', 'set', 'maxmemory', '1'), /OK/)
    assert.match(await server.ask('ping'), /PONG/)
    assert.deepEqual([await redis.status(), await redis.status()], ['error', 'error'])
    assert.match(await server.ask('config', 'set', 'maxmemory', '0'), /OK/)
    assert.equal(await redis.status(), 'ok')
    assert.deepEqual([warnings(), infos()], [[told], [over]])
    await redis.close()
  })

  await t.test('closing a connection to a frozen server takes no longer than its budget', async () => {
    const { redis, warnings } = await connected()
    await server.freeze()
    const { ms } = await timed(redis.close)
    assert.ok(ms < 300, `${ms} ms`)
    assert.deepEqual(warnings(), [])
    server.thaw()
  })
})
