// P1-10: /ops/env-sanity reports each failed component and never shows a value.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import sql from 'sql-template-tag'
import { openServerDatabase } from '../engines.ts'
import { secret } from '../harness.ts'
import { until } from '../until.ts'
import { openFaultFixture } from './fixture.ts'

/** With what a service should have, no variable is missing. */
const complete = {
  MIGRATION_DATABASE_URL: 'postgres://owner@127.0.0.1/roost',
  DEPLOYED_AT: '2027-03-01T08:00:00Z',
  PUBLIC_URL: 'https://roost.example.com',
  SMTP_URL: 'smtps://mail.example.com',
  MAIL_FROM: 'roost@example.com',
}
const { database, redis, env, get } = await openFaultFixture(0, complete)
const sanity = async () => (await get('/ops/env-sanity')).body
const heartbeat = sql`insert into app.heartbeats (name) values ('worker')
  on conflict (name) do update set beat_at = now()`

test('celery is starting without a worker; with its heartbeat all four checks and tenancy are ok', async () => {
  assert.equal((await sanity()).celery, 'starting')
  const direct = openServerDatabase(env.DATABASE_URL ?? '', 1)
  await direct.systemTx((tx) => tx.query(heartbeat))
  await direct.close()
  const expected = { db: 'ok', redis: 'ok', celery: 'ok', tenancy: 'ok', env: { ok: true, missing: [] } }
  await until(async () => isDeepStrictEqual(await sanity(), expected))
})

test('Redis killed: only redis is broken', async () => {
  await redis.kill()
  await until(async () => (await sanity()).redis === 'error')
  const expected = { db: 'ok', redis: 'error', celery: 'ok', tenancy: 'ok', env: { ok: true, missing: [] } }
  assert.deepEqual(await sanity(), expected)
  await redis.start()
  await until(async () => (await sanity()).redis === 'ok')
})

test('database refused: db is broken, and celery with it', async () => {
  await database.refuse()
  await until(async () => (await sanity()).db === 'error')
  assert.deepEqual((await sanity()).celery, 'error')
  await database.resume()
  await until(async () => (await sanity()).db === 'ok')
})

test('no response holds a value of the environment', async () => {
  const text = JSON.stringify(await sanity())
  for (const value of [secret, env.DATABASE_URL, env.REDIS_URL]) assert.ok(!text.includes(value ?? '-'))
})
