// Tests updating bookings: fields, dates, occupancy, closed bookings. Prices: update-price.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, dayAfter, findings, must, newProperty, stay } from '../../../test/steps.ts'
import { BookingPatch } from './schema.ts'

const { admin, manager, staff, outsider, store } = await castPerTest()
const missing = '00000000-0000-7000-8000-00000000dead'

async function book(property_id: string, check_in: string, nights = 3, more: object = {}): Promise<Reply['body']> {
  return must(201, await staff.post('bookings', stay(property_id, check_in, nights, more))).body
}

const read = async (id: string) => must(200, await staff.get(`bookings/${id}`)).body
const change = async (id: string, patch: object) => must(200, await manager.patch(`bookings/${id}`, patch)).body

/** The occupancies of a property as text, in order. */
async function nightsOf(property_id: string): Promise<unknown[]> {
  const { rows } = await store.owner.query(
    'select during::text from occupancies where property_id = $1 order by lower(during)',
    [property_id],
  )
  return rows.map(({ during }) => during)
}

/** Sets a status directly in the database, without the checks of the API. */
async function setStatusInDatabase(id: string, status: string): Promise<void> {
  await store.owner.query(
    `with freed as (delete from occupancies where booking_id = $1 and $2 not in ('checked_in', 'checked_out'))
     update bookings set status = $2, cancelled_at = case when $2 = 'cancelled' then now() end where id = $1`,
    [id, status],
  )
}

test('every field of a patch is stored as sent, and only derived fields change besides', async () => {
  const [property_id, other_id] = [
    await newProperty(manager),
    await newProperty(manager, { name: 'Elsewhere', max_guests: 9 }),
  ]
  const booking = await book(property_id, '2031-01-01')
  const guest = {
    first_name: 'Ada',
    last_name: 'Lovelace',
    email: 'patched@example.com',
    phone: '+4312345678',
    country: 'GB',
  }
  const patch = {
    property_id: other_id,
    check_in: '2031-02-01',
    check_out: '2031-02-11',
    num_adults: 3,
    num_children: 2,
    num_infants: 1,
    num_pets: 4,
    guest,
    nightly_rate_cents: 1000,
    cleaning_fee_cents: 200,
    tax_cents: 30,
    total_cents: 9999,
    paid_cents: 9999,
    payment_status: 'paid',
    guest_message: `„Danke“ 👋 O'Hara\n`,
    internal_notes: 'key: "under" the \\ mat 🔑',
  }
  assert.deepEqual(Object.keys({ ...patch, guest_id: '' }).sort(), Object.keys(BookingPatch.properties).sort())
  const body = await change(booking.id, patch)
  const derived = { property_name: 'Elsewhere', num_nights: 10, num_guests: 5, subtotal_cents: 9769, version: 2 }
  const person = { ...guest, id: body.guest.id }
  assert.deepEqual({ ...body, updated_at: '' }, { ...booking, ...patch, ...derived, guest: person, updated_at: '' })
  assert.deepEqual(await read(booking.id), body)
  const { rows } = await store.owner.query('select updated_at > created_at as rose from bookings where id = $1', [
    booking.id,
  ])
  assert.deepEqual(rows, [{ rose: true }])
})

test('null clears the notes and is refused for other fields', async () => {
  const { id } = await book(await newProperty(manager), '2031-01-01', 3, { guest_message: 'a', internal_notes: 'b' })
  const body = await change(id, { guest_message: null, internal_notes: null })
  assert.deepEqual([body.guest_message, body.internal_notes], [null, null])
  for (const name of ['check_in', 'check_out', 'num_adults', 'num_pets', 'total_cents', 'payment_status']) {
    const reply = must(422, await manager.patch(`bookings/${id}`, { [name]: null }))
    assert.ok(
      findings(reply).every((finding) => finding.startsWith(`/${name} `)),
      reply.text,
    )
  }
})

test('fields that cannot be changed are refused with a JSON pointer, and nothing changes', async () => {
  const booking = await book(await newProperty(manager), '2031-01-01')
  const fixed = { status: 'cancelled', source: 'airbnb', external_code: 'X', currency: 'CHF' }
  const derived = { subtotal_cents: 1, num_nights: 1, num_guests: 1, reference: 'X', version: 5, refund_cents: 1 }
  const times = { cancelled_at: null, confirmed_at: null, checked_in_at: null, cancellation_reason: null }
  const foreign = { agency_id: missing, id: missing, split_from_id: missing, deleted_at: null }
  for (const [name, value] of Object.entries({ ...fixed, ...derived, ...times, ...foreign })) {
    const reply = must(422, await manager.patch(`bookings/${booking.id}`, { internal_notes: 'x', [name]: value }))
    assert.deepEqual(findings(reply), [`/${name} UNKNOWN_FIELD`])
  }
  must(422, await manager.patch(`bookings/${booking.id}`, {}))
  assert.deepEqual(await read(booking.id), booking)
})

test('a booking can move across its own nights; nights it leaves become free', async () => {
  const property_id = await newProperty(manager)
  const { id } = await book(property_id, '2031-05-10', 5)
  const moved = await change(id, { check_in: '2031-05-12', check_out: '2031-05-17' })
  assert.equal(moved.num_nights, 5)
  assert.deepEqual(await nightsOf(property_id), ['[2031-05-12,2031-05-17)'])
  await book(property_id, '2031-05-10', 2)
  must(409, await staff.post('bookings', stay(property_id, '2031-05-16', 1)))
  await change(id, { check_out: '2031-05-13' })
  await book(property_id, '2031-05-13', 4)
  assert.deepEqual(await nightsOf(property_id), [
    '[2031-05-10,2031-05-12)',
    '[2031-05-12,2031-05-13)',
    '[2031-05-13,2031-05-17)',
  ])
})

test('a booking cannot move onto taken nights, and the error contains the conflicting stay', async () => {
  const property_id = await newProperty(manager)
  const booking = await book(property_id, '2031-05-10', 3)
  await book(property_id, '2031-05-15', 3, { status: 'pending' })
  const changes = [
    { check_out: '2031-05-16' },
    { check_in: '2031-05-14', check_out: '2031-05-16' },
    { check_in: '2031-05-17', check_out: '2031-05-19' },
    { check_in: '2031-05-16', check_out: '2031-05-17' },
    { check_in: '2031-05-01', check_out: '2031-05-30' },
  ]
  for (const dates of changes) {
    const reply = must(409, await manager.patch(`bookings/${booking.id}`, { ...dates, internal_notes: 'moved' }))
    assert.equal(codeOf(reply), 'BOOKING_CONFLICT')
    assert.deepEqual(reply.body.error.meta.conflict, {
      kind: 'booking',
      check_in: '2031-05-15',
      check_out: '2031-05-18',
    })
  }
  assert.deepEqual(await read(booking.id), booking)
  assert.deepEqual(await nightsOf(property_id), ['[2031-05-10,2031-05-13)', '[2031-05-15,2031-05-18)'])
  await change(booking.id, { check_out: '2031-05-15' })
  await change(booking.id, { check_in: '2031-05-18', check_out: '2031-05-20' })
})

test('an inquiry can move onto taken nights and still takes none', async () => {
  const property_id = await newProperty(manager)
  await book(property_id, '2031-05-10')
  const { id } = await book(property_id, '2031-06-10', 3, { status: 'inquiry' })
  await change(id, { check_in: '2031-05-10', check_out: '2031-05-13' })
  assert.deepEqual(await nightsOf(property_id), ['[2031-05-10,2031-05-13)'])
})

test('invalid dates are refused, also in combination with those of the booking', async () => {
  const booking = await book(await newProperty(manager), '2031-05-10', 3)
  const cases: [patch: object, expected: string][] = [
    [{ check_out: '2031-05-10' }, '/check_out NOT_AFTER_CHECK_IN'],
    [{ check_in: '2031-05-13' }, '/check_out NOT_AFTER_CHECK_IN'],
    [{ check_in: '2031-05-20', check_out: '2031-05-19' }, '/check_out NOT_AFTER_CHECK_IN'],
    [{ check_out: '2032-05-12' }, '/check_out TOO_LONG'],
    [{ check_out: '2031-05-32' }, '/check_out INVALID'],
  ]
  for (const [patch, expected] of cases) {
    assert.deepEqual(findings(must(422, await manager.patch(`bookings/${booking.id}`, patch))), [expected])
  }
  assert.deepEqual(await read(booking.id), booking)
})

test('a closed booking accepts only notes and payments', async () => {
  const property_id = await newProperty(manager)
  let day = '2031-01-01'
  for (const status of ['cancelled', 'declined', 'no_show', 'checked_out']) {
    const { id } = await book(property_id, day)
    await setStatusInDatabase(id, status)
    const before = await read(id)
    const refused = [
      { check_out: dayAfter(day, 1) },
      { num_adults: 1 },
      { total_cents: 0 },
      { guest_message: null },
      { payment_status: 'refunded', tax_cents: 1 },
    ]
    for (const patch of refused) {
      const reply = must(409, await manager.patch(`bookings/${id}`, patch), status)
      assert.equal(codeOf(reply), 'BOOKING_CANCELLED')
    }
    assert.deepEqual(await read(id), before)
    const body = await change(id, { internal_notes: 'refunded by bank', payment_status: 'refunded' })
    assert.deepEqual([body.internal_notes, body.payment_status, body.status], ['refunded by bank', 'refunded', status])
    day = dayAfter(day, 3)
  }
})

test('a checked-in booking can be extended', async () => {
  const { id } = await book(await newProperty(manager), '2031-01-01')
  await setStatusInDatabase(id, 'checked_in')
  assert.equal((await change(id, { check_out: '2031-01-05' })).num_nights, 4)
})

test('a past booking of a deleted property cannot get new dates', async () => {
  const property_id = await newProperty(manager)
  const booking = await book(property_id, '2020-01-01')
  must(204, await admin.delete(`properties/${property_id}`))
  const reply = must(
    404,
    await manager.patch(`bookings/${booking.id}`, { check_in: '2031-01-01', check_out: '2031-01-04' }),
  )
  assert.equal(codeOf(reply), 'PROPERTY_NOT_FOUND')
  assert.deepEqual(await read(booking.id), booking)
  assert.deepEqual(await nightsOf(property_id), ['[2020-01-01,2020-01-04)'])
  await change(booking.id, { internal_notes: 'still readable' })
})

test('unknown and foreign bookings answer 404, a malformed id 422', async () => {
  const { id } = await book(await newProperty(manager), '2031-05-10')
  for (const [client, path] of [
    [manager, `bookings/${missing}`],
    [outsider, `bookings/${id}`],
  ] as const) {
    for (const reply of [await client.patch(path, { check_out: '2031-05-11' }), await client.delete(path)]) {
      assert.equal(codeOf(must(404, reply)), 'BOOKING_NOT_FOUND')
    }
  }
  assert.deepEqual(findings(must(422, await manager.delete('bookings/1'))), ['/path/id INVALID'])
  assert.equal((await change(id.toUpperCase(), { num_adults: 1 })).id, id)
})

test('a replayed answer never contains deleted notes: it answers 410', async () => {
  const key = { 'idempotency-key': 'words' }
  const body = stay(await newProperty(manager), '2031-05-10', 3, { guest_message: 'Ada calls', internal_notes: 'VIP' })
  const { id } = must(201, await staff.post('bookings', body, key)).body
  await change(id, { internal_notes: 'Not a VIP' })
  must(201, await staff.post('bookings', body, key))
  await change(id, { guest_message: null, internal_notes: null })
  const withheld = must(410, await staff.post('bookings', body, key))
  assert.deepEqual(withheld.body.error.meta.reason, 'erased')
})
