// The Redis client without a server: disabled, or logged once and retried until it is closed.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { recordingLog } from '../../test/recording-log.ts'
import { until } from '../../test/until.ts'
import { createRedis } from './redis.ts'

const run = promisify(execFile)

const outage_text = 'Redis does not answer; requests are counted per process'

test('without a URL Redis is disabled and nothing is logged', async () => {
  const { log, lines } = recordingLog()
  const redis = createRedis(undefined, log)
  assert.equal(redis.client, undefined)
  assert.equal(await redis.status(), 'disabled')
  await redis.close()
  assert.deepEqual(lines, [])
})

test('a server that cannot be reached at start is logged once, without the password', async (t) => {
  const { log, lines, warnings } = recordingLog()
  const redis = createRedis('redis://user:geheim@127.0.0.1:1', log)
  t.after(() => redis.close())
  let attempts = 0
  redis.client?.on('reconnecting', () => {
    attempts += 1
  })
  assert.equal(await redis.status(), 'error')
  await until(() => attempts >= 3)
  assert.deepEqual(warnings(), [outage_text])
  assert.match(String(lines[0]?.error), /ECONNREFUSED/)
  assert.equal(JSON.stringify(lines).includes('geheim'), false)
})

const script = `
  import { createLog } from './log.ts'
  import { createRedis } from './redis.ts'
  const redis = createRedis('redis://127.0.0.1:1', createLog('silent'))
  redis.client.on(process.argv[1], async () => {
    await redis.close()
    console.log(await redis.status())
  })`
for (const state of ['connecting', 'close', 'reconnecting']) {
  test(`a connection closed while ${state} does not keep the process alive`, async () => {
    const child = { cwd: import.meta.dirname, timeout: 300_000 }
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script, state], child)
    assert.equal(stdout, 'error\n')
  })
}
