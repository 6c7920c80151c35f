// Idempotency-Key: a repeated request gets the same bytes and is not executed twice.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, players } from '../../test/cast.ts'
import { type Client, castPerTest, type Reply } from '../../test/harness.ts'
import { fingerprintOf } from './idempotency.ts'

const fixture = await castPerTest()
const { admin, manager, staff, owner, store } = fixture

let day = 0

function stay(fields: object = {}) {
  day += 3
  const at = (offset: number) => new Date(Date.UTC(2033, 0, day + offset)).toISOString().slice(0, 10)
  return { property_id: castProperties.town.id, check_in: at(0), check_out: at(2), num_adults: 2, ...fields }
}

function keyed(client: Client, key: string, body: object, path = 'bookings'): Promise<Reply> {
  return client.post(path, body, { 'idempotency-key': key })
}

async function count(table: string): Promise<number> {
  const { rows } = await store.owner.query(`select count(*)::int as n from ${table}`)
  return rows[0]?.n as number
}

test('a repeated booking returns the same body, Location and ETag and is created once', async () => {
  const wanted = stay({ guest: { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com' } })
  const first = await keyed(staff, 'once', wanted)
  const before = [await count('bookings'), await count('audit_log'), await count('pgboss.job')]
  const again = await keyed(staff, 'once', wanted)
  assert.equal(first.status, 201, first.text)
  assert.equal(first.headers['idempotency-replayed'], undefined)
  assert.equal(again.headers['idempotency-replayed'], 'true')
  assert.deepEqual([again.status, again.text], [first.status, first.text])
  for (const name of ['location', 'etag', 'content-type']) assert.equal(again.headers[name], first.headers[name], name)
  assert.notEqual(again.headers['x-request-id'], first.headers['x-request-id'])
  assert.deepEqual([await count('bookings'), await count('audit_log'), await count('pgboss.job')], before)
})

test('the order of members makes no difference; a quoted and an unquoted key are equal', async () => {
  const wanted = stay()
  const first = await keyed(staff, 'order', wanted)
  const reversed = Object.fromEntries(Object.entries(wanted).reverse())
  assert.equal((await keyed(staff, '"order"', reversed)).text, first.text)
})

test('another body, route or query with the same key is refused and changes nothing', async () => {
  const wanted = stay()
  const { body } = await keyed(manager, 'reused', wanted)
  const before = await count('audit_log')
  const other = await keyed(manager, 'reused', { ...wanted, num_adults: 1 })
  assert.deepEqual([other.status, other.body.error.code], [422, 'IDEMPOTENCY_KEY_REUSED'])
  const route = await manager.patch(`bookings/${body.id}`, { num_adults: 1 }, { 'idempotency-key': 'reused' })
  assert.equal(route.body.error.code, 'IDEMPOTENCY_KEY_REUSED')
  assert.equal(await count('audit_log'), before)
})

test('a key belongs to one user in one agency', async () => {
  const wanted = stay()
  const first = await keyed(staff, 'mine', wanted)
  const theirs = await keyed(manager, 'mine', wanted)
  assert.equal(first.status, 201)
  assert.deepEqual([theirs.status, theirs.body.error.code], [409, 'BOOKING_CONFLICT'])
})

test('an error that depends on the data is stored, and its writes are rolled back', async () => {
  const taken = stay()
  const { body } = await staff.post('bookings', taken)
  const wanted = { ...taken, guest: { first_name: 'Never', last_name: 'There', email: 'never@example.com' } }
  const refused = await keyed(staff, 'kept', wanted)
  assert.equal(refused.body.error.code, 'BOOKING_CONFLICT')
  assert.equal((await manager.delete(`bookings/${body.id}`)).status, 204)
  const again = await keyed(staff, 'kept', wanted)
  assert.deepEqual([again.status, again.text], [409, refused.text])
  assert.equal(again.headers['idempotency-replayed'], 'true')
  const { rows } = await store.owner.query("select 1 from guests where email = 'never@example.com'")
  assert.deepEqual(rows, [])
})

test('errors of validation and authorization are not stored', async () => {
  const wanted = stay()
  assert.equal((await keyed(staff, 'early', { ...wanted, num_adults: 'two' })).status, 422)
  assert.equal((await keyed(owner, 'early', wanted)).status, 403)
  assert.equal((await keyed(staff, 'early', wanted)).status, 201)
})

test('permissions are checked before a replay', async () => {
  const { user_id } = players.manager
  const wanted = { name: 'Key House', property_type: 'house', max_guests: 2 }
  const first = await keyed(manager, 'rights', wanted, 'properties')
  assert.equal(first.status, 201)
  const setRole = (role: string) =>
    store.owner.query('update team_members set role = $1 where agency_id = $2 and user_id = $3', [role, north, user_id])
  await setRole('staff')
  const demoted = await keyed(manager, 'rights', wanted, 'properties')
  await setRole('manager')
  assert.equal(demoted.status, 403)
  assert.equal((await keyed(manager, 'rights', wanted, 'properties')).text, first.text)
})

test('W8: a key expires after 24 hours', async () => {
  const wanted = stay()
  const first = await keyed(staff, 'old', wanted)
  assert.equal(first.status, 201)
  await store.owner.query("update idempotency_keys set expires_at = now() - interval '1 s' where key = 'old'")
  const late = await keyed(staff, 'old', wanted)
  assert.equal(late.body.error.code, 'BOOKING_CONFLICT', 'the constraint still stops the second booking')
  assert.equal(late.headers['idempotency-replayed'], undefined)
})

test('an invalid key is refused before anything is changed', async () => {
  const before = await count('bookings')
  for (const key of ['', '""', ' ', 'ü', 'a b', '"a', 'x'.repeat(256), '"a", "b"']) {
    const reply = await keyed(staff, key, stay())
    assert.deepEqual([reply.status, reply.body.error?.code], [400, 'IDEMPOTENCY_KEY_INVALID'], JSON.stringify(key))
  }
  assert.equal(await count('bookings'), before)
  assert.equal((await keyed(staff, 'x'.repeat(255), stay())).status, 201)
})

test('64 concurrent requests with one key are executed once and get the same body', async () => {
  const wanted = stay()
  const before = await count('bookings')
  const sendUntilDone = async (): Promise<Reply> => {
    const reply = await keyed(staff, 'crowd', wanted)
    if (reply.body.error?.code !== 'IDEMPOTENCY_IN_PROGRESS') return reply
    assert.equal(reply.headers['retry-after'], '1')
    return sendUntilDone()
  }
  const replies = await Promise.all(Array.from({ length: 64 }, sendUntilDone))
  assert.deepEqual([...new Set(replies.map(({ status }) => status))], [201])
  assert.equal(new Set(replies.map(({ text }) => text)).size, 1)
  assert.equal(replies.filter(({ headers }) => headers['idempotency-replayed'] === undefined).length, 1)
  assert.equal(await count('bookings'), before + 1)
})

test('a read ignores the key', async () => {
  const reply = await admin.get('bookings', { 'idempotency-key': 'read' })
  assert.deepEqual([reply.status, reply.headers['idempotency-replayed']], [200, undefined])
})

test('the fingerprint depends on the content of a request, not on the order of its members', () => {
  const print = (body: unknown, query: unknown = {}) =>
    fingerprintOf({ method: 'POST', route: '/', params: {}, query, body, if_match: undefined }).toString('hex')
  assert.equal(print({ a: 1, b: { c: [1, 2], d: null } }), print({ b: { d: null, c: [1, 2] }, a: 1 }))
  assert.equal(print({}, { x: '1', y: '2' }), print({}, { y: '2', x: '1' }))
  const different = [{ a: 1 }, { a: '1' }, { a: [1] }, { a: null }, { b: 1 }, [['a', 1]], {}, [], 'a']
  const prints = different.map((body) => print(body))
  assert.deepEqual(
    prints.filter((one, i) => prints.indexOf(one) !== i),
    [],
  )
})
