// Tests the validation of a new booking: price, status, people, dates, fields.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { bookingRowCounts, codeOf, findings, must, newProperty, stay } from '../../../test/steps.ts'

const { manager, staff, store } = await castPerTest()
const missing = '00000000-0000-7000-8000-00000000dead'
const ada = { first_name: 'Ada', last_name: "O'Neill-Łoś 🧳", email: 'ada@example.com', phone: '+43 (1) 234-56.78/9' }

const rowCounts = () => bookingRowCounts(store)

test('an invalid price is refused with a JSON pointer', async () => {
  const property_id = await newProperty(manager)
  const unpriced = await newProperty(manager, { base_price_cents: null })
  const before = await rowCounts()
  const cases: [property_id: string, given: object, expected: string][] = [
    [unpriced, {}, '/total_cents NO_PRICE'],
    [property_id, { total_cents: 100, tax_cents: 101 }, '/total_cents TOO_SMALL'],
    [property_id, { currency: 'CHF' }, '/currency INVALID'],
    [property_id, { nightly_rate_cents: 100_000_000_000 }, '/nightly_rate_cents TOO_LARGE'],
  ]
  for (const [property_id, given, expected] of cases) {
    const guest = { ...ada, email: 'price@example.com' }
    const reply = must(422, await staff.post('bookings', stay(property_id, '2031-01-01', 3, { guest, ...given })))
    assert.deepEqual(findings(reply), [expected])
  }
  assert.deepEqual(await rowCounts(), before)
})

test('a new booking can only be inquiry, pending or confirmed', async () => {
  const property_id = await newProperty(manager)
  for (const status of ['checked_in', 'checked_out', 'cancelled', 'declined', 'no_show', 'Confirmed', '']) {
    const reply = must(422, await staff.post('bookings', stay(property_id, '2031-01-01', 1, { status })))
    assert.deepEqual(findings(reply), ['/status NOT_ALLOWED'])
  }
})

test('more guests than max_guests are refused; infants do not count', async () => {
  const property_id = await newProperty(manager, { max_guests: 4 })
  for (const people of [{ num_adults: 5 }, { num_adults: 3, num_children: 2 }]) {
    const reply = must(422, await staff.post('bookings', stay(property_id, '2031-01-01', 1, people)))
    assert.deepEqual(findings(reply), ['/num_adults TOO_MANY_GUESTS'])
  }
  const full = { num_adults: 2, num_children: 2, num_infants: 3, num_pets: 2 }
  must(201, await staff.post('bookings', stay(property_id, '2031-01-01', 1, full)))
})

test('invalid dates are refused with a JSON pointer', async () => {
  const property_id = await newProperty(manager)
  const cases: [check_in: string, check_out: string, expected: string][] = [
    ['2031-01-05', '2031-01-05', '/check_out NOT_AFTER_CHECK_IN'],
    ['2031-01-05', '2031-01-04', '/check_out NOT_AFTER_CHECK_IN'],
    ['2031-01-01', '2032-01-03', '/check_out TOO_LONG'],
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
    const reply = must(422, await staff.post('bookings', { ...stay(property_id, '2031-01-01'), check_in, check_out }))
    assert.deepEqual(findings(reply), [expected], `${check_in} to ${check_out}`)
  }
  must(201, await staff.post('bookings', stay(property_id, '2031-01-01', 366)))
})

test('missing, unknown and malformed fields are refused with a JSON pointer; nothing is saved', async () => {
  const property_id = await newProperty(manager)
  const body = stay(property_id, '2031-01-01', 3, { guest: ada })
  const before = await rowCounts()
  const cases: [pointer: string, more: object][] = [
    ['/agency_id UNKNOWN_FIELD', { agency_id: castProperties.beach.agency_id }],
    ['/id UNKNOWN_FIELD', { id: missing }],
    ['/guest_id NOT_TOGETHER', { guest_id: missing }],
    ['/reference UNKNOWN_FIELD', { reference: 'MINE' }],
    ['/subtotal_cents UNKNOWN_FIELD', { subtotal_cents: 1 }],
    ['/guest/vip UNKNOWN_FIELD', { guest: { ...ada, vip: true } }],
    ['/guest/last_name REQUIRED', { guest: { first_name: 'A' } }],
    ['/guest/email INVALID', { guest: { ...ada, email: 'not an e-mail' } }],
    ['/guest/phone INVALID', { guest: { ...ada, phone: '12-34-(56)' } }],
    ['/guest/phone INVALID', { guest: { ...ada, phone: '0123456789012345' } }],
    ['/guest WRONG_TYPE', { guest: null }],
    ['/property_id REQUIRED', { property_id: undefined }],
    ['/property_id INVALID', { property_id: `urn:uuid:${property_id}` }],
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
  for (const [expected, more] of cases) {
    const reply = must(422, await staff.post('bookings', { ...body, ...more }), expected)
    assert.deepEqual(findings(reply), [expected])
  }
  assert.equal(codeOf(must(404, await staff.post('bookings', { ...body, property_id: missing }))), 'PROPERTY_NOT_FOUND')
  assert.deepEqual(await rowCounts(), before)
})
