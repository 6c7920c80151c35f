// Tests splitting a booking: nights, price, audit entries, events, and refusals.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { castProperties } from '../../../test/cast.ts'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, dayAfter, findings, localToday, must, newProperty, stay } from '../../../test/steps.ts'
import { splitPrice } from './price.ts'

const { admin, manager, staff, outsider, store } = await castPerTest()
const missing = '00000000-0000-7000-8000-00000000dead'
const guest = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com' }

async function book(property_id: string, check_in: string, nights = 7, more: object = {}): Promise<Reply['body']> {
  return must(201, await staff.post('bookings', stay(property_id, check_in, nights, more))).body
}

const read = async (id: string) => must(200, await staff.get(`bookings/${id}`)).body

async function rowsOf(text: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

async function nightsOf(property_id: string): Promise<unknown[]> {
  const rows = await rowsOf('select during::text from occupancies where property_id = $1 order by during', property_id)
  return rows.map(({ during }) => during)
}

test('the two prices add up to the original price to the cent, and none is negative', () => {
  const cents = fc.integer({ min: 0, max: 30_000_000_000 })
  const nights = fc.integer({ min: 1, max: 364 })
  const rate = fc.option(cents)
  fc.assert(
    fc.property(
      cents,
      cents,
      cents,
      rate,
      nights,
      nights,
      (subtotal_cents, cleaning, tax_cents, rate_cents, n1, n2) => {
        const total_cents = subtotal_cents + cleaning + tax_cents
        const original = {
          nightly_rate_cents: rate_cents,
          subtotal_cents,
          cleaning_fee_cents: cleaning,
          tax_cents,
          total_cents,
        }
        const [first, second] = splitPrice(original, n1, n2)
        for (const name of ['subtotal_cents', 'cleaning_fee_cents', 'tax_cents', 'total_cents'] as const) {
          assert.equal(first[name] + second[name], original[name], name)
          assert.ok(Number.isSafeInteger(first[name]) && first[name] >= 0 && second[name] >= 0, name)
        }
        for (const part of [first, second]) {
          assert.equal(part.subtotal_cents + part.cleaning_fee_cents + part.tax_cents, part.total_cents)
        }
        const exact = (subtotal_cents * n2) / (n1 + n2)
        assert.ok(Math.abs(second.subtotal_cents - exact) <= 1, `${second.subtotal_cents} of ${exact}`)
      },
    ),
    { numRuns: 2000 },
  )
})

test('a price with a nightly rate is split at that rate', () => {
  const original = { nightly_rate_cents: 9_999, subtotal_cents: 7 * 9_999, cleaning_fee_cents: 5000, tax_cents: 0 }
  const [first, second] = splitPrice({ ...original, total_cents: 7 * 9_999 + 5000 }, 4, 3)
  assert.deepEqual([first.subtotal_cents, second.subtotal_cents], [4 * 9_999, 3 * 9_999])
})

test('a split creates a second booking with the same guest and divides nights and price', async () => {
  const [from, to] = [
    await newProperty(manager),
    await newProperty(manager, { name: 'Elsewhere', base_price_cents: 1 }),
  ]
  const more = {
    guest,
    source: 'airbnb',
    external_code: 'HM1',
    tax_cents: 1000,
    num_children: 1,
    payment_status: 'paid',
  }
  const booking = await book(from, '2031-05-10', 7, { ...more, internal_notes: 'late' })
  const reply = must(
    201,
    await manager.post(`bookings/${booking.id}/split`, { property_id: to, check_in: '2031-05-14' }),
  )
  const { first, second } = reply.body
  assert.equal(reply.headers.location, `/api/v1/bookings/${second.id}`)
  const shortened = {
    check_out: '2031-05-14',
    num_nights: 4,
    subtotal_cents: 40_000,
    tax_cents: 572,
    total_cents: 45_572,
    paid_cents: 45_572,
  }
  assert.deepEqual({ ...first, updated_at: '' }, { ...booking, ...shortened, version: 2, updated_at: '' })
  const { id, reference, created_at, updated_at, ...rest } = second
  assert.notEqual(reference, booking.reference)
  const { id: _, reference: __, created_at: ___, updated_at: ____, ...same } = booking
  assert.deepEqual(rest, {
    ...same,
    property_id: to,
    property_name: 'Elsewhere',
    check_in: '2031-05-14',
    num_nights: 3,
    external_code: null,
    internal_notes: null,
    subtotal_cents: 30_000,
    cleaning_fee_cents: 0,
    tax_cents: 428,
    total_cents: 30_428,
    paid_cents: 30_428,
    split_from_id: booking.id,
  })
  assert.equal(first.total_cents + second.total_cents, booking.total_cents)
  assert.deepEqual([await read(booking.id), await read(id)], [first, second])
  assert.deepEqual(
    [await nightsOf(from), await nightsOf(to)],
    [['[2031-05-10,2031-05-14)'], ['[2031-05-14,2031-05-17)']],
  )
  await book(from, '2031-05-14', 3)
})

test('both bookings have an audit entry', async () => {
  const [from, to] = [await newProperty(manager), await newProperty(manager)]
  const booking = await book(from, '2031-05-10')
  const path = `bookings/${booking.id}/split`
  const { second } = must(201, await manager.post(path, { property_id: to, check_in: '2031-05-11' })).body
  const log = (id: string) =>
    rowsOf(
      "select action, after ->> 'check_out' as ends, after ->> 'split_from_id' as origin from audit_log where entity_id = $1 order by id",
      id,
    )
  const [, split, ...others] = await log(booking.id)
  assert.deepEqual([split?.action, others.length], ['booking.split', 0])
  assert.equal(split?.ends, '2031-05-11')
  const [created, ...more] = await log(second.id)
  assert.deepEqual([created?.action, more.length], ['booking.created', 0])
  assert.equal(created?.origin, booking.id)
})

test('both parts keep the status checked_in and change independently afterwards', async () => {
  const [from, to] = [await newProperty(manager), await newProperty(manager)]
  const { id } = await book(from, localToday(-2))
  const checked_in = must(200, await staff.patch(`bookings/${id}/status`, { status: 'checked_in' })).body
  const { first, second } = must(
    201,
    await manager.post(`bookings/${id}/split`, { property_id: to.toUpperCase(), check_in: localToday() }),
  ).body
  assert.deepEqual(
    [first.status, second.status, second.checked_in_at],
    ['checked_in', 'checked_in', checked_in.checked_in_at],
  )
  must(200, await staff.patch(`bookings/${first.id}/status`, { status: 'checked_out' }))
  assert.equal((await read(second.id)).status, 'checked_in')
  const again = must(
    201,
    await manager.post(`bookings/${second.id}/split`, { property_id: from, check_in: localToday(3) }),
  )
  assert.equal(again.body.second.split_from_id, second.id)
})

test('a split outside the stay or into the same property is refused with a JSON pointer', async () => {
  const [from, to] = [await newProperty(manager), await newProperty(manager)]
  const booking = await book(from, '2031-05-10')
  const cases: [body: object, expected: string][] = [
    [{ property_id: to, check_in: '2031-05-10' }, '/check_in NOT_INSIDE'],
    [{ property_id: to, check_in: '2031-05-17' }, '/check_in NOT_INSIDE'],
    [{ property_id: to, check_in: '2031-02-30' }, '/check_in INVALID'],
    [{ property_id: from, check_in: '2031-05-12' }, '/property_id SAME_PROPERTY'],
    [{ property_id: from.toUpperCase(), check_in: '2031-05-12' }, '/property_id SAME_PROPERTY'],
    [{ check_in: '2031-05-12' }, '/property_id REQUIRED'],
    [{ property_id: to, check_in: '2031-05-12', check_out: '2031-05-13' }, '/check_out UNKNOWN_FIELD'],
  ]
  for (const [body, expected] of cases) {
    assert.deepEqual(findings(must(422, await manager.post(`bookings/${booking.id}/split`, body))), [expected])
  }
  assert.deepEqual(await read(booking.id), booking)
})

test('a split into a property that cannot take the stay is refused and changes nothing', async () => {
  const from = await newProperty(manager)
  const booking = await book(from, '2031-05-10', 7, { num_adults: 3 })
  const [taken, small, inactive, swiss, deleted] = [
    await newProperty(manager),
    await newProperty(manager, { max_guests: 2 }),
    await newProperty(manager, { is_active: false }),
    await newProperty(manager, { currency: 'CHF' }),
    await newProperty(manager),
  ]
  await book(taken, '2031-05-16', 1)
  must(204, await admin.delete(`properties/${deleted}`))
  const cases: [property_id: string, expected: string][] = [
    [taken, '409 BOOKING_CONFLICT'],
    [small, '422 VALIDATION_ERROR'],
    [inactive, '409 PROPERTY_UNAVAILABLE'],
    [swiss, '422 VALIDATION_ERROR'],
    [deleted, '404 PROPERTY_NOT_FOUND'],
    [castProperties.beach.id, '404 PROPERTY_NOT_FOUND'],
    [missing, '404 PROPERTY_NOT_FOUND'],
  ]
  const before = await rowsOf('select count(*)::int as n from audit_log')
  for (const [property_id, expected] of cases) {
    const reply = await manager.post(`bookings/${booking.id}/split`, { property_id, check_in: '2031-05-12' })
    assert.equal(`${reply.status} ${codeOf(reply)}`, expected)
  }
  assert.deepEqual(await read(booking.id), booking)
  assert.deepEqual(await nightsOf(from), ['[2031-05-10,2031-05-17)'])
  assert.deepEqual(await rowsOf('select count(*)::int as n from audit_log'), before)
})

test('only an open booking that takes nights can be split', async () => {
  const [from, to] = [await newProperty(manager), await newProperty(manager)]
  const split = (id: string) => manager.post(`bookings/${id}/split`, { property_id: to, check_in: '2031-05-12' })
  const inquiry = await book(from, '2031-05-10', 7, { status: 'inquiry' })
  assert.deepEqual(findings(must(422, await split(inquiry.id))), ['/check_in NO_NIGHTS'])
  const pending = await book(from, '2031-05-10', 7, { status: 'pending' })
  must(201, await split(pending.id))
  for (const steps of [['cancelled'], ['no_show'], ['checked_in', 'checked_out']]) {
    const { id } = await book(await newProperty(manager), localToday(-7))
    for (const status of steps) must(200, await admin.patch(`bookings/${id}/status`, { status }))
    assert.equal(codeOf(must(409, await split(id))), 'BOOKING_CANCELLED', steps.join(' '))
  }
  assert.equal(codeOf(must(404, await split(missing))), 'BOOKING_NOT_FOUND')
  const reply = await outsider.post(`bookings/${pending.id}/split`, {
    property_id: castProperties.beach.id,
    check_in: '2031-05-11',
  })
  assert.equal(codeOf(must(404, reply)), 'BOOKING_NOT_FOUND')
  must(403, await staff.post(`bookings/${pending.id}/split`, { property_id: to, check_in: dayAfter('2031-05-10', 1) }))
})
