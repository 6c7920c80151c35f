// A keyed request that fails at any step is executed exactly once when it is retried.
// docs/adr/0011 names the windows W1 to W7. Each test asserts that its fault occurred.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { createRandom } from '../../src/commands/verify/overlap/statistics.ts'
import { castProperties, players } from '../cast.ts'
import { cast, type Reply, secret } from '../harness.ts'
import { startClients } from '../races/clients.ts'
import { until } from '../until.ts'

/** The COMMIT of this key reaches the server, then the connection is reset before the response. */
let unanswered: string | undefined
let key_connection: unknown

const wire = pg.Connection.prototype as unknown as { bind(message: { values: readonly unknown[] }): void }
const client = pg.Client.prototype as unknown as {
  _handleCommandComplete(message: { text: string }): void
  _handleErrorEvent(error: Error): void
}
const { bind } = wire
wire.bind = function (message) {
  if (unanswered !== undefined && message.values.includes(unanswered)) key_connection = this
  bind.call(this, message)
}
const { _handleCommandComplete: complete } = client
client._handleCommandComplete = function (message) {
  const { connection } = this as unknown as pg.Client
  if (message.text !== 'COMMIT' || key_connection === undefined || connection !== key_connection)
    return complete.call(this, message)
  unanswered = undefined
  key_connection = undefined
  connection?.stream.destroy()
  this._handleErrorEvent(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
}

// Opened after the interceptor above is installed, since a connection keeps its handlers.
const fixture = await cast({ pool_size: 8 })
const { store, tokens, staff } = fixture
const { token } = await tokens.issue({ user_id: players.staff.user_id })
const clients = await startClients(fixture.app, token)
after(() => clients.close())

let day = 0

function stay(nights = 1) {
  day += nights + 1
  const at = (offset: number) => new Date(Date.UTC(2034, 0, day + offset)).toISOString().slice(0, 10)
  return { property_id: castProperties.town.id, check_in: at(0), check_out: at(nights), num_adults: 2 }
}

async function bookingsOn(check_in: string): Promise<number> {
  const { rows } = await store.owner.query('select count(*)::int as n from bookings where check_in = $1', [check_in])
  return rows[0]?.n as number
}

/** A process that kills itself at `step`; with 'never' it runs until the test ends. */
async function startServer(step: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'killed-server.ts'), step], {
    env: { ...process.env, DATABASE_URL: store.url, JWT_SECRET: secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  after(() => child.kill('SIGKILL'))
  const [line] = await once(child.stdout, 'data')
  const url = `http://127.0.0.1:${Number(line)}/api/v1/bookings`
  const book = async (key: string, body: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key }
    const reply = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    return {
      status: reply.status,
      is_replay: reply.headers.get('idempotency-replayed') === 'true',
      text: await reply.text(),
    }
  }
  return { book, ended }
}

const healthy = await startServer('never')

const windows = [
  ['W0', 'before begin', false],
  ['W1', 'after the claim', false],
  ['W2', 'during the work', false],
  ['W3', 'before commit', false],
  ['W5', 'after commit', true],
] as const

for (const [window, step, is_saved] of windows) {
  test(`${window}: killed ${step}, the retry ${is_saved ? 'gets the answer that was saved' : 'does it'}`, async () => {
    const killed = await startServer(step)
    const wanted = stay()
    const key = randomUUID()
    await assert.rejects(killed.book(key, wanted))
    assert.deepEqual((await killed.ended)[1], 'SIGKILL', 'the process was killed')
    await until(async () => (await bookingsOn(wanted.check_in)) === (is_saved ? 1 : 0))
    const retried = await retryWhileInProgress(() => healthy.book(key, wanted))
    assert.deepEqual([retried.status, retried.is_replay], [201, is_saved], retried.text)
    assert.equal(await bookingsOn(wanted.check_in), 1)
  })
}

/** The backend of a killed process can hold the key a moment longer. */
async function retryWhileInProgress<R extends { status: number; text: string }>(ask: () => Promise<R>): Promise<R> {
  for (;;) {
    const reply = await ask()
    if (!reply.text.includes('IDEMPOTENCY_IN_PROGRESS')) return reply
    await delay(20)
  }
}

const keyed = (key: string, body: object): Promise<Reply> => staff.post('bookings', body, { 'idempotency-key': key })

test('W4: the response to COMMIT is lost after saving: 503, then the replay', async () => {
  const wanted = stay()
  unanswered = 'w4-saved'
  const lost = await keyed('w4-saved', wanted)
  assert.equal(unanswered, undefined, 'the answer was lost')
  assert.deepEqual([lost.status, lost.body.error.code, lost.headers['retry-after']], [503, 'COMMIT_UNKNOWN', '1'])
  const retried = await keyed('w4-saved', wanted)
  assert.deepEqual([retried.status, retried.headers['idempotency-replayed']], [201, 'true'])
  assert.equal(await bookingsOn(wanted.check_in), 1)
})

test('W4: the connection is cut during COMMIT and nothing is saved: 503, then executed', async () => {
  await store.owner.query('create sequence fired')
  await store.owner.query(`create function cut() returns trigger language plpgsql security definer as $$
    begin
      if new.internal_notes = 'cut here' and not (select is_called from fired) then
        perform nextval('fired');
        perform pg_terminate_backend(pg_backend_pid());
      end if;
      return null;
    end $$`)
  await store.owner.query(`create constraint trigger cut after insert on bookings
    deferrable initially deferred for each row execute function cut()`)
  const wanted = { ...stay(), internal_notes: 'cut here' }
  const lost = await keyed('w4-lost', wanted)
  assert.deepEqual([lost.status, lost.body.error.code], [503, 'COMMIT_UNKNOWN'])
  assert.equal(await bookingsOn(wanted.check_in), 0)
  const retried = await keyed('w4-lost', wanted)
  assert.deepEqual([retried.status, retried.headers['idempotency-replayed']], [201, undefined])
  assert.equal(await bookingsOn(wanted.check_in), 1)
})

test('W6: the HTTP response is lost: the retry gets it', async () => {
  const wanted = stay()
  fixture.app.server.once('request', (_request, reply: ServerResponse) => {
    const { socket } = reply
    if (socket !== null) socket.write = () => Boolean(socket.destroy())
  })
  await assert.rejects(clients.send('POST', 'bookings', wanted, { 'idempotency-key': 'w6' }), /hang up|ECONNRESET/)
  assert.equal(await bookingsOn(wanted.check_in), 1)
  const retried = await keyed('w6', wanted)
  assert.deepEqual([retried.status, retried.headers['idempotency-replayed']], [201, 'true'])
  assert.equal(await bookingsOn(wanted.check_in), 1)
})

/** Terminates one of the API's connections every 40 ms until `end` is called, which returns how many. */
function killConnections(): { count: () => number; end: () => Promise<number> } {
  let kills = 0
  let is_over = false
  const ended = kill()
  return {
    count: () => kills,
    end: () => {
      is_over = true
      return ended
    },
  }

  async function kill(): Promise<number> {
    const random = createRandom(7)
    while (!is_over) await killOne(random).finally(() => delay(40))
    return kills
  }

  async function killOne(random: () => number): Promise<void> {
    const { rows } = await store.owner.query(`
      select pid from pg_stat_activity where datname = current_database() and usename = 'roost_test_api'`)
    const backend = rows[Math.floor(random() * rows.length)]
    if (backend === undefined) return
    await store.owner.query('select pg_terminate_backend($1)', [backend.pid])
    kills += 1
  }
}

test('W7: with connections killed, 150 keys from 3 senders make 150 bookings, one answer per key', async (t) => {
  const properties = await Promise.all(
    Array.from({ length: 10 }, async (_, i) => {
      const property = { name: `Storm ${i}`, property_type: 'house', max_guests: 4, base_price_cents: 10_000 }
      return (await fixture.admin.post('properties', property)).body.id as string
    }),
  )
  const wanted = Array.from({ length: 150 }, (_, i) => ({ ...stay(), property_id: properties[i % 10] }))
  const answers = wanted.map(() => new Set<string>())
  const statuses: Record<string, number> = {}
  const killing = killConnections()
  const sendUntilAnswered = async (i: number): Promise<void> => {
    const { status, code, body } = await clients.send('POST', 'bookings', wanted[i], {
      'idempotency-key': `storm-${i}`,
    })
    const kind = `${status} ${code}`.trim()
    statuses[kind] = (statuses[kind] ?? 0) + 1
    if (status === 201) answers[i]?.add(JSON.stringify(body))
    if (status < 500 && code !== 'IDEMPOTENCY_IN_PROGRESS') return
    await delay(30)
    return sendUntilAnswered(i)
  }
  const sender = async (keys: readonly number[]) => {
    for (const i of keys) await sendUntilAnswered(i)
  }
  const all = wanted.map((_, i) => i)
  const quarter = (n: number) => all.filter((i) => i % 4 === n)
  const sendAll = () => Promise.all([0, 1, 2, 3].flatMap((n) => Array.from({ length: 3 }, () => sender(quarter(n)))))
  const wasFelt = () => Object.keys(statuses).some((kind) => kind.startsWith('503'))
  // All keys again and again until enough faults have occurred.
  do await sendAll()
  while (killing.count() < 20 || !wasFelt())
  t.diagnostic(`${await killing.end()} connections killed; ${JSON.stringify(statuses)}`)
  const { rows } = await store.owner.query('select count(*)::int as n from bookings where property_id = any($1)', [
    properties,
  ])
  assert.deepEqual(rows, [{ n: 150 }])
  assert.ok(
    answers.every((bodies) => bodies.size === 1),
    'one answer per key',
  )
  const kinds = Object.keys(statuses).filter((kind) => !/^(201|503 .*|409 IDEMPOTENCY_IN_PROGRESS)$/.test(kind))
  assert.deepEqual(kinds, [])
})
