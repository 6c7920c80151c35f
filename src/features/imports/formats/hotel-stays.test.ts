// Reading a row of the hotel booking demand data set.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rowOf } from '../../../../test/import-files.ts'
import { RowError } from '../import-errors.ts'
import { readStay, type StayKey, stayFormat } from './hotel-stays.ts'

const valid: Record<StayKey, string> = {
  hotel: 'Resort Hotel',
  is_canceled: '0',
  year: '2015',
  month: 'July',
  day: '30',
  weekend_nights: '2',
  week_nights: '1',
  adults: '2',
  children: '1',
  babies: '0',
  rate: '107.125',
  status: 'Check-Out',
  status_date: '8/2/2015',
}
const notes: string[] = []

function read(cells: Partial<Record<StayKey, string>> = {}, currency = 'EUR') {
  return readStay(rowOf(stayFormat, { ...valid, ...cells }), currency, 'mdy', (text) => notes.push(text))
}

test('every column is read; the total is nights x rate, rounded half up once', () => {
  const { cells: _, ...facts } = read()
  assert.deepEqual(facts, {
    check_in: '2015-07-30',
    check_out: '2015-08-02',
    num_adults: 2,
    num_children: 1,
    num_infants: 0,
    nightly_rate_cents: 10_713,
    total_cents: 32_139,
    status: 'checked_out',
    cancelled_at: undefined,
  })
})

test('a cancelled stay has the date of its status, a no-show has none', () => {
  const cancelled = read({ is_canceled: '1', status: 'Canceled', status_date: '5/6/2015' })
  assert.deepEqual([cancelled.status, cancelled.cancelled_at], ['cancelled', '2015-05-06T00:00:00.000Z'])
  assert.equal(
    read({ is_canceled: '1', status: 'Canceled', status_date: '2015-05-06' }).cancelled_at,
    cancelled.cancelled_at,
  )
  const no_show = read({ is_canceled: '1', status: 'No-Show' })
  assert.deepEqual([no_show.status, no_show.cancelled_at], ['no_show', undefined])
  assert.equal(read({ is_canceled: '1', status: '' }).status, 'cancelled')
  assert.equal(read({ status: '' }).status, 'checked_out')
})

test('a count that was not recorded is 0, with a note', () => {
  notes.length = 0
  assert.equal(read({ children: 'NA' }).num_children, 0)
  assert.equal(read({ children: 'NULL' }).num_children, 0)
  assert.equal(read({ children: '' }).num_children, 0)
  assert.deepEqual(notes, [
    'children is NA, which means "not recorded": imported as 0',
    'children is NULL, which means "not recorded": imported as 0',
  ])
})

test('the departure is computed across years and leap days', () => {
  const new_year = read({ month: 'December', day: '31', weekend_nights: '0', week_nights: '1' })
  assert.equal(new_year.check_out, '2016-01-01')
  const leap_day = read({ year: '2016', month: 'February', day: '28', weekend_nights: '0', week_nights: '2' })
  assert.equal(leap_day.check_out, '2016-03-01')
})

test('a month is a number, a name or an abbreviation', () => {
  for (const month of ['7', '07', 'Jul', 'JULY']) assert.equal(read({ month }).check_in, '2015-07-30')
})

describe('an error names the column of the cell', () => {
  const invalid: [Partial<Record<StayKey, string>>, string, RegExp][] = [
    [{ weekend_nights: '0', week_nights: '0' }, 'stays_in_week_nights', /no night/],
    [{ week_nights: '365' }, 'stays_in_week_nights', /367 nights/],
    [{ week_nights: '' }, 'stays_in_week_nights', /is empty/],
    [{ adults: '0', children: '2' }, 'adults', /at least 1/],
    [{ adults: 'two' }, 'adults', /not a whole number/],
    [{ children: 'some' }, 'children', /not a whole number/],
    [{ month: 'Smarch' }, 'arrival_date_month', /not a month/],
    [{ month: '13' }, 'arrival_date_month', /not a month/],
    [{ month: 'February' }, 'arrival_date_day_of_month', /February 2015 has no such day/],
    [{ year: '1915' }, 'arrival_date_year', /2000 to 2100/],
    [{ rate: '-6.38' }, 'adr', /is negative/],
    [{ rate: '' }, 'adr', /is empty/],
    [{ rate: 'NULL' }, 'adr', /is empty/],
    [{ rate: '1,5' }, 'adr', /not a decimal/],
    [{ is_canceled: '2' }, 'is_canceled', /0 to 1/],
    [{ status: 'Canceled' }, 'reservation_status', /contradicts is_canceled 0/],
    [{ status: 'Vanished' }, 'reservation_status', /must be Check-Out/],
    [{ is_canceled: '1', status: 'Canceled', status_date: 'soon' }, 'reservation_status_date', /not a date/],
  ]
  for (const [cells, column, reason] of invalid) {
    test(JSON.stringify(cells), () => {
      assert.throws(
        () => read(cells),
        (error) => error instanceof RowError && error.column === column && reason.test(error.message),
      )
    })
  }
})
