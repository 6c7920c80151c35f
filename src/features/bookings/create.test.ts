// Tests creating a booking: stored fields, price, guest, and refusals that save nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, players } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { bookingRowCounts, codeOf, dayAfter, findings, must, newProperty, stay } from '../../../test/steps.ts'
import { NewGuest } from '../guests/schema.ts'
import { type NewBooking, NewBooking as NewBookingSchema } from './schema.ts'

const { admin, manager, staff, outsider, store } = await castPerTest()
const ada = {
  first_name: 'Ada',
  last_name: "O'Neill-Łoś 🧳",
  email: 'ada@example.com',
  phone: '+43 (1) 234-56.78/9',
  country: 'PL',
}

const rowCounts = () => bookingRowCounts(store)

test('a minimal body creates a booking with defaults and the price of the property', async () => {
  const property_id = await newProperty(manager, { name: 'Haus 🏔️' })
  const reply = must(201, await staff.post('bookings', stay(property_id, '2031-07-01', 4)))
  const { id, reference, created_at, updated_at, confirmed_at, ...rest } = reply.body
  assert.equal(reply.headers.location, `/api/v1/bookings/${id}`)
  assert.match(reference, /^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/)
  assert.equal(created_at, updated_at)
  assert.match(confirmed_at, /^\d{4}-.*Z$/)
  assert.deepEqual(rest, {
    ...stay(property_id, '2031-07-01', 4),
    property_name: 'Haus 🏔️',
    status: 'confirmed',
    num_nights: 4,
    num_children: 0,
    num_infants: 0,
    num_pets: 0,
    num_guests: 2,
    source: 'direct',
    external_code: null,
    nightly_rate_cents: 10_000,
    subtotal_cents: 40_000,
    cleaning_fee_cents: 5000,
    tax_cents: 0,
    total_cents: 45_000,
    currency: 'EUR',
    paid_cents: 0,
    payment_status: 'pending',
    guest: null,
    guest_message: null,
    internal_notes: null,
    checked_in_at: null,
    checked_out_at: null,
    declined_at: null,
    no_show_at: null,
    cancelled_at: null,
    cancelled_by: null,
    cancellation_reason: null,
    refund_cents: null,
    refund_reason: null,
    payout_cents: null,
    channel_fee_cents: null,
    booked_on: null,
    split_from_id: null,
    version: 1,
  })
  assert.deepEqual(must(200, await staff.get(reply.headers.location as string)).body, reply.body)
})

test('every field of a full body is stored as sent', async () => {
  const property_id = await newProperty(manager)
  const full: { [K in Exclude<keyof NewBooking, 'guest_id'>]-?: unknown } = {
    ...stay(property_id, '2028-02-27', 3),
    num_children: 1,
    num_infants: 2,
    num_pets: 3,
    guest: ada,
    status: 'pending',
    source: 'fewo_direkt',
    external_code: 'HM "1" 🧾',
    nightly_rate_cents: 9_999,
    cleaning_fee_cents: 1234,
    tax_cents: 567,
    total_cents: 31_798,
    currency: 'CHF',
    paid_cents: 10_000,
    payment_status: 'partial',
    guest_message: 'Grüße!\n„bis bald“ 👋',
    internal_notes: `VIP'; drop table bookings; --`,
  }
  assert.deepEqual(Object.keys({ ...full, guest_id: '' }).sort(), Object.keys(NewBookingSchema.properties).sort())
  const { body } = must(201, await staff.post('bookings', full))
  const { guest, ...rest } = full
  for (const [name, value] of Object.entries(rest)) assert.deepEqual(body[name], value, name)
  const { id, ...person } = body.guest
  assert.match(id, /^[0-9a-f-]{36}$/)
  assert.deepEqual(person, { ...ada, phone: '+43123456789' })
  assert.deepEqual(Object.keys(ada).sort(), Object.keys(NewGuest.properties).sort())
  assert.deepEqual([body.num_nights, body.num_guests, body.subtotal_cents], [3, 3, 29_997])
  assert.deepEqual(must(200, await admin.get(`bookings/${body.id}`)).body, body)
  const { items } = must(200, await admin.get(`bookings?property_id=${property_id}`)).body
  assert.deepEqual(items, [body])
})

test('the same e-mail in another agency is another guest', async () => {
  const guest = { first_name: 'Double', last_name: 'Ganger', email: 'double@example.com', phone: '1234567' }
  const north = must(201, await staff.post('bookings', stay(castProperties.town.id, '2031-01-01', 1, { guest }))).body
  const { phone: _, ...other } = { ...guest, first_name: 'Other' }
  const south = must(
    201,
    await outsider.post('bookings', stay(castProperties.beach.id, '2031-01-01', 1, { guest: other })),
  ).body
  assert.notEqual(south.guest.id, north.guest.id)
  assert.equal(south.guest.phone, null)
  assert.equal((await staff.get(`bookings/${north.id}`)).body.guest.first_name, 'Double')
})

test('guests without an e-mail are always separate guests', async () => {
  const property_id = await newProperty(manager)
  const guest = { first_name: 'Walk', last_name: 'In' }
  const one = must(201, await staff.post('bookings', stay(property_id, '2031-01-01', 1, { guest }))).body
  const two = must(201, await staff.post('bookings', stay(property_id, '2031-01-02', 1, { guest }))).body
  assert.notEqual(one.guest.id, two.guest.id)
})

test('the price of a new booking', async (t) => {
  const property_id = await newProperty(manager)
  const unpriced = await newProperty(manager, { base_price_cents: null, cleaning_fee_cents: 0 })
  const cases: [name: string, property_id: string, given: object, parts: (number | null)[]][] = [
    ['base price and cleaning fee', property_id, {}, [10_000, 30_000, 5000, 0, 35_000]],
    ['with tax', property_id, { tax_cents: 600 }, [10_000, 30_000, 5000, 600, 35_600]],
    ['a given rate', property_id, { nightly_rate_cents: 7000 }, [7000, 21_000, 5000, 0, 26_000]],
    ['a rate of zero', property_id, { nightly_rate_cents: 0, cleaning_fee_cents: 0 }, [0, 0, 0, 0, 0]],
    ['only a total', property_id, { total_cents: 20_000 }, [null, 20_000, 0, 0, 20_000]],
    [
      'a total and its parts',
      property_id,
      { total_cents: 20_000, cleaning_fee_cents: 4000, tax_cents: 1000 },
      [null, 15_000, 4000, 1000, 20_000],
    ],
    ['a total of zero', unpriced, { total_cents: 0 }, [null, 0, 0, 0, 0]],
    ['a rate without a base price', unpriced, { nightly_rate_cents: 1 }, [1, 3, 0, 0, 3]],
  ]
  let day = '2031-01-01'
  for (const [name, property_id, given, parts] of cases) {
    await t.test(name, async () => {
      const { body } = must(201, await staff.post('bookings', stay(property_id, day, 3, given)))
      const { nightly_rate_cents, subtotal_cents, cleaning_fee_cents, tax_cents, total_cents } = body
      assert.deepEqual([nightly_rate_cents, subtotal_cents, cleaning_fee_cents, tax_cents, total_cents], parts)
    })
    day = dayAfter(day, 3)
  }
})

test('the day of departure is free for the next arrival', async () => {
  const property_id = await newProperty(manager)
  must(201, await staff.post('bookings', stay(property_id, '2031-05-10', 5)))
  must(201, await staff.post('bookings', stay(property_id, '2031-05-15', 2)))
  must(201, await staff.post('bookings', stay(property_id, '2031-05-08', 2)))
})

test('every kind of overlap is refused, and the error contains the conflicting stay', async () => {
  const property_id = await newProperty(manager)
  const taken = stay(property_id, '2031-05-10', 5, { status: 'pending' })
  const { id, reference } = must(201, await staff.post('bookings', taken)).body
  const before = await rowCounts()
  const overlaps: Record<string, [check_in: string, nights: number]> = {
    'the same': ['2031-05-10', 5],
    'across its arrival': ['2031-05-07', 4],
    'across its departure': ['2031-05-14', 3],
    inside: ['2031-05-11', 2],
    'its first night': ['2031-05-10', 1],
    'its last night': ['2031-05-14', 1],
    around: ['2031-05-01', 30],
    'the same arrival': ['2031-05-10', 9],
    'the same departure': ['2031-05-02', 13],
  }
  for (const [name, [check_in, nights]] of Object.entries(overlaps)) {
    const guest = { ...ada, email: 'taken@example.com' }
    const reply = must(409, await staff.post('bookings', stay(property_id, check_in, nights, { guest })), name)
    assert.equal(codeOf(reply), 'BOOKING_CONFLICT', name)
    const conflict = { kind: 'booking', check_in: '2031-05-10', check_out: '2031-05-15' }
    assert.deepEqual(reply.body.error.meta, { conflict, conflicts: [{ ...conflict, id, reference }] }, name)
  }
  assert.deepEqual(await rowCounts(), before)
})

test('the same nights can be booked in another property', async () => {
  for (const property_id of [await newProperty(manager), await newProperty(manager)]) {
    must(201, await staff.post('bookings', stay(property_id, '2031-05-10')))
  }
})

test('an inquiry takes no nights', async () => {
  const property_id = await newProperty(manager)
  const inquiry = stay(property_id, '2031-05-10', 3, { status: 'inquiry' })
  for (let i = 0; i < 2; i++) must(201, await staff.post('bookings', inquiry))
  must(201, await staff.post('bookings', stay(property_id, '2031-05-10')))
  must(201, await staff.post('bookings', inquiry))
  const { rows } = await store.owner.query('select count(*)::int as n from occupancies where property_id = $1', [
    property_id,
  ])
  assert.deepEqual(rows, [{ n: 1 }])
})

test('an inactive property takes no bookings', async () => {
  const property_id = await newProperty(manager, { is_active: false })
  for (const status of ['pending', 'confirmed']) {
    const reply = must(409, await staff.post('bookings', stay(property_id, '2031-01-01', 1, { status })))
    assert.equal(codeOf(reply), 'PROPERTY_UNAVAILABLE')
  }
  must(200, await manager.patch(`properties/${property_id}`, { is_active: true }))
  must(201, await staff.post('bookings', stay(property_id, '2031-01-01', 1)))
})

test('external_code is unique per source and agency', async () => {
  const property_id = await newProperty(manager)
  const withCode = (day: string, source: string) =>
    stay(property_id, day, 1, { source, external_code: 'HMABC', guest: ada })
  must(201, await staff.post('bookings', withCode('2031-01-01', 'airbnb')))
  const before = await rowCounts()
  const reply = must(409, await staff.post('bookings', withCode('2031-01-02', 'airbnb')))
  assert.equal(codeOf(reply), 'CONFLICT')
  assert.deepEqual(findings(reply), ['/external_code TAKEN'])
  assert.deepEqual(await rowCounts(), before)
  must(201, await staff.post('bookings', withCode('2031-01-02', 'expedia')))
  const south = { ...withCode('2031-01-02', 'airbnb'), property_id: castProperties.beach.id }
  must(201, await outsider.post('bookings', south))
})

test('the audit entry names the signed-in user as the actor', async () => {
  const { body } = must(201, await staff.post('bookings', stay(await newProperty(manager), '2031-01-01')))
  const { rows } = await store.owner.query('select actor_id, actor_role from audit_log where entity_id = $1', [body.id])
  assert.deepEqual(rows, [{ actor_id: players.staff.user_id, actor_role: 'staff' }])
})
