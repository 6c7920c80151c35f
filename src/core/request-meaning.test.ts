// Tests which requests mean the same.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, players } from '../../test/cast.ts'
import { type Client, castPerTest } from '../../test/harness.ts'
import { codeOf, must } from '../../test/steps.ts'
import { meaningOf } from './request-meaning.ts'

const { manager, staff } = await castPerTest()

const id = '0190163d-8694-739b-aea5-966c26f8ad9f'
const schema = {
  properties: {
    id: { format: 'uuid' },
    other: { anyOf: [{ format: 'uuid' }, {}] },
    email: { format: 'email' },
    text: {},
    count: { 'x-default': 0 },
    note: { 'x-default': null },
    days: { anyOf: [{ items: {}, uniqueItems: true }, {}] },
    list: { items: { format: 'uuid' } },
    person: { anyOf: [{ properties: { email: { format: 'email' } } }, {}] },
  },
}
const same: [one: unknown, other: unknown][] = [
  [
    { id, text: 'a' },
    { text: 'a', id: id.toUpperCase() },
  ],
  [{ other: id }, { other: id.toUpperCase() }],
  [{}, { count: 0, note: null }],
  [{ count: 1 }, { note: null, count: 1 }],
  [{ email: 'a@b.example' }, { email: 'A@B.example' }],
  [{ days: ['sat', 'sun'] }, { days: ['sun', 'sat'] }],
  [{ list: [id] }, { list: [id.toUpperCase()] }],
  [{ person: { email: 'a@b.example', n: 1 } }, { person: { n: 1, email: 'A@b.example' } }],
]
const different: [one: unknown, other: unknown][] = [
  [{ text: id }, { text: id.toUpperCase() }],
  [{ list: [1, 2] }, { list: [2, 1] }],
  [{ other: id }, { other: null }],
  [{ text: '1' }, { text: 1 }],
  [{ text: null }, {}],
  [{ count: null }, {}],
  [{ count: 1 }, {}],
  [{ unknown: 'A' }, { unknown: 'a' }],
  [{ person: null }, { person: {} }],
]
test('ids and e-mails in any case, sets and members in any order mean the same', () => {
  const text = (value: unknown) => JSON.stringify(meaningOf(value, schema))
  for (const [one, other] of same) assert.equal(text(one), text(other))
  for (const [one, other] of different) assert.notEqual(text(one), text(other), text(one))
})

let keys = 0
interface Spelling {
  readonly path: string
  readonly body: object
}

/** Sends the first spelling and then the others with the same key. */
async function sendAll(client: Client, first: Spelling, others: readonly Spelling[], wanted: 'replayed' | 'refused') {
  keys += 1
  const headers = { 'idempotency-key': `meaning-${keys}` }
  const made = must(201, await client.post(first.path, first.body, headers))
  for (const { path, body } of others) {
    const reply = await client.post(path, body, headers)
    const what = `${path} ${JSON.stringify(body)} ${reply.text}`
    if (wanted === 'replayed') assert.deepEqual([reply.status, reply.text], [201, made.text], what)
    else assert.equal(codeOf(must(422, reply, what)), 'IDEMPOTENCY_KEY_REUSED')
  }
}

const booking = () => ({
  property_id: castProperties.lake.id,
  check_in: '2031-05-10',
  check_out: '2031-05-12',
  num_adults: 2,
  guest: { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com' },
})
const spelled = {
  num_children: 0,
  num_infants: 0,
  num_pets: 0,
  status: 'confirmed',
  source: 'direct',
  payment_status: 'pending',
  guest_message: null,
  internal_notes: null,
}
const bookings = (...bodies: object[]) => bodies.map((body) => ({ path: 'bookings', body }))

test('a repeated booking is replayed however it is written', async () => {
  const base = booking()
  const upper = { ...base, property_id: base.property_id.toUpperCase() }
  const each = Object.entries(spelled).map(([name, value]) => ({ ...base, [name]: value }))
  const reversed = Object.fromEntries(Object.entries(base).reverse())
  const shouted = { ...base, guest: { ...base.guest, email: 'ADA@example.com' } }
  const others = [upper, ...each, { ...upper, ...spelled }, reversed, shouted]
  await sendAll(staff, { path: 'bookings', body: base }, bookings(...others), 'replayed')
})

test('defaults may be spelled out first and left out later', async () => {
  await sendAll(staff, { path: 'bookings', body: { ...booking(), ...spelled } }, bookings(booking()), 'replayed')
})

test('another meaning is refused, and so is the text of an id in a note', async () => {
  const base = { ...booking(), internal_notes: id }
  const others = [
    { ...base, num_children: 1 },
    { ...base, status: 'pending' },
    { ...base, property_id: castProperties.town.id },
    { ...base, internal_notes: id.toUpperCase() },
    { ...base, internal_notes: null },
    { ...base, guest: { ...base.guest, first_name: 'ADA' } },
    { ...base, total_cents: 0 },
  ]
  await sendAll(staff, { path: 'bookings', body: base }, bookings(...others), 'refused')
})

test('properties, holds and blocks are compared by meaning as well', async () => {
  const property = { name: 'Meaning', property_type: 'house', max_guests: 2, arrival_weekdays: ['sat', 'sun'] }
  const properties = [
    { ...property, min_nights: 1, max_nights: 366, is_active: true, city: null, time_zone: null },
    { ...property, arrival_weekdays: ['sun', 'sat'], owner_id: null, cleaning_fee_cents: 0, check_in_time: '15:00' },
  ].map((body) => ({ path: 'properties', body }))
  await sendAll(manager, { path: 'properties', body: property }, properties, 'replayed')
  const { num_adults: _, guest: __, ...nights } = booking()
  const hold = { path: 'holds', body: nights }
  await sendAll(staff, hold, [{ path: 'holds', body: { ...nights, notes: null } }], 'replayed')
  const block = {
    property_id: castProperties.town.id,
    start_date: '2031-06-01',
    end_date: '2031-06-03',
    reason: 'maintenance',
  }
  const again = { ...block, property_id: block.property_id.toUpperCase(), notes: null }
  const path = 'availability/blocks'
  await sendAll(manager, { path, body: block }, [{ path, body: again }], 'replayed')
})

test('the id in the path is the same record in any case', async () => {
  const { id: booking_id } = must(201, await staff.post('bookings', booking())).body
  const key = { 'idempotency-key': 'path' }
  const first = must(200, await manager.patch(`bookings/${booking_id}`, { num_pets: 1 }, key))
  const again = must(200, await manager.patch(`bookings/${booking_id.toUpperCase()}`, { num_pets: 1 }, key))
  assert.deepEqual([again.text, again.headers['idempotency-replayed']], [first.text, 'true'])
})

test('a member that is absent from a PATCH gets no default', async () => {
  const body = { name: 'Kept', property_type: 'house', max_guests: 2, owner_id: players.owner.user_id, min_nights: 3 }
  const made = must(201, await manager.post('properties', { ...body, time_zone: 'Asia/Makassar' })).body
  const patched = must(200, await manager.patch(`properties/${made.id}`, { city: 'Ubud' })).body
  const { city: _, version: __, updated_at: ___, ...rest } = made
  assert.deepEqual({ ...patched, ...rest }, patched)
})
