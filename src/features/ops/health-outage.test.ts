// /health without a reachable database, in this process: the answers that load balancers and operators get.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { silent } from '../../../test/engines.ts'
import { unreachable } from '../../../test/outage.ts'
import { parseConfig } from '../../config.ts'
import { createRedis } from '../../core/redis.ts'
import { assemble } from '../../service.ts'
import { openStore } from '../../store.ts'

const config = parseConfig(unreachable)
const store = await openStore(config, silent)
const redis = createRedis(undefined, silent)
const { app } = await assemble(config, store, redis, silent)
after(() => Promise.all([app.close(), redis.close(), store.close()]))

test('/health answers 503 with the checks, an error and Retry-After', async () => {
  const reply = await app.inject('/health')
  assert.deepEqual([reply.statusCode, reply.headers['retry-after']], [503, '1'])
  const { error, ...report } = reply.json()
  assert.deepEqual(report, { status: 'unavailable', checks: { db: 'error', redis: 'disabled', worker: 'error' } })
  assert.equal(error.code, 'DB_UNAVAILABLE')
  assert.doesNotMatch(reply.payload, /ECONNREFUSED|127\.0\.0\.1/)
})

test('HEAD /health answers 503 without a body', async () => {
  const { statusCode, payload } = await app.inject({ method: 'HEAD', url: '/health' })
  assert.deepEqual([statusCode, payload], [503, ''])
})

test('/health/ready answers 503 DB_UNAVAILABLE, and /health/live 200', async () => {
  const ready = await app.inject('/health/ready')
  assert.deepEqual([ready.statusCode, ready.json().error.code], [503, 'DB_UNAVAILABLE'])
  const live = await app.inject('/health/live')
  assert.deepEqual([live.statusCode, live.json()], [200, { status: 'ok' }])
})
