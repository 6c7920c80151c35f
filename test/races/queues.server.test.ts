// Proves what happens to requests that wait: a removal, a demotion, a client that hangs up, a queue that is full.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { after, test } from 'node:test'
import { tally } from '../../src/commands/verify/overlap/counting.ts'
import { createRedis } from '../../src/core/redis.ts'
import { assemble } from '../../src/service.ts'
import { type PlayerName, players } from '../cast.ts'
import { silent } from '../engines.ts'
import { cast } from '../harness.ts'
import { createSender } from '../sender.ts'
import { dayAfter, newHome, stay } from '../steps.ts'
import { until } from '../until.ts'
import { type Answer, startRush } from './rush.ts'

const stage = await cast({ pool_size: 10 })
const { admin, store } = stage
// Remembers people for a minute: whatever is refused here is refused by the check in the transaction itself.
const { app } = await assemble(stage.config, store, createRedis(undefined, silent), silent, 60_000)
const tokenOf = async (name: PlayerName) => (await stage.tokens.issue({ user_id: players[name].user_id })).token
const rush = await startRush(app, await tokenOf('manager'))
const { port } = app.server.address() as { port: number }
const staff = createSender(`http://127.0.0.1:${port}`, await tokenOf('staff'))
let seen = 0
app.server.on('request', () => {
  seen += 1
})
after(async () => {
  rush.close()
  staff.close()
  await app.close()
})

const bookingsOf = async (home: string) =>
  (await store.owner.query('select id, check_in::text from bookings where property_id = $1', [home])).rows
const membership = (name: PlayerName, change: string) =>
  store.owner.query(`update team_members set ${change} where user_id = $1`, [players[name].user_id])
async function lockWaits(): Promise<number> {
  const { rows } = await store.owner.query(
    `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
  )
  return Number(rows[0]?.n)
}

/** Runs `send` while nobody can write to the property; `during` once its requests are there and two wait for the lock. */
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

/** The kinds of answers. A 503 says that a busy machine kept the lock for longer than a request waits: nothing was done. */
const kinds = (answers: readonly Answer[]) => Object.keys(tally(answers.filter(({ status }) => status !== 503)))

/** As clients do: again after a 503. */
async function bookInTheEnd(home: string, n: number): Promise<Answer> {
  const answer = await staff.send('POST', 'bookings', stay(home, day(n)))
  return answer.status === 503 ? bookInTheEnd(home, n) : answer
}

const day = (n: number) => dayAfter('2031-01-01', n * 3)

test('of bookings that wait none is made for a manager who is removed meanwhile', async (t) => {
  t.after(() => membership('manager', 'is_active = true'))
  const home = await newHome(admin)
  const send = () => [
    ...Array.from({ length: 10 }, (_, n) => rush.send('POST', 'bookings', stay(home, day(n)))),
    ...Array.from({ length: 3 }, (_, n) => bookInTheEnd(home, 20 + n)),
  ]
  const answers = await whileLocked(13, send, () => membership('manager', 'is_active = false'))
  assert.deepEqual(kinds(answers.slice(0, 10)), ['403 FORBIDDEN'])
  assert.deepEqual(tally(answers.slice(10)), { 201: 3 })
  assert.equal((await bookingsOf(home)).length, 3)
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
  test(`a booking that waits is not made for a manager who ${what}`, async (t) => {
    t.after(() => membership('manager', "role = 'manager'"))
    const home = await newHome(admin)
    const send = () => [1, 2, 3].map((n) => rush.send('POST', 'bookings', stay(home, day(n))))
    const answers = await whileLocked(3, send, () => membership('manager', sql))
    assert.deepEqual(kinds(answers), ['403 FORBIDDEN'])
    assert.deepEqual(await bookingsOf(home), [])
  })
}

const ends: [what: string, sql: string, undo: string][] = [
  ['signs out everywhere', 'token_generation = token_generation + 1', 'token_generation = token_generation - 1'],
  ['is deactivated', 'is_active = false', 'is_active = true'],
]
for (const [what, sql, undo] of ends) {
  test(`a booking that waits is refused with 401 when its person ${what}`, async (t) => {
    const set = (change: string) =>
      store.owner.query(`update users set ${change} where id = $1`, [players.manager.user_id])
    t.after(() => set(undo))
    const home = await newHome(admin)
    const send = () => [1, 2, 3].map((n) => rush.send('POST', 'bookings', stay(home, day(n))))
    const answers = await whileLocked(3, send, () => set(sql))
    assert.deepEqual(kinds(answers), ['401 TOKEN_INVALID'])
    assert.deepEqual(await bookingsOf(home), [])
  })
}

test('a booking that waits is refused with 401 when the session of its token ends', async (t) => {
  const session_id = randomUUID()
  const { user_id } = players.manager
  await store.owner.query("insert into sessions (id, user_id, expires_at) values ($1, $2, now() + interval '1 day')", [
    session_id,
    user_id,
  ])
  const { token } = await stage.tokens.issue({ user_id, session_id })
  const signedIn = createSender(`http://127.0.0.1:${port}`, token)
  t.after(() => signedIn.close())
  const home = await newHome(admin)
  const send = () => [1, 2, 3].map((n) => signedIn.send('POST', 'bookings', stay(home, day(n))))
  const answers = await whileLocked(3, send, () =>
    store.owner.query("update sessions set ended_at = now(), ended_by = 'sign_out' where id = $1", [session_id]),
  )
  assert.deepEqual(kinds(answers), ['401 TOKEN_INVALID'])
  assert.deepEqual(await bookingsOf(home), [])
})

test('a read that begins late is refused to a member who was removed', async (t) => {
  t.after(() => membership('manager', 'is_active = true'))
  const { db } = store
  const { user_id, memberships } = players.manager
  const actor = { agency_id: memberships[0]?.agency_id ?? '', role: 'manager', user_id } as const
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

test('a booking that waits is not made once its client has hung up', async () => {
  const home = await newHome(admin)
  const token = await tokenOf('manager')
  const agent = new Agent({ keepAlive: true, maxSockets: 100 })
  const hangUp: (() => void)[] = []
  const leaving = (n: number) => {
    const body = JSON.stringify(stay(home, day(n)))
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': body.length,
    }
    const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/api/v1/bookings', headers })
    sent.on('error', () => {})
    sent.end(body)
    hangUp.push(() => sent.destroy())
  }
  // Behind two that run.
  const leaveBehind = async () => {
    await until(async () => (await lockWaits()) === 2)
    for (let n = 10; n < 16; n += 1) leaving(n)
    return bookInTheEnd(home, 20)
  }
  const send = () => [bookInTheEnd(home, 0), bookInTheEnd(home, 1), leaveBehind()]
  const open = () => new Promise<number>((resolve) => app.server.getConnections((_, count) => resolve(count)))
  const answers = await whileLocked(9, send, async () => {
    const before = await open()
    for (const leave of hangUp) leave()
    await until(async () => (await open()) <= before - 6)
  })
  assert.deepEqual(kinds(answers), ['201'])
  const made = (await bookingsOf(home)).map(({ check_in }) => check_in).sort()
  assert.deepEqual(made, [day(0), day(1), day(20)])
  agent.destroy()
})

test('the queue of a property takes 250 requests; the next is refused at once with Retry-After', async () => {
  const home = await newHome(admin)
  const send = () => Array.from({ length: 260 }, (_, n) => rush.send('POST', 'bookings', stay(home, day(n))))
  const answers = await whileLocked(260, send, async () => {})
  const refused = answers.filter(({ status }) => status === 503)
  assert.ok(refused.length >= 8, `${refused.length} refused`)
  assert.ok((tally(refused)['503 TX_CONTENTION'] ?? 0) >= 8, JSON.stringify(tally(refused)))
  assert.ok(refused.every(({ headers }) => headers['retry-after'] === '1'))
  assert.equal((await bookingsOf(home)).length, answers.filter(({ status }) => status === 201).length)
  assert.equal((await rush.send('POST', 'bookings', stay(home, day(400)))).status, 201, 'nothing is left behind')
})

test('an admin who changes their own role is answered, and may not once they are demoted', async (t) => {
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
    assert.equal(back.status, 403, 'this process still takes them for an admin; the transaction does not')
  }
})
