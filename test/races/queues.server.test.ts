// What happens to queued requests: removal, demotion, a client that disconnects, a full queue.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { after, test } from 'node:test'
import { countByKind } from '../../src/commands/verify/overlap/statistics.ts'
import { createRedis } from '../../src/core/redis.ts'
import { assemble } from '../../src/service.ts'
import { type PlayerName, players } from '../cast.ts'
import { silent } from '../engines.ts'
import { cast } from '../harness.ts'
import { createSender } from '../sender.ts'
import { dayAfter, newProperty, stay } from '../steps.ts'
import { until } from '../until.ts'
import { type Answer, startClients } from './clients.ts'

const fixture = await cast({ pool_size: 10 })
const { admin, store } = fixture
// Memberships are cached for a minute, so every refusal here comes from the check in the transaction.
const { app } = await assemble(fixture.config, store, createRedis(undefined, silent), silent, 60_000)
const tokenOf = async (name: PlayerName) => (await fixture.tokens.issue({ user_id: players[name].user_id })).token
const clients = await startClients(app, await tokenOf('manager'))
const { port } = app.server.address() as { port: number }
const staff = createSender(`http://127.0.0.1:${port}`, await tokenOf('staff'))
let seen = 0
app.server.on('request', () => {
  seen += 1
})
after(async () => {
  clients.close()
  staff.close()
  await app.close()
})

const bookingsOf = async (property_id: string) =>
  (await store.owner.query('select id, check_in::text from bookings where property_id = $1', [property_id])).rows
const membership = (name: PlayerName, change: string) =>
  store.owner.query(`update team_members set ${change} where user_id = $1`, [players[name].user_id])
async function lockWaits(): Promise<number> {
  const { rows } = await store.owner.query(
    `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
  )
  return Number(rows[0]?.n)
}

/** Runs `send` while the table bookings is locked, and `during` once its requests are there and two wait for the lock. */
async function whileLocked(count: number, send: () => Promise<Answer>[], during: () => Promise<unknown>) {
  const lock = await store.connectOwner()
  const before = seen
  try {
    await lock.query('begin')
    await lock.query('lock table bookings in access exclusive mode')
    const sent = send()
    await until(async () => seen >= before + count && (await lockWaits()) >= 2)
    await during()
    await lock.query('rollback')
    return await Promise.all(sent)
  } finally {
    void lock.release(true)
  }
}

/** The kinds of answers. A 503 means that the lock was held longer than a request waits, and nothing was done. */
const kinds = (answers: readonly Answer[]) => Object.keys(countByKind(answers.filter(({ status }) => status !== 503)))

/** Sends again after a 503, as clients do. */
async function bookWithRetry(property_id: string, n: number): Promise<Answer> {
  const answer = await staff.send('POST', 'bookings', stay(property_id, day(n)))
  return answer.status === 503 ? bookWithRetry(property_id, n) : answer
}

const day = (n: number) => dayAfter('2031-01-01', n * 3)

test('queued bookings of a manager who is removed meanwhile are refused', async (t) => {
  t.after(() => membership('manager', 'is_active = true'))
  const property_id = await newProperty(admin)
  const send = () => [
    ...Array.from({ length: 10 }, (_, n) => clients.send('POST', 'bookings', stay(property_id, day(n)))),
    ...Array.from({ length: 3 }, (_, n) => bookWithRetry(property_id, 20 + n)),
  ]
  const answers = await whileLocked(13, send, () => membership('manager', 'is_active = false'))
  assert.deepEqual(kinds(answers.slice(0, 10)), ['403 FORBIDDEN'])
  assert.deepEqual(countByKind(answers.slice(10)), { 201: 3 })
  assert.equal((await bookingsOf(property_id)).length, 3)
  const { rows } = await store.owner.query(
    `select count(*)::int as n from audit_log where action = 'booking.created' and actor_id = $1`,
    [players.manager.user_id],
  )
  assert.deepEqual(rows, [{ n: 0 }])
})

const changes: [change: string, sql: string][] = [
  ['is demoted', "role = 'owner'"],
  ['gets another role that may book', "role = 'staff'"],
]
for (const [what, sql] of changes) {
  test(`a queued booking of a manager who ${what} is refused`, async (t) => {
    t.after(() => membership('manager', "role = 'manager'"))
    const property_id = await newProperty(admin)
    const send = () => [1, 2, 3].map((n) => clients.send('POST', 'bookings', stay(property_id, day(n))))
    const answers = await whileLocked(3, send, () => membership('manager', sql))
    assert.deepEqual(kinds(answers), ['403 FORBIDDEN'])
    assert.deepEqual(await bookingsOf(property_id), [])
  })
}

const ends: [what: string, sql: string, undo: string][] = [
  ['signs out everywhere', 'token_generation = token_generation + 1', 'token_generation = token_generation - 1'],
  ['is deactivated', 'is_active = false', 'is_active = true'],
]
for (const [what, sql, undo] of ends) {
  test(`a queued booking is refused with 401 when its person ${what}`, async (t) => {
    const set = (change: string) =>
      store.owner.query(`update users set ${change} where id = $1`, [players.manager.user_id])
    t.after(() => set(undo))
    const property_id = await newProperty(admin)
    const send = () => [1, 2, 3].map((n) => clients.send('POST', 'bookings', stay(property_id, day(n))))
    const answers = await whileLocked(3, send, () => set(sql))
    assert.deepEqual(kinds(answers), ['401 TOKEN_INVALID'])
    assert.deepEqual(await bookingsOf(property_id), [])
  })
}

test('a queued booking is refused with 401 when the session of its token ends', async (t) => {
  const session_id = randomUUID()
  const { user_id } = players.manager
  await store.owner.query("insert into sessions (id, user_id, expires_at) values ($1, $2, now() + interval '1 day')", [
    session_id,
    user_id,
  ])
  const { token } = await fixture.tokens.issue({ user_id, session_id })
  const signedIn = createSender(`http://127.0.0.1:${port}`, token)
  t.after(() => signedIn.close())
  const property_id = await newProperty(admin)
  const send = () => [1, 2, 3].map((n) => signedIn.send('POST', 'bookings', stay(property_id, day(n))))
  const answers = await whileLocked(3, send, () =>
    store.owner.query("update sessions set ended_at = now(), ended_by = 'sign_out' where id = $1", [session_id]),
  )
  assert.deepEqual(kinds(answers), ['401 TOKEN_INVALID'])
  assert.deepEqual(await bookingsOf(property_id), [])
})

test('a queued read of a removed member is refused', async (t) => {
  t.after(() => membership('manager', 'is_active = true'))
  const { db } = store
  const { user_id, memberships } = players.manager
  const actor = { agency_id: memberships[0]?.agency_id ?? '', role: 'manager', id: user_id, kind: 'person' } as const
  const verified = (ago_ms: number) => ({
    ...actor,
    request: {
      verified_at: performance.now() - ago_ms,
      token_generation: 0,
      session_id: null,
      signal: new AbortController().signal,
    },
  })
  const read = (ago_ms: number, cost?: 'indexed' | 'scan') =>
    db.tenantRead(
      verified(ago_ms),
      async (tx) => (await tx.query({ text: 'select 1', values: [] } as never)).length,
      cost,
    )
  assert.equal(await read(5000), 1)
  await membership('manager', 'is_active = false')
  for (const cost of ['indexed', 'scan'] as const) {
    await assert.rejects(read(1001, cost), { code: 'FORBIDDEN' })
    assert.equal(await read(0, cost), 1)
  }
})

test('a queued booking is not made after its client has disconnected', async () => {
  const property_id = await newProperty(admin)
  const token = await tokenOf('manager')
  const agent = new Agent({ keepAlive: true, maxSockets: 100 })
  const disconnects: (() => void)[] = []
  const leaving = (n: number) => {
    const body = JSON.stringify(stay(property_id, day(n)))
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': body.length,
    }
    const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/api/v1/bookings', headers })
    sent.on('error', () => {})
    sent.end(body)
    disconnects.push(() => sent.destroy())
  }
  // Queued behind two running requests.
  const disconnectWhileQueued = async () => {
    await until(async () => (await lockWaits()) === 2)
    for (let n = 10; n < 16; n += 1) leaving(n)
    return bookWithRetry(property_id, 20)
  }
  const send = () => [bookWithRetry(property_id, 0), bookWithRetry(property_id, 1), disconnectWhileQueued()]
  const open = () => new Promise<number>((resolve) => app.server.getConnections((_, count) => resolve(count)))
  const answers = await whileLocked(9, send, async () => {
    const before = await open()
    for (const leave of disconnects) leave()
    await until(async () => (await open()) <= before - 6)
  })
  assert.deepEqual(kinds(answers), ['201'])
  const made = (await bookingsOf(property_id)).map(({ check_in }) => check_in).sort()
  assert.deepEqual(made, [day(0), day(1), day(20)])
  agent.destroy()
})

test('the queue of a property takes 250 requests; the next gets 503 with Retry-After', async () => {
  const property_id = await newProperty(admin)
  const send = () =>
    Array.from({ length: 260 }, (_, n) => clients.sendOnce('POST', 'bookings', stay(property_id, day(n))))
  const answers = await whileLocked(260, send, async () => {})
  const refused = answers.filter(({ status }) => status === 503)
  assert.ok(refused.length >= 8, `${refused.length} refused`)
  assert.ok((countByKind(refused)['503 TX_CONTENTION'] ?? 0) >= 8, JSON.stringify(countByKind(refused)))
  assert.ok(refused.every(({ headers }) => headers['retry-after'] === '1'))
  assert.equal((await bookingsOf(property_id)).length, answers.filter(({ status }) => status === 201).length)
  assert.equal(
    (await clients.send('POST', 'bookings', stay(property_id, day(400)))).status,
    201,
    'the queue is empty again',
  )
})

test('a demotion of oneself answers 200, and the next write answers 403', async (t) => {
  t.after(async () => {
    await membership('admin', "role = 'admin'")
    await membership('manager', "role = 'manager'")
  })
  const own = createSender(`http://127.0.0.1:${port}`, await tokenOf('admin'))
  t.after(() => own.close())
  await membership('manager', "role = 'admin'")
  for (const headers of [{}, { 'idempotency-key': 'own-role' }]) {
    await membership('admin', "role = 'admin'")
    const answer = await own.send('PATCH', `team/${players.admin.user_id}`, { role: 'staff' }, headers)
    assert.deepEqual([answer.status, answer.body.role], [200, 'staff'])
    const back = await own.send('PATCH', `team/${players.admin.user_id}`, { role: 'admin' })
    assert.equal(back.status, 403, 'the cached role is admin; the transaction checks the current one')
  }
})
