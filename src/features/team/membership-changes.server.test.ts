// Changes of people apply in a second process on the same database, also while its listener is down.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { north, password, players } from '../../../test/cast.ts'
import { openTestStore } from '../../../test/engines.ts'
import { secret } from '../../../test/harness.ts'
import { type RecordingLog, recordingLog } from '../../../test/recording-log.ts'
import { startProxy } from '../../../test/tcp-proxy.ts'
import { until } from '../../../test/until.ts'
import { parseConfig } from '../../config.ts'
import { createIdentities } from '../../core/auth/memberships.ts'
import { listenOnServer } from '../../core/postgres/pools.ts'
import { createRedis } from '../../core/redis.ts'
import { assemble } from '../../service.ts'
import { openStore } from '../../store.ts'

interface Service {
  readonly address: string
  readonly log: RecordingLog
  /** The number of heartbeats received. */
  heartbeats(): number
  call(name: keyof typeof players, path: string, method?: string, body?: object): Promise<Response>
}

const inner = await openTestStore()
const proxy = await startProxy(Number(new URL(inner.url ?? '').port || 5432))
const closers: (() => Promise<unknown>)[] = []
const one = await start()
const two = await start()
after(async () => {
  await proxy.resume()
  for (const close of closers) await close()
  await proxy.close()
  await inner.close()
})

/** A service as deployed. Its listener connects through the proxy. */
async function start(): Promise<Service> {
  const config = parseConfig({
    DATABASE_URL: inner.url ?? '',
    JWT_SECRET: secret,
    RATE_LIMIT: 'off',
    MAX_LOOP_DELAY: 'off',
  })
  const log = recordingLog()
  const store = await openStore(config, log.log)
  const listener_url = new URL(inner.url ?? '')
  listener_url.hostname = '127.0.0.1'
  listener_url.port = String(proxy.port)
  let heartbeats = 0
  const listen = (channel: string, onPayload: (payload: string) => void) =>
    listenOnServer(listener_url.href, channel, (payload) => {
      onPayload(payload)
      if (payload.startsWith('heartbeat ')) heartbeats += 1
    })
  const redis = createRedis(undefined, log.log)
  const { app, tokens } = await assemble(config, { ...store, listen }, redis, log.log)
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  closers.push(
    () => app.close(),
    () => store.close(),
  )
  return {
    address,
    log,
    heartbeats: () => heartbeats,
    async call(name, path, method = 'GET', body) {
      const { token } = await tokens.issue({ user_id: players[name].user_id })
      const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
      const send = () =>
        fetch(`${address}/api/v1/${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
      // A busy machine refuses some requests; they have changed nothing.
      for (let reply = await send(); ; reply = await send()) if (reply.status !== 503) return reply
    },
  }
}

const waitForHeartbeats = async (service: Service) => {
  const seen = service.heartbeats()
  await until(() => service.heartbeats() >= seen + 4)
}
const makeManager = (role: string) =>
  one
    .call('admin', `team/${players.manager.user_id}`, 'PATCH', { role })
    .then(({ status }) => assert.equal(status, 200))
/** Requires the role manager or admin. */
const isRefused = async () => (await two.call('manager', 'team')).status === 403
const isAllowed = async () => (await two.call('manager', 'team')).status === 200

/** Waits until `holds`, and asserts that an entry cached now for 30 s has not expired by then. */
async function beforeExpiry(holds: () => Promise<boolean>): Promise<void> {
  const cache = createIdentities(inner.db, 30_000)
  const cachedName = async () => (await cache.find({ sub: players.staff.user_id, is_own: true }))?.full_name
  const before = await cachedName()
  await inner.owner.query('update users set full_name = $2 where id = $1', [players.staff.user_id, `not ${before}`])
  await until(holds)
  assert.equal(await cachedName(), before)
}

/** A busy machine has outages of its own. Asserts that each is logged once, and returns how many began. */
function countOutages({ log }: Service): number {
  const texts = log.lines.map(({ msg }) => msg).filter((msg) => msg.startsWith('membership notifications'))
  const begins = texts.map((text) => text.includes('do not arrive'))
  for (const [i, is_begin] of begins.entries()) assert.equal(is_begin, i % 2 === 0, texts.join('\n'))
  return begins.filter(Boolean).length
}

test('with a healthy listener memberships are cached over a second and changes apply at once', async () => {
  await waitForHeartbeats(two)
  assert.ok(await isAllowed())
  // A change without a notification proves that the entry is cached: triggers are switched off.
  const rename = (name: string) =>
    inner.owner.query(
      `begin; set local session_replication_role = replica;
       update users set full_name = '${name}' where id = '${players.manager.user_id}'; commit`,
    )
  const nameNow = async () => ((await (await two.call('manager', 'me')).json()) as { user: { full_name: string } }).user
  const { full_name } = await nameNow()
  await rename('Unannounced')
  await waitForHeartbeats(two)
  assert.equal((await nameNow()).full_name, full_name)
  await makeManager('staff')
  await beforeExpiry(isRefused)
  assert.equal((await nameNow()).full_name, 'Unannounced')
  await makeManager('manager')
  await until(isAllowed)
})

test('signing out everywhere in one process ends the tokens in the other', async () => {
  await waitForHeartbeats(two)
  assert.equal((await two.call('accountant', 'me')).status, 200)
  assert.equal((await one.call('accountant', 'auth/logout-everywhere', 'POST')).status, 204)
  await beforeExpiry(async () => (await two.call('accountant', 'me')).status === 401)
})

test('two processes derive the same successor token, and a reuse ends its tokens on both', async () => {
  await waitForHeartbeats(two)
  const post = async (service: Service, path: string, body: object) => {
    const reply = await service.call('owner', path, 'POST', body)
    return { status: reply.status, body: (await reply.json()) as Record<string, string> }
  }
  const { body: first } = await post(one, 'auth/login', { email: players.owner.email, password })
  const { refresh_token } = first
  const pairs = await Promise.all(
    Array.from({ length: 50 }, (_, n) => post(n % 2 === 0 ? one : two, 'auth/refresh', { refresh_token })),
  )
  assert.deepEqual([...new Set(pairs.map(({ status }) => status))], [200])
  const [successor = '', ...others] = new Set(pairs.map(({ body }) => body.refresh_token ?? ''))
  assert.deepEqual(others, [])
  const { body: second } = await post(two, 'auth/refresh', { refresh_token: successor })
  const isAccepted = async (service: Service, token = '') =>
    (await fetch(`${service.address}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status === 200
  assert.deepEqual(await Promise.all([isAccepted(one, second.token), isAccepted(two, second.token)]), [true, true])
  assert.equal((await post(one, 'auth/refresh', { refresh_token })).status, 401)
  assert.equal(await isAccepted(one, second.token), false)
  await until(async () => !(await isAccepted(two, second.token)))
  assert.equal((await post(two, 'auth/refresh', { refresh_token: second.refresh_token })).status, 401)
})

test('a terminated listener misses no change, logs one warning and reconnects', async () => {
  await waitForHeartbeats(two)
  const outages = countOutages(two)
  assert.ok(await isAllowed())
  const { rows } = await inner.owner.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'roost listener' and datname = current_database()`,
  )
  assert.equal(rows.length, 2, 'one for each process')
  await makeManager('staff')
  await beforeExpiry(isRefused)
  await waitForHeartbeats(two)
  await makeManager('manager')
  await until(isAllowed)
  assert.ok(countOutages(two) > outages)
})

test('with a frozen listener a change applies when the listener is no longer healthy', async () => {
  await waitForHeartbeats(two)
  assert.ok(await isAllowed())
  const outages = countOutages(two)
  proxy.pause()
  await makeManager('staff')
  await beforeExpiry(isRefused)
  await until(() => countOutages(two) > outages)
  await proxy.resume()
  await waitForHeartbeats(two)
  await makeManager('manager')
  await until(isAllowed)
})

test('two admins who demote each other at once leave one admin', async () => {
  const [a, b] = [players.admin.user_id, players.manager.user_id]
  for (let round = 0; round < 8; round++) {
    await inner.owner.query("update team_members set role = 'admin', is_active = true where user_id = any ($1)", [
      [a, b],
    ])
    await until(async () => (await two.call('manager', 'team/invitations')).status === 200)
    await until(async () => (await one.call('admin', 'team/invitations')).status === 200)
    const replies = await Promise.all([
      one.call('admin', `team/${b}`, 'PATCH', { role: 'staff' }),
      round % 2 === 0
        ? two.call('manager', `team/${a}`, 'DELETE')
        : two.call('manager', `team/${a}`, 'PATCH', { role: 'staff' }),
    ])
    const done = replies.filter(({ status }) => status < 300)
    const statuses = replies.map(({ status }) => status)
    assert.ok(done.length <= 1, `${statuses}`)
    assert.ok(
      statuses.every((status) => [200, 204, 403, 409].includes(status)),
      `${statuses}`,
    )
    const { rows } = await inner.owner.query(
      "select from team_members where agency_id = $1 and role = 'admin' and is_active",
      [north],
    )
    assert.equal(rows.length, 1)
  }
})
