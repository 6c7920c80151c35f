// Proves, with two services on one PostgreSQL, that a change of a person acts on the other one, also when it cannot hear of it.
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
  /** How many proofs have come back so far. */
  proofs(): number
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

/** A service as the deployment starts it; its ear goes through the proxy. */
async function start(): Promise<Service> {
  const config = parseConfig({ DATABASE_URL: inner.url ?? '', JWT_SECRET: secret, RATE_LIMIT: 'off' })
  const log = recordingLog()
  const store = await openStore(config, log.log)
  const ear = new URL(inner.url ?? '')
  ear.hostname = '127.0.0.1'
  ear.port = String(proxy.port)
  let proofs = 0
  const listen = (channel: string, heard: (payload: string) => void) =>
    listenOnServer(ear.href, channel, (payload) => {
      heard(payload)
      if (payload.startsWith('proof ')) proofs += 1
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
    proofs: () => proofs,
    async call(name, path, method = 'GET', body) {
      const { token } = await tokens.issue({ user_id: players[name].user_id })
      const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
      return fetch(`${address}/api/v1/${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    },
  }
}

const heardTwice = async (service: Service) => {
  const seen = service.proofs()
  await until(() => service.proofs() >= seen + 4)
}
const makeManager = (role: string) =>
  one
    .call('admin', `team/${players.manager.user_id}`, 'PATCH', { role })
    .then(({ status }) => assert.equal(status, 200))
/** Only a manager or an admin may. */
const isRefused = async () => (await two.call('manager', 'team')).status === 403
const isAllowed = async () => (await two.call('manager', 'team')).status === 200

/** Becomes true before something remembered now for 30 s is forgotten: so not because the memory of it ended. */
async function beforeExpiry(holds: () => Promise<boolean>): Promise<void> {
  const memory = createIdentities(inner.db, 30_000)
  const remembered = async () => (await memory.find({ sub: players.staff.user_id, is_own: true }))?.full_name
  const before = await remembered()
  await inner.owner.query('update users set full_name = $2 where id = $1', [players.staff.user_id, `not ${before}`])
  await until(holds)
  assert.equal(await remembered(), before)
}

test('while changes are announced, people are remembered for longer than a second, and a change acts at once', async () => {
  await heardTwice(two)
  assert.ok(await isAllowed())
  // A change that nobody announces shows that it is remembered: with triggers switched off.
  const rename = (name: string) =>
    inner.owner.query(
      `begin; set local session_replication_role = replica;
       update users set full_name = '${name}' where id = '${players.manager.user_id}'; commit`,
    )
  const nameNow = async () => ((await (await two.call('manager', 'me')).json()) as { user: { full_name: string } }).user
  const { full_name } = await nameNow()
  await rename('Unannounced')
  await heardTwice(two)
  assert.equal((await nameNow()).full_name, full_name)
  await makeManager('staff')
  await beforeExpiry(isRefused)
  assert.equal((await nameNow()).full_name, 'Unannounced')
  await makeManager('manager')
  await until(isAllowed)
})

test('signing out everywhere on one process ends the tokens on the other', async () => {
  await heardTwice(two)
  assert.equal((await two.call('accountant', 'me')).status, 200)
  assert.equal((await one.call('accountant', 'auth/logout-everywhere', 'POST')).status, 204)
  await beforeExpiry(async () => (await two.call('accountant', 'me')).status === 401)
})

test('two processes answer one refresh token with one successor, and a reuse ends its tokens on both', async () => {
  await heardTwice(two)
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
  const isLetIn = async (service: Service, token = '') =>
    (await fetch(`${service.address}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status === 200
  assert.deepEqual(await Promise.all([isLetIn(one, second.token), isLetIn(two, second.token)]), [true, true])
  assert.equal((await post(one, 'auth/refresh', { refresh_token })).status, 401)
  assert.equal(await isLetIn(one, second.token), false)
  await until(async () => !(await isLetIn(two, second.token)))
  assert.equal((await post(two, 'auth/refresh', { refresh_token: second.refresh_token })).status, 401)
})

test('a listener whose backend is killed hides no change, says so once, and heals', async () => {
  await heardTwice(two)
  assert.ok(await isAllowed())
  const { rows } = await inner.owner.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'roost listener' and datname = current_database()`,
  )
  assert.equal(rows.length, 2, 'one each')
  await makeManager('staff')
  await beforeExpiry(isRefused)
  await heardTwice(two)
  await makeManager('manager')
  await until(isAllowed)
  assert.equal(two.log.warnings().length, 1)
})

test('a frozen listener hides a change for no longer than its last proof holds', async () => {
  await heardTwice(two)
  assert.ok(await isAllowed())
  const warnings = two.log.warnings().length
  proxy.pause()
  await makeManager('staff')
  await beforeExpiry(isRefused)
  await until(() => two.log.warnings().length === warnings + 1)
  await proxy.resume()
  await heardTwice(two)
  await makeManager('manager')
  await until(isAllowed)
  assert.equal(two.log.warnings().length, warnings + 1)
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
