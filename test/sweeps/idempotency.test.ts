// Every route that changes data takes an Idempotency-Key: sent twice, it executes once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, players } from '../cast.ts'
import { type Client, cast, type Reply } from '../harness.ts'
import { tenantTables } from '../isolation/tables.ts'

const fixture = await cast()
const { admin, store } = fixture

let month = 0

/** Free nights. */
function dates(): { check_in: string; check_out: string } {
  month += 1
  const at = (day: number) => new Date(Date.UTC(2040, month, day)).toISOString().slice(0, 10)
  return { check_in: at(1), check_out: at(5) }
}

async function made(path: string, body: object): Promise<string> {
  const reply = await admin.post(path, body)
  assert.ok([200, 201].includes(reply.status), `${path}: ${reply.text}`)
  return reply.body.id as string
}

const booking = (fields: object = {}) => ({ property_id: castProperties.town.id, ...dates(), num_adults: 1, ...fields })
const block = () => {
  const { check_in, check_out } = dates()
  return { property_id: castProperties.town.id, start_date: check_in, end_date: check_out, reason: 'other' }
}
const hold = () => ({ property_id: castProperties.town.id, ...dates() })
const guest = () => ({ first_name: 'Ada', last_name: 'Lovelace', email: `ada-${++month}@example.com` })
const property = { name: 'Key House', property_type: 'house', max_guests: 2 }
const invitation = () => ({ email: `new-${++month}@example.com`, role: 'staff' })

interface Call {
  readonly path: string
  readonly body?: object
}

/** A valid request for each route, sent by `admin`. */
const calls: Readonly<Record<string, () => Promise<Call>>> = {
  'POST /properties': async () => ({ path: 'properties', body: property }),
  'PATCH /properties/:id': async () => ({
    path: `properties/${castProperties.town.id}`,
    body: { city: `Town ${++month}` },
  }),
  'DELETE /properties/:id': async () => ({ path: `properties/${await made('properties', property)}` }),
  'POST /bookings': async () => ({ path: 'bookings', body: booking() }),
  'PATCH /bookings/:id': async () => ({ path: `bookings/${await made('bookings', booking())}`, body: { num_pets: 1 } }),
  'DELETE /bookings/:id': async () => ({ path: `bookings/${await made('bookings', booking())}` }),
  'PATCH /bookings/:id/status': async () => ({
    path: `bookings/${await made('bookings', booking())}/status`,
    body: { status: 'checked_in' },
  }),
  'POST /bookings/:id/cancellation': async () => ({
    path: `bookings/${await made('bookings', booking())}/cancellation`,
    body: { cancelled_by: 'guest' },
  }),
  'POST /bookings/:id/split': async () => {
    const stay = booking()
    const check_in = `${stay.check_in.slice(0, 8)}03`
    return {
      path: `bookings/${await made('bookings', stay)}/split`,
      body: { property_id: castProperties.lake.id, check_in },
    }
  },
  'POST /availability/blocks': async () => ({ path: 'availability/blocks', body: block() }),
  'PATCH /availability/blocks/:id': async () => ({
    path: `availability/blocks/${await made('availability/blocks', block())}`,
    body: { reason: 'maintenance' },
  }),
  'DELETE /availability/blocks/:id': async () => ({
    path: `availability/blocks/${await made('availability/blocks', block())}`,
  }),
  'POST /holds': async () => ({ path: 'holds', body: hold() }),
  'DELETE /holds/:id/notes': async () => ({ path: `holds/${await made('holds', hold())}/notes` }),
  'DELETE /holds/:id': async () => ({ path: `holds/${await made('holds', hold())}` }),
  'POST /holds/:id/booking': async () => ({
    path: `holds/${await made('holds', hold())}/booking`,
    body: { num_adults: 2 },
  }),
  'POST /guests': async () => ({ path: 'guests', body: guest() }),
  'PATCH /guests/:id': async () => ({
    path: `guests/${await made('guests', guest())}`,
    body: { first_name: 'Augusta' },
  }),
  'POST /guests/:id/anonymisation': async () => ({ path: `guests/${await made('guests', guest())}/anonymisation` }),
  'POST /guests/:id/export': async () => ({ path: `guests/${await made('guests', guest())}/export` }),
  'PATCH /agency': async () => ({ path: 'agency', body: { hold_minutes: 20 } }),
  'POST /team': async () => ({ path: 'team', body: invitation() }),
  'PATCH /team/:id': async () => ({ path: `team/${players.accountant.user_id}`, body: { role: 'staff' } }),
  'DELETE /team/:id': async () => ({ path: `team/${players.otherOwner.user_id}` }),
  'DELETE /team/invitations/:id': async () => ({ path: `team/invitations/${await made('team', invitation())}` }),
}

/** Their responses contain secrets and are not stored: test/sweeps/secrets.test.ts. */
const ensureJwtSecret = ['POST /team']

const routes = fixture.app.declaredRoutes.filter(
  ({ method, can }) => can !== undefined && ['POST', 'PATCH', 'DELETE'].includes(method),
)

/** A checksum over all tenant rows except idempotency_keys. */
async function fingerprint(): Promise<string> {
  const parts = [...tenantTables.keys()]
    .filter((table) => table !== 'idempotency_keys')
    .map((table) => `select md5(coalesce(string_agg(x::text, '|' order by x::text), '')) from ${table} x`)
  const { rows } = await store.owner.query(parts.join(' union all '))
  return JSON.stringify(rows)
}

function send(client: Client, method: string, { path, body }: Call, key: string): Promise<Reply> {
  return client.request(method as 'POST', path, body, { 'idempotency-key': key })
}

test('there are routes with writes', () => assert.ok(routes.length >= 6))

for (const { method, url } of routes) {
  const name = `${method} ${url.replace('/api/v1', '')}`

  test(`${name}, sent twice with one key, executes once and answers the same`, async () => {
    const prepare = calls[name]
    assert.ok(prepare, `no request for ${name}: add one to the calls above`)
    const call = await prepare()
    const first = await send(admin, method, call, name.replaceAll(' ', '-'))
    assert.ok(first.status >= 200 && first.status < 300, first.text)
    const before = await fingerprint()
    const again = await send(admin, method, call, name.replaceAll(' ', '-'))
    assert.equal(await fingerprint(), before)
    if (ensureJwtSecret.includes(name)) {
      assert.deepEqual([again.status, again.body.error.meta.reason], [410, 'secret'])
      return
    }
    assert.equal(again.headers['idempotency-replayed'], 'true')
    assert.deepEqual([again.status, again.text], [first.status, first.text])
    for (const header of ['location', 'etag', 'content-type']) {
      assert.equal(again.headers[header], first.headers[header], header)
    }
  })
}
