// Tests moving a booking to another property, and changing its guest.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties } from '../../../test/cast.ts'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, findings, must, newProperty, stay } from '../../../test/steps.ts'

const { admin, manager, staff, store } = await castPerTest()
const missing = '00000000-0000-7000-8000-00000000dead'

async function book(property_id: string, check_in: string, more: object = {}): Promise<Reply['body']> {
  return must(201, await staff.post('bookings', stay(property_id, check_in, 3, more))).body
}

const read = async (id: string) => must(200, await staff.get(`bookings/${id}`)).body
const change = async (id: string, patch: object) => must(200, await manager.patch(`bookings/${id}`, patch)).body

async function rowsOf(text: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

async function nightsOf(property_id: string): Promise<unknown[]> {
  const rows = await rowsOf('select during::text from occupancies where property_id = $1 order by during', property_id)
  return rows.map(({ during }) => during)
}

test('moving a booking moves its occupancy, keeps its price and writes one audit entry', async () => {
  const [from, to] = [
    await newProperty(manager),
    await newProperty(manager, { name: 'Other', base_price_cents: 99_000 }),
  ]
  const booking = await book(from, '2031-05-10')
  const body = await change(booking.id, { property_id: to })
  const moved = { property_id: to, property_name: 'Other', version: 2 }
  assert.deepEqual({ ...body, updated_at: '' }, { ...booking, ...moved, updated_at: '' })
  assert.deepEqual([await nightsOf(from), await nightsOf(to)], [[], ['[2031-05-10,2031-05-13)']])
  const entries = await rowsOf(
    "select before ->> 'property_id' as was, after ->> 'property_id' as is from audit_log where entity_id = $1 and action = 'booking.updated'",
    booking.id,
  )
  assert.deepEqual(entries, [{ was: from, is: to }])
  await book(from, '2031-05-10')
})

test('property and dates change together; the price uses the nightly rate of the booking', async () => {
  const [from, to] = [await newProperty(manager), await newProperty(manager, { base_price_cents: 99_000 })]
  const booking = await book(from, '2031-05-10')
  const body = await change(booking.id, { property_id: to, check_in: '2031-06-01', check_out: '2031-06-06' })
  assert.deepEqual([body.num_nights, body.nightly_rate_cents, body.total_cents], [5, 10_000, 55_000])
  assert.deepEqual([await nightsOf(from), await nightsOf(to)], [[], ['[2031-06-01,2031-06-06)']])
})

test('the same property id in upper case is not a move', async () => {
  const property_id = await newProperty(manager)
  const booking = await book(property_id, '2031-05-10')
  must(200, await manager.patch(`properties/${property_id}`, { is_active: false }))
  const body = await change(booking.id, { property_id: property_id.toUpperCase() })
  assert.deepEqual([body.property_id, body.version], [property_id, 2])
  assert.deepEqual(await nightsOf(property_id), ['[2031-05-10,2031-05-13)'])
})

test('a move to a property that cannot take the stay is refused and changes nothing', async () => {
  const from = await newProperty(manager)
  const booking = await book(from, '2031-05-10', { num_adults: 3 })
  const [taken, small, inactive, deleted] = [
    await newProperty(manager),
    await newProperty(manager, { max_guests: 2 }),
    await newProperty(manager, { is_active: false }),
    await newProperty(manager),
  ]
  await book(taken, '2031-05-12')
  must(204, await admin.delete(`properties/${deleted}`))
  const cases: [property_id: string, status: number, code: string][] = [
    [taken, 409, 'BOOKING_CONFLICT'],
    [small, 422, 'VALIDATION_ERROR'],
    [inactive, 409, 'PROPERTY_UNAVAILABLE'],
    [deleted, 404, 'PROPERTY_NOT_FOUND'],
    [castProperties.beach.id, 404, 'PROPERTY_NOT_FOUND'],
    [missing, 404, 'PROPERTY_NOT_FOUND'],
  ]
  for (const [property_id, status, code] of cases) {
    const guest = { first_name: 'Not', last_name: 'Saved', email: 'not-saved@example.com' }
    const reply = must(status, await manager.patch(`bookings/${booking.id}`, { property_id, guest }), code)
    assert.equal(codeOf(reply), code)
  }
  assert.deepEqual(await read(booking.id), booking)
  assert.deepEqual([await nightsOf(from), await nightsOf(small)], [['[2031-05-10,2031-05-13)'], []])
  assert.deepEqual(await rowsOf("select id from guests where email = 'not-saved@example.com'"), [])
})

test('a move to a property with another currency requires total_cents', async () => {
  const [from, swiss] = [await newProperty(manager), await newProperty(manager, { currency: 'CHF' })]
  const booking = await book(from, '2031-05-10')
  const reply = must(422, await manager.patch(`bookings/${booking.id}`, { property_id: swiss }))
  assert.deepEqual(findings(reply), ['/property_id OTHER_CURRENCY'])
  assert.deepEqual(await read(booking.id), booking)
  const body = await change(booking.id, { property_id: swiss, total_cents: 30_000 })
  assert.deepEqual([body.currency, body.total_cents, body.property_id], ['EUR', 30_000, swiss])
})

test('an inquiry can move onto taken nights, but not to a deleted property', async () => {
  const [from, to, deleted] = [await newProperty(manager), await newProperty(manager), await newProperty(manager)]
  await book(to, '2031-05-10')
  must(204, await admin.delete(`properties/${deleted}`))
  const { id } = await book(from, '2031-05-10', { status: 'inquiry' })
  assert.equal((await change(id, { property_id: to })).property_id, to)
  must(404, await manager.patch(`bookings/${id}`, { property_id: deleted }))
  assert.deepEqual(await nightsOf(to), ['[2031-05-10,2031-05-13)'])
})

test('a cancelled booking can change neither its property nor its guest', async () => {
  const [from, to] = [await newProperty(manager), await newProperty(manager)]
  const { id } = await book(from, '2031-05-10')
  must(200, await manager.post(`bookings/${id}/cancellation`, { cancelled_by: 'guest' }))
  for (const patch of [{ property_id: to }, { guest: null }]) {
    assert.equal(codeOf(must(409, await manager.patch(`bookings/${id}`, patch))), 'BOOKING_CANCELLED')
  }
})

test('the guest of a booking can be added, renamed, replaced and removed', async () => {
  const ada = { first_name: 'Ada', last_name: 'Byron', email: 'ada@example.com', phone: '+43 1 2345678' }
  const booking = await book(await newProperty(manager), '2031-05-10')
  assert.equal(booking.guest, null)
  const first = await change(booking.id, { guest: ada })
  assert.deepEqual({ ...first.guest, id: '' }, { ...ada, phone: '+4312345678', country: null, id: '' })
  const renamed = await change(booking.id, { guest: { ...ada, last_name: 'Lovelace' } })
  assert.deepEqual([renamed.guest.id, renamed.guest.last_name], [first.guest.id, 'Lovelace'])
  const other = await change(booking.id, { guest: { first_name: 'Grace', last_name: 'Hopper' }, num_adults: 1 })
  assert.notEqual(other.guest.id, first.guest.id)
  const none = await change(booking.id, { guest: null })
  assert.deepEqual([none.guest, none.version], [null, 5])
  assert.deepEqual(await read(booking.id), none)
  const entries = await rowsOf(
    "select before -> 'guest_id' as was, after -> 'guest_id' as is from audit_log where entity_id = $1 and action = 'booking.updated' order by id",
    booking.id,
  )
  assert.deepEqual(entries, [
    { was: null, is: first.guest.id },
    { was: null, is: null },
    { was: first.guest.id, is: other.guest.id },
    { was: other.guest.id, is: null },
  ])
})

test('an invalid guest is refused with a JSON pointer, and the booking does not move', async () => {
  const [from, to] = [await newProperty(manager), await newProperty(manager)]
  const booking = await book(from, '2031-05-10')
  const cases: [guest: unknown, expected: string][] = [
    [{ first_name: 'A' }, '/guest/last_name REQUIRED'],
    [{ first_name: 'A', last_name: 'B', phone: '(------)' }, '/guest/phone INVALID'],
    [{ first_name: 'A', last_name: 'B', vip: true }, '/guest/vip UNKNOWN_FIELD'],
  ]
  for (const [guest, expected] of cases) {
    const reply = must(422, await manager.patch(`bookings/${booking.id}`, { property_id: to, guest }))
    assert.ok(findings(reply).includes(expected), `${findings(reply)}`)
  }
  assert.deepEqual(await read(booking.id), booking)
  assert.deepEqual(await nightsOf(to), [])
})
