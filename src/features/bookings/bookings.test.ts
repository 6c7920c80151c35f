// Proves what booking a stay does: what is kept, what it costs, who the guest is, and what is refused with nothing saved.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, players } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { codeOf, dayAfter, findings, must, newHome, stay } from '../../../test/steps.ts'
import { NewGuest } from '../guests/schema.ts'
import { type NewBooking, NewBooking as NewBookingSchema } from './schema.ts'

const { admin, manager, staff, outsider, store } = await castPerTest()
const missing = '00000000-0000-7000-8000-00000000dead'
const ada = { first_name: 'Ada', last_name: "O'Neill-Łoś 🧳", email: 'ada@example.com', phone: '+43 (1) 234-56.78/9' }

/** How many rows there are of everything that a booking writes. */
async function written(): Promise<object> {
  const { rows } = await store.owner.query(
    `select (select count(*)::int from bookings) as bookings, (select count(*)::int from guests) as guests,
       (select count(*)::int from occupancies) as occupancies, (select count(*)::int from audit_log) as audit`,
  )
  return rows[0] as object
}

test('the smallest body books the nights at the price of the property', async () => {
  const home = await newHome(manager, { name: 'Haus 🏔️' })
  const reply = must(201, await staff.post('bookings', stay(home, '2031-07-01', 4)))
  const { id, reference, created_at, updated_at, confirmed_at, ...rest } = reply.body
  assert.equal(reply.headers.location, `/api/v1/bookings/${id}`)
  assert.match(reference, /^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/)
  assert.equal(created_at, updated_at)
  assert.match(confirmed_at, /^\d{4}-.*Z$/)
  assert.deepEqual(rest, {
    ...stay(home, '2031-07-01', 4),
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
    split_from_id: null,
    version: 1,
  })
  assert.deepEqual(must(200, await staff.get(reply.headers.location as string)).body, reply.body)
})

test('every field of a full body is kept as it was sent', async () => {
  const home = await newHome(manager)
  const full: { [K in keyof NewBooking]-?: unknown } = {
    ...stay(home, '2028-02-27', 3),
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
    payment_status: 'partial',
    guest_message: 'Grüße!\n„bis bald“ 👋',
    internal_notes: `VIP'; drop table bookings; --`,
  }
  assert.deepEqual(Object.keys(full).sort(), Object.keys(NewBookingSchema.properties).sort())
  const { body } = must(201, await staff.post('bookings', full))
  const { guest, ...rest } = full
  for (const [name, value] of Object.entries(rest)) assert.deepEqual(body[name], value, name)
  const { id, ...person } = body.guest
  assert.match(id, /^[0-9a-f-]{36}$/)
  assert.deepEqual(person, { ...ada, phone: '+43123456789' })
  assert.deepEqual(Object.keys(ada).sort(), Object.keys(NewGuest.properties).sort())
  assert.deepEqual([body.num_nights, body.num_guests, body.subtotal_cents], [3, 3, 29_997])
  assert.deepEqual(must(200, await admin.get(`bookings/${body.id}`)).body, body)
  const { items } = must(200, await admin.get(`bookings?property_id=${home}`)).body
  assert.deepEqual(items, [body])
})

test('a guest is known again by the e-mail: name and phone become what was said last', async () => {
  const home = await newHome(manager)
  const book = async (day: string, guest: object) =>
    must(201, await staff.post('bookings', stay(home, day, 1, { guest }))).body
  const grace = { first_name: 'Grace', last_name: 'Hopper', email: 'grace@example.com', phone: '+1 555 0100 200' }
  const first = await book('2031-01-01', grace)
  const second = await book('2031-01-02', { first_name: 'Grace B.', last_name: 'Murray', email: 'Grace@Example.COM' })
  assert.deepEqual(second.guest, {
    id: first.guest.id,
    first_name: 'Grace B.',
    last_name: 'Murray',
    email: 'grace@example.com',
    phone: '+15550100200',
  })
  const third = await book('2031-01-03', { ...grace, phone: '030 1234567' })
  assert.deepEqual([third.guest.id, third.guest.phone], [first.guest.id, '0301234567'])
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

test('guests without an e-mail are never taken for one another', async () => {
  const home = await newHome(manager)
  const guest = { first_name: 'Walk', last_name: 'In' }
  const one = must(201, await staff.post('bookings', stay(home, '2031-01-01', 1, { guest }))).body
  const two = must(201, await staff.post('bookings', stay(home, '2031-01-02', 1, { guest }))).body
  assert.notEqual(one.guest.id, two.guest.id)
})

test('what a stay costs', async (t) => {
  const home = await newHome(manager)
  const unpriced = await newHome(manager, { base_price_cents: null, cleaning_fee_cents: 0 })
  const cases: [what: string, property_id: string, given: object, parts: (number | null)[]][] = [
    ['base price, cleaning', home, {}, [10_000, 30_000, 5000, 0, 35_000]],
    ['with tax', home, { tax_cents: 600 }, [10_000, 30_000, 5000, 600, 35_600]],
    ['a rate of its own', home, { nightly_rate_cents: 7000 }, [7000, 21_000, 5000, 0, 26_000]],
    ['a rate of nothing', home, { nightly_rate_cents: 0, cleaning_fee_cents: 0 }, [0, 0, 0, 0, 0]],
    ['a total alone', home, { total_cents: 20_000 }, [null, 20_000, 0, 0, 20_000]],
    [
      'a total and its parts',
      home,
      { total_cents: 20_000, cleaning_fee_cents: 4000, tax_cents: 1000 },
      [null, 15_000, 4000, 1000, 20_000],
    ],
    ['a total of nothing', unpriced, { total_cents: 0 }, [null, 0, 0, 0, 0]],
    ['a rate where there is no base price', unpriced, { nightly_rate_cents: 1 }, [1, 3, 0, 0, 3]],
  ]
  let day = '2031-01-01'
  for (const [what, property_id, given, parts] of cases) {
    await t.test(what, async () => {
      const { body } = must(201, await staff.post('bookings', stay(property_id, day, 3, given)))
      const { nightly_rate_cents, subtotal_cents, cleaning_fee_cents, tax_cents, total_cents } = body
      assert.deepEqual([nightly_rate_cents, subtotal_cents, cleaning_fee_cents, tax_cents, total_cents], parts)
    })
    day = dayAfter(day, 3)
  }
})

test('a price that cannot be is refused by name', async () => {
  const home = await newHome(manager)
  const unpriced = await newHome(manager, { base_price_cents: null })
  const before = await written()
  const cases: [property_id: string, given: object, expected: string][] = [
    [unpriced, {}, '/total_cents NO_PRICE'],
    [home, { total_cents: 100, tax_cents: 101 }, '/total_cents TOO_SMALL'],
    [home, { currency: 'CHF' }, '/currency INVALID'],
    [home, { nightly_rate_cents: 100_000_000_000 }, '/nightly_rate_cents TOO_LARGE'],
  ]
  for (const [property_id, given, expected] of cases) {
    const guest = { ...ada, email: 'price@example.com' }
    const reply = must(422, await staff.post('bookings', stay(property_id, '2031-01-01', 3, { guest, ...given })))
    assert.deepEqual(findings(reply), [expected])
  }
  assert.deepEqual(await written(), before)
})

test('the day of departure is free for the next arrival', async () => {
  const home = await newHome(manager)
  must(201, await staff.post('bookings', stay(home, '2031-05-10', 5)))
  must(201, await staff.post('bookings', stay(home, '2031-05-15', 2)))
  must(201, await staff.post('bookings', stay(home, '2031-05-08', 2)))
})

test('nights that are taken are refused however the stays overlap, and the answer names the stay in the way', async () => {
  const home = await newHome(manager)
  must(201, await staff.post('bookings', stay(home, '2031-05-10', 5, { status: 'pending' })))
  const before = await written()
  const overlaps: Record<string, [check_in: string, nights: number]> = {
    'the same': ['2031-05-10', 5],
    'from the left': ['2031-05-07', 4],
    'from the right': ['2031-05-14', 3],
    inside: ['2031-05-11', 2],
    'its first night': ['2031-05-10', 1],
    'its last night': ['2031-05-14', 1],
    around: ['2031-05-01', 30],
    'the same arrival': ['2031-05-10', 9],
    'the same departure': ['2031-05-02', 13],
  }
  for (const [what, [check_in, nights]] of Object.entries(overlaps)) {
    const guest = { ...ada, email: 'taken@example.com' }
    const reply = must(409, await staff.post('bookings', stay(home, check_in, nights, { guest })), what)
    assert.equal(codeOf(reply), 'BOOKING_CONFLICT', what)
    const conflict = { kind: 'booking', check_in: '2031-05-10', check_out: '2031-05-15' }
    assert.deepEqual(reply.body.error.meta, { conflict }, what)
  }
  assert.deepEqual(await written(), before)
})

test('the same nights elsewhere are free', async () => {
  for (const home of [await newHome(manager), await newHome(manager)]) {
    must(201, await staff.post('bookings', stay(home, '2031-05-10')))
  }
})

test('an inquiry takes no nights', async () => {
  const home = await newHome(manager)
  const inquiry = stay(home, '2031-05-10', 3, { status: 'inquiry' })
  for (let i = 0; i < 2; i++) must(201, await staff.post('bookings', inquiry))
  must(201, await staff.post('bookings', stay(home, '2031-05-10')))
  must(201, await staff.post('bookings', inquiry))
  const { rows } = await store.owner.query('select count(*)::int as n from occupancies where property_id = $1', [home])
  assert.deepEqual(rows, [{ n: 1 }])
})

test('a stay begins as an inquiry, pending or confirmed, and as nothing else', async () => {
  const home = await newHome(manager)
  for (const status of ['checked_in', 'checked_out', 'cancelled', 'declined', 'no_show', 'Confirmed', '']) {
    const reply = must(422, await staff.post('bookings', stay(home, '2031-01-01', 1, { status })))
    assert.deepEqual(findings(reply), ['/status NOT_ALLOWED'])
  }
})

test('a property that is not active takes no bookings', async () => {
  const home = await newHome(manager, { is_active: false })
  for (const status of ['pending', 'confirmed']) {
    const reply = must(409, await staff.post('bookings', stay(home, '2031-01-01', 1, { status })))
    assert.equal(codeOf(reply), 'PROPERTY_UNAVAILABLE')
  }
  must(200, await manager.patch(`properties/${home}`, { is_active: true }))
  must(201, await staff.post('bookings', stay(home, '2031-01-01', 1)))
})

test('nobody is put up beyond the capacity; infants do not count', async () => {
  const home = await newHome(manager, { max_guests: 4 })
  for (const people of [{ num_adults: 5 }, { num_adults: 3, num_children: 2 }]) {
    const reply = must(422, await staff.post('bookings', stay(home, '2031-01-01', 1, people)))
    assert.deepEqual(findings(reply), ['/num_adults TOO_MANY_GUESTS'])
  }
  const full = { num_adults: 2, num_children: 2, num_infants: 3, num_pets: 2 }
  must(201, await staff.post('bookings', stay(home, '2031-01-01', 1, full)))
})

test('dates that make no stay are refused by name', async () => {
  const home = await newHome(manager)
  const cases: [check_in: string, check_out: string, expected: string][] = [
    ['2031-01-05', '2031-01-05', '/check_out NOT_AFTER_CHECK_IN'],
    ['2031-01-05', '2031-01-04', '/check_out NOT_AFTER_CHECK_IN'],
    ['2031-01-01', '2032-01-02', '/check_out TOO_LONG'],
    ['1999-12-31', '2000-01-02', '/check_in TOO_EARLY'],
    ['2100-12-31', '2101-01-01', '/check_out TOO_LATE'],
    ['2031-02-29', '2031-03-02', '/check_in INVALID'],
    ['2031-04-30', '2031-04-31', '/check_out INVALID'],
    ['2031-1-1', '2031-01-02', '/check_in INVALID'],
    ['01.01.2031', '2031-01-02', '/check_in INVALID'],
    ['2031-01-01T00:00:00Z', '2031-01-02', '/check_in INVALID'],
    ['2031-01-01', 'tomorrow', '/check_out INVALID'],
    ['', '2031-01-02', '/check_in INVALID'],
  ]
  for (const [check_in, check_out, expected] of cases) {
    const reply = must(422, await staff.post('bookings', { ...stay(home, '2031-01-01'), check_in, check_out }))
    assert.deepEqual(findings(reply), [expected], `${check_in} to ${check_out}`)
  }
  must(201, await staff.post('bookings', stay(home, '2031-01-01', 365)))
})

test('a field that is missing, unknown or of a wrong kind is refused by name, and nothing is saved', async () => {
  const home = await newHome(manager)
  const body = stay(home, '2031-01-01', 3, { guest: ada })
  const before = await written()
  const wrong: [pointer: string, more: object][] = [
    ['/agency_id UNKNOWN_FIELD', { agency_id: castProperties.beach.agency_id }],
    ['/id UNKNOWN_FIELD', { id: missing }],
    ['/guest_id UNKNOWN_FIELD', { guest_id: missing }],
    ['/reference UNKNOWN_FIELD', { reference: 'MINE' }],
    ['/subtotal_cents UNKNOWN_FIELD', { subtotal_cents: 1 }],
    ['/guest/vip UNKNOWN_FIELD', { guest: { ...ada, vip: true } }],
    ['/guest/last_name REQUIRED', { guest: { first_name: 'A' } }],
    ['/guest/email INVALID', { guest: { ...ada, email: 'not an e-mail' } }],
    ['/guest/phone INVALID', { guest: { ...ada, phone: '12-34-(56)' } }],
    ['/guest/phone INVALID', { guest: { ...ada, phone: '0123456789012345' } }],
    ['/guest WRONG_TYPE', { guest: null }],
    ['/property_id REQUIRED', { property_id: undefined }],
    ['/property_id INVALID', { property_id: `urn:uuid:${home}` }],
    ['/num_adults INVALID', { num_adults: 0 }],
    ['/num_adults WRONG_TYPE', { num_adults: '2' }],
    ['/num_children WRONG_TYPE', { num_children: 1.5 }],
    ['/num_pets INVALID', { num_pets: -1 }],
    ['/total_cents WRONG_TYPE', { total_cents: 99.5 }],
    ['/total_cents WRONG_TYPE', { total_cents: null }],
    ['/tax_cents INVALID', { tax_cents: -1 }],
    ['/currency INVALID', { currency: 'eur' }],
    ['/source NOT_ALLOWED', { source: 'craigslist' }],
    ['/payment_status NOT_ALLOWED', { payment_status: 'soon' }],
    ['/external_code INVALID', { external_code: '' }],
  ]
  for (const [expected, more] of wrong) {
    const reply = must(422, await staff.post('bookings', { ...body, ...more }), expected)
    assert.deepEqual(findings(reply), [expected])
  }
  assert.equal(codeOf(must(404, await staff.post('bookings', { ...body, property_id: missing }))), 'PROPERTY_NOT_FOUND')
  assert.deepEqual(await written(), before)
})

test('a code of a channel belongs to one booking of that channel in the agency', async () => {
  const home = await newHome(manager)
  const coded = (day: string, source: string) => stay(home, day, 1, { source, external_code: 'HMABC', guest: ada })
  must(201, await staff.post('bookings', coded('2031-01-01', 'airbnb')))
  const before = await written()
  const reply = must(409, await staff.post('bookings', coded('2031-01-02', 'airbnb')))
  assert.equal(codeOf(reply), 'CONFLICT')
  assert.deepEqual(findings(reply), ['/external_code TAKEN'])
  assert.deepEqual(await written(), before)
  must(201, await staff.post('bookings', coded('2031-01-02', 'expedia')))
  const south = { ...coded('2031-01-02', 'airbnb'), property_id: castProperties.beach.id }
  must(201, await outsider.post('bookings', south))
})

test('who booked is the member, whatever the request says', async () => {
  const { body } = must(201, await staff.post('bookings', stay(await newHome(manager), '2031-01-01')))
  const { rows } = await store.owner.query('select actor_id, actor_role from audit_log where entity_id = $1', [body.id])
  assert.deepEqual(rows, [{ actor_id: players.staff.user_id, actor_role: 'staff' }])
})
