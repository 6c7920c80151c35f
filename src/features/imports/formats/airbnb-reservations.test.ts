// Reading a row of Airbnb's reservations export.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rowOf } from '../../../../test/import-fixture.ts'
import { RowError } from '../import-errors.ts'
import { type ReservationKey, readReservation, reservationFormat } from './airbnb-reservations.ts'

const valid: Record<ReservationKey, string> = {
  code: 'HMABCDEFGH',
  status: 'Confirmed',
  guest: 'Ada King Lovelace',
  contact: '+44 20 7946 0018',
  adults: '2',
  children: '1',
  infants: '',
  start: '7/1/2025',
  end: '7/8/2025',
  nights: '7',
  listing: 'Lake House',
  earnings: '$412.50',
}
const notes: string[] = []

function read(cells: Partial<Record<ReservationKey, string>> = {}) {
  return readReservation(rowOf(reservationFormat, { ...valid, ...cells }), 'mdy', (text) => notes.push(text))
}

test('every column of a row is read', () => {
  const { row: _, ...facts } = read()
  assert.deepEqual(facts, {
    code: 'HMABCDEFGH',
    listing: 'Lake House',
    status: 'confirmed',
    cancelled_by: undefined,
    check_in: '2025-07-01',
    check_out: '2025-07-08',
    num_adults: 2,
    num_children: 1,
    num_infants: 0,
    guest: { first_name: 'Ada King', last_name: 'Lovelace', phone: '+442079460018' },
  })
})

describe('each status of Airbnb maps to a booking status', () => {
  const statuses: Record<string, string> = {
    Confirmed: 'confirmed',
    'Arriving tomorrow': 'confirmed',
    'Currently hosting': 'checked_in',
    'Checking out today': 'checked_in',
    'Past guest': 'checked_out',
    'Review your guest': 'checked_out',
    'Awaiting guest review': 'checked_out',
    'Canceled by guest': 'cancelled',
    'Cancelled by you': 'cancelled',
    'CANCELED BY  AIRBNB': 'cancelled',
    Canceled: 'cancelled',
    Declined: 'declined',
    Expired: 'declined',
    'Request withdrawn': 'declined',
    Pending: 'pending',
    'Awaiting payment': 'pending',
    Inquiry: 'inquiry',
    'No-show': 'no_show',
  }
  for (const [text, status] of Object.entries(statuses))
    test(text, () => assert.equal(read({ status: text }).status, status))
})

test('cancelled_by is read from the status', () => {
  const texts = [
    'Canceled by guest',
    'Cancelled by you',
    'canceled by Host',
    'Canceled by Airbnb',
    'Canceled',
    'Declined',
  ]
  assert.deepEqual(
    texts.map((status) => read({ status }).cancelled_by),
    ['guest', 'host', 'host', 'platform', undefined, undefined],
  )
})

describe('an error names the column of the cell', () => {
  const invalid: [ReservationKey, string, RegExp][] = [
    ['code', '', /is empty/],
    ['status', 'Teleported', /not a known status/],
    ['status', '', /is empty/],
    ['adults', '0', /1 to 500/],
    ['adults', '', /is empty/],
    ['children', 'two', /not a whole number/],
    ['start', '13/1/2025', /not a date \(month\/day\/year\)/],
    ['start', '', /is empty/],
    ['end', '7/1/2025', /not after the start date 2025-07-01/],
    ['end', '7/3/2026', /more than 366 nights/],
    ['nights', '6', /does not match the dates: .* there are 7 nights/],
    ['listing', '', /is empty/],
    ['guest', `${'x'.repeat(101)} Y`, /longer than 100/],
  ]
  for (const [key, text, reason] of invalid) {
    test(`${key} "${text.slice(0, 20)}"`, () => {
      assert.throws(
        () => read({ [key]: text }),
        (error) =>
          error instanceof RowError &&
          error.column === reservationFormat.columns[key].name &&
          reason.test(error.message),
      )
    })
  }
})

test('the guest name and the contact are optional', () => {
  assert.deepEqual(read({ guest: 'Madonna', contact: '' }).guest, { first_name: '-', last_name: 'Madonna' })
  assert.deepEqual(read({ contact: 'ada@example.com' }).guest, {
    first_name: 'Ada King',
    last_name: 'Lovelace',
    email: 'ada@example.com',
  })
  assert.equal(read({ guest: ' ' }).guest, undefined)
})

test('a contact that is neither a phone number nor an e-mail address is left out with a note', () => {
  notes.length = 0
  assert.deepEqual(read({ contact: 'ask the doorman' }).guest, { first_name: 'Ada King', last_name: 'Lovelace' })
  assert.deepEqual(notes, ['the contact is neither a phone number nor an e-mail address and was left out'])
})

test('an empty number of nights is not checked', () => {
  assert.equal(read({ nights: '' }).check_out, '2025-07-08')
})
