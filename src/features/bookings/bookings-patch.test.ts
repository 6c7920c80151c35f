// Proves what changing and deleting a booking does: dates against the ledger, prices, closed bookings, freed nights.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, dayAfter, findings, must, newHome, stay } from '../../../test/steps.ts'
import { BookingPatch } from './schema.ts'

const { admin, manager, staff, owner, outsider, store } = await castPerTest()
const missing = '00000000-0000-7000-8000-00000000dead'

async function book(property_id: string, check_in: string, nights = 3, more: object = {}): Promise<Reply['body']> {
  return must(201, await staff.post('bookings', stay(property_id, check_in, nights, more))).body
}

const read = async (id: string) => must(200, await staff.get(`bookings/${id}`)).body
const change = async (id: string, patch: object) => must(200, await manager.patch(`bookings/${id}`, patch)).body

/** The ledger's rows of a property as text, in order. */
async function nightsOf(property_id: string): Promise<unknown[]> {
  const { rows } = await store.owner.query(
    'select during::text from occupancies where property_id = $1 order by lower(during)',
    [property_id],
  )
  return rows.map(({ during }) => during)
}

/** Sets a status that only later steps of a stay, or an import, give. */
async function become(id: string, status: string): Promise<void> {
  await store.owner.query(
    `update bookings set status = $2, cancelled_at = case when $2 = 'cancelled' then now() end where id = $1`,
    [id, status],
  )
  if (!['checked_in', 'checked_out'].includes(status)) {
    await store.owner.query('delete from occupancies where booking_id = $1', [id])
  }
}

const parts = (body: Record<string, unknown>) =>
  ['nightly_rate_cents', 'subtotal_cents', 'cleaning_fee_cents', 'tax_cents', 'total_cents'].map((name) => body[name])

test('every field of a change comes back as it was sent, and only what follows from it changes beside', async () => {
  const [home, elsewhere] = [await newHome(manager), await newHome(manager, { name: 'Elsewhere', max_guests: 9 })]
  const made = await book(home, '2031-01-01')
  const guest = { first_name: 'Ada', last_name: 'Lovelace', email: 'patched@example.com', phone: '+4312345678' }
  const patch = {
    property_id: elsewhere,
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
    payment_status: 'paid',
    guest_message: `„Danke“ 👋 O'Hara\n`,
    internal_notes: 'key: "under" the \\ mat 🔑',
  }
  assert.deepEqual(Object.keys(patch).sort(), Object.keys(BookingPatch.properties).sort())
  const body = await change(made.id, patch)
  const derived = { property_name: 'Elsewhere', num_nights: 10, num_guests: 5, subtotal_cents: 9769, version: 2 }
  const person = { ...guest, id: body.guest.id }
  assert.deepEqual({ ...body, updated_at: '' }, { ...made, ...patch, ...derived, guest: person, updated_at: '' })
  assert.deepEqual(await read(made.id), body)
  const { rows } = await store.owner.query('select updated_at > created_at as rose from bookings where id = $1', [
    made.id,
  ])
  assert.deepEqual(rows, [{ rose: true }])
})

test('null clears the notes, and nothing else may be null', async () => {
  const { id } = await book(await newHome(manager), '2031-01-01', 3, { guest_message: 'a', internal_notes: 'b' })
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

test('what is not to be changed is refused by name, and nothing changes', async () => {
  const made = await book(await newHome(manager), '2031-01-01')
  const fixed = { status: 'cancelled', source: 'airbnb', external_code: 'X', currency: 'CHF' }
  const derived = { subtotal_cents: 1, num_nights: 1, num_guests: 1, reference: 'X', version: 5, refund_cents: 1 }
  const times = { cancelled_at: null, confirmed_at: null, checked_in_at: null, cancellation_reason: null }
  const foreign = { agency_id: missing, id: missing, guest_id: missing, split_from_id: missing, deleted_at: null }
  for (const [name, value] of Object.entries({ ...fixed, ...derived, ...times, ...foreign })) {
    const reply = must(422, await manager.patch(`bookings/${made.id}`, { internal_notes: 'x', [name]: value }))
    assert.deepEqual(findings(reply), [`/${name} UNKNOWN_FIELD`])
  }
  must(422, await manager.patch(`bookings/${made.id}`, {}))
  assert.deepEqual(await read(made.id), made)
})

test('a stay may move over its own nights; those it leaves are free, those it takes are not', async () => {
  const home = await newHome(manager)
  const { id } = await book(home, '2031-05-10', 5)
  const moved = await change(id, { check_in: '2031-05-12', check_out: '2031-05-17' })
  assert.equal(moved.num_nights, 5)
  assert.deepEqual(await nightsOf(home), ['[2031-05-12,2031-05-17)'])
  await book(home, '2031-05-10', 2)
  must(409, await staff.post('bookings', stay(home, '2031-05-16', 1)))
  await change(id, { check_out: '2031-05-13' })
  await book(home, '2031-05-13', 4)
  assert.deepEqual(await nightsOf(home), [
    '[2031-05-10,2031-05-12)',
    '[2031-05-12,2031-05-13)',
    '[2031-05-13,2031-05-17)',
  ])
})

test('a stay cannot move onto the nights of another, and the answer names that one; the day of departure is free', async () => {
  const home = await newHome(manager)
  const made = await book(home, '2031-05-10', 3)
  await book(home, '2031-05-15', 3, { status: 'pending' })
  const moves = [
    { check_out: '2031-05-16' },
    { check_in: '2031-05-14', check_out: '2031-05-16' },
    { check_in: '2031-05-17', check_out: '2031-05-19' },
    { check_in: '2031-05-16', check_out: '2031-05-17' },
    { check_in: '2031-05-01', check_out: '2031-05-30' },
  ]
  for (const move of moves) {
    const reply = must(409, await manager.patch(`bookings/${made.id}`, { ...move, internal_notes: 'moved' }))
    assert.equal(codeOf(reply), 'BOOKING_CONFLICT')
    assert.deepEqual(reply.body.error.meta.conflict, {
      kind: 'booking',
      check_in: '2031-05-15',
      check_out: '2031-05-18',
    })
  }
  assert.deepEqual(await read(made.id), made)
  assert.deepEqual(await nightsOf(home), ['[2031-05-10,2031-05-13)', '[2031-05-15,2031-05-18)'])
  await change(made.id, { check_out: '2031-05-15' })
  await change(made.id, { check_in: '2031-05-18', check_out: '2031-05-20' })
})

test('an inquiry moves over nights that are taken, and still takes none', async () => {
  const home = await newHome(manager)
  await book(home, '2031-05-10')
  const { id } = await book(home, '2031-06-10', 3, { status: 'inquiry' })
  await change(id, { check_in: '2031-05-10', check_out: '2031-05-13' })
  assert.deepEqual(await nightsOf(home), ['[2031-05-10,2031-05-13)'])
})

test('dates that make no stay are refused by name, also against those the booking has', async () => {
  const made = await book(await newHome(manager), '2031-05-10', 3)
  const cases: [patch: object, expected: string][] = [
    [{ check_out: '2031-05-10' }, '/check_out NOT_AFTER_CHECK_IN'],
    [{ check_in: '2031-05-13' }, '/check_out NOT_AFTER_CHECK_IN'],
    [{ check_in: '2031-05-20', check_out: '2031-05-19' }, '/check_out NOT_AFTER_CHECK_IN'],
    [{ check_out: '2032-05-10' }, '/check_out TOO_LONG'],
    [{ check_out: '2031-05-32' }, '/check_out INVALID'],
  ]
  for (const [patch, expected] of cases) {
    assert.deepEqual(findings(must(422, await manager.patch(`bookings/${made.id}`, patch))), [expected])
  }
  assert.deepEqual(await read(made.id), made)
})

test('what a changed stay costs', async (t) => {
  const home = await newHome(manager)
  let day = '2031-01-01'
  const cases: [what: string, given: object, patch: (day: string) => object, expected: (number | null)[]][] = [
    [
      'new dates: at its own nightly rate',
      {},
      (d) => ({ check_out: dayAfter(d, 5) }),
      [10_000, 50_000, 5000, 0, 55_000],
    ],
    [
      'the same number of nights: as before',
      {},
      (d) => ({ check_in: dayAfter(d, 1), check_out: dayAfter(d, 4) }),
      [10_000, 30_000, 5000, 0, 35_000],
    ],
    [
      'new dates without a rate: the total stands',
      { total_cents: 777 },
      (d) => ({ check_out: dayAfter(d, 5) }),
      [null, 777, 0, 0, 777],
    ],
    ['a new rate', {}, () => ({ nightly_rate_cents: 2000 }), [2000, 6000, 5000, 0, 11_000]],
    [
      'a new rate and new dates',
      {},
      (d) => ({ nightly_rate_cents: 2000, check_out: dayAfter(d, 1) }),
      [2000, 2000, 5000, 0, 7000],
    ],
    ['a new total', {}, () => ({ total_cents: 20_000 }), [10_000, 15_000, 5000, 0, 20_000]],
    [
      'a new fee and tax',
      { tax_cents: 10 },
      () => ({ cleaning_fee_cents: 0, tax_cents: 600 }),
      [10_000, 30_000, 0, 600, 30_600],
    ],
    ['a new fee under a total', { total_cents: 777 }, () => ({ cleaning_fee_cents: 77 }), [null, 700, 77, 0, 777]],
    [
      'only notes: as before',
      { total_cents: 777, nightly_rate_cents: 1 },
      () => ({ internal_notes: 'x' }),
      [1, 777, 0, 0, 777],
    ],
  ]
  for (const [what, given, patch, expected] of cases) {
    await t.test(what, async () => {
      const { id } = await book(home, day, 3, given)
      assert.deepEqual(parts(await change(id, patch(day))), expected)
    })
    day = dayAfter(day, 7)
  }
  await t.test('a total below its parts is refused by name', async () => {
    const made = await book(home, day)
    const reply = must(422, await manager.patch(`bookings/${made.id}`, { total_cents: 4999 }))
    assert.deepEqual(findings(reply), ['/total_cents TOO_SMALL'])
    assert.deepEqual(await read(made.id), made)
  })
})

test('a stay keeps its rate and its place when the property gets dearer and smaller', async () => {
  const home = await newHome(manager)
  const { id } = await book(home, '2031-01-01', 3, { num_adults: 4 })
  must(200, await manager.patch(`properties/${home}`, { base_price_cents: 99_000, max_guests: 3, is_active: false }))
  assert.equal((await change(id, { check_out: '2031-01-06' })).total_cents, 55_000)
  await change(id, { num_adults: 3 })
  const reply = must(422, await manager.patch(`bookings/${id}`, { num_children: 1 }))
  assert.deepEqual(findings(reply), ['/num_adults TOO_MANY_GUESTS'])
  await change(id, { num_infants: 5 })
})

test('a booking that is over takes only notes and payment status', async () => {
  const home = await newHome(manager)
  let day = '2031-01-01'
  for (const status of ['cancelled', 'declined', 'no_show', 'checked_out']) {
    const { id } = await book(home, day)
    await become(id, status)
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

test('a booking whose guest is there can still be prolonged', async () => {
  const { id } = await book(await newHome(manager), '2031-01-01')
  await become(id, 'checked_in')
  assert.equal((await change(id, { check_out: '2031-01-05' })).num_nights, 4)
})

test('a stay of the past does not come back to life on a deleted property', async () => {
  const home = await newHome(manager)
  const made = await book(home, '2020-01-01')
  must(204, await admin.delete(`properties/${home}`))
  const reply = must(
    404,
    await manager.patch(`bookings/${made.id}`, { check_in: '2031-01-01', check_out: '2031-01-04' }),
  )
  assert.equal(codeOf(reply), 'PROPERTY_NOT_FOUND')
  assert.deepEqual(await read(made.id), made)
  assert.deepEqual(await nightsOf(home), ['[2020-01-01,2020-01-04)'])
  await change(made.id, { internal_notes: 'still readable' })
})

test('a deleted booking frees its nights at once', async () => {
  const home = await newHome(manager)
  const { id } = await book(home, '2031-05-10')
  must(409, await staff.post('bookings', stay(home, '2031-05-10')))
  assert.equal(must(204, await manager.delete(`bookings/${id}`)).text, '')
  await book(home, '2031-05-10')
})

test('a deleted booking is gone for everybody, and its row is kept as cancelled by the host', async () => {
  const { id } = await book(await newHome(manager), '2031-05-10')
  must(204, await manager.delete(`bookings/${id}`))
  for (const client of [admin, manager, staff, owner, outsider]) {
    assert.equal(codeOf(must(404, await client.get(`bookings/${id}`))), 'BOOKING_NOT_FOUND')
  }
  assert.equal(codeOf(must(404, await manager.delete(`bookings/${id}`))), 'BOOKING_NOT_FOUND')
  must(404, await manager.patch(`bookings/${id}`, { internal_notes: 'x' }))
  const { rows } = await store.owner.query(
    `select status, cancelled_by, cancelled_at is not null as has_time, deleted_at is not null as is_deleted, version
     from bookings where id = $1`,
    [id],
  )
  assert.deepEqual(rows, [{ status: 'cancelled', cancelled_by: 'host', has_time: true, is_deleted: true, version: 2 }])
})

test('deleting a booking that is over keeps how it ended', async () => {
  const home = await newHome(manager)
  for (const [month, status] of [
    ['01', 'checked_out'],
    ['02', 'no_show'],
  ] as const) {
    const { id } = await book(home, `2031-${month}-01`)
    await become(id, status)
    must(204, await admin.delete(`bookings/${id}`))
    const { rows } = await store.owner.query('select status, cancelled_by, cancelled_at from bookings where id = $1', [
      id,
    ])
    assert.deepEqual(rows, [{ status, cancelled_by: null, cancelled_at: null }])
  }
  assert.deepEqual(await nightsOf(home), [])
})

test('a booking of nobody, of another agency and a broken id', async () => {
  const { id } = await book(await newHome(manager), '2031-05-10')
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

test('words that are taken out of a booking are in no answer kept for a key', async () => {
  const key = { 'idempotency-key': 'words' }
  const body = stay(await newHome(manager), '2031-05-10', 3, { guest_message: 'Ada calls', internal_notes: 'VIP' })
  const { id } = must(201, await staff.post('bookings', body, key)).body
  await change(id, { internal_notes: 'Not a VIP' })
  must(201, await staff.post('bookings', body, key))
  await change(id, { guest_message: null, internal_notes: null })
  const withheld = must(410, await staff.post('bookings', body, key))
  assert.deepEqual(withheld.body.error.meta.reason, 'erased')
})
