// Proves how a row of a stay list without units is read.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rowOf } from './columns.ts'
import { readStay, type StayKey, stayFormat } from './hotel-stays.ts'
import { RowError } from './import-errors.ts'

const whole: Record<StayKey, string> = {
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
const keys = Object.keys(whole) as StayKey[]
const places = new Map(keys.map((key, index) => [key, { index, label: stayFormat.columns[key].name }]))
const notes: string[] = []

function read(cells: Partial<Record<StayKey, string>> = {}, currency = 'EUR') {
  const row = rowOf(2, Object.values({ ...whole, ...cells }), stayFormat, places)
  return readStay(row, currency, 'mdy', (text) => notes.push(text))
}

test('a whole row: arrival plus nights, and nights x rate rounded half up once', () => {
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

test('cancelled and no-show; a cancellation has its day', () => {
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

test('children that were not recorded count as none, with a note', () => {
  notes.length = 0
  assert.equal(read({ children: 'NA' }).num_children, 0)
  assert.equal(read({ children: 'NULL' }).num_children, 0)
  assert.equal(read({ children: '' }).num_children, 0)
  assert.deepEqual(notes, [
    'children is NA, which stands for "not recorded": taken as 0',
    'children is NULL, which stands for "not recorded": taken as 0',
  ])
})

test('months by number and by their short names', () => {
  for (const month of ['7', '07', 'Jul', 'JULY']) assert.equal(read({ month }).check_in, '2015-07-30')
})

describe('a wrong cell is refused by the name of its column', () => {
  const wrong: [Partial<Record<StayKey, string>>, string, RegExp][] = [
    [{ weekend_nights: '0', week_nights: '0' }, 'stays_in_week_nights', /no night/],
    [{ week_nights: '364' }, 'stays_in_week_nights', /366 nights/],
    [{ week_nights: '' }, 'stays_in_week_nights', /is empty/],
    [{ adults: '0', children: '2' }, 'adults', /no adult/],
    [{ adults: 'two' }, 'adults', /not a whole number/],
    [{ children: 'some' }, 'children', /not a whole number/],
    [{ month: 'Smarch' }, 'arrival_date_month', /not a month/],
    [{ month: '13' }, 'arrival_date_month', /not a month/],
    [{ month: 'February' }, 'arrival_date_day_of_month', /February 2015 has no such day/],
    [{ year: '1915' }, 'arrival_date_year', /2000 to 2100/],
    [{ rate: '-6.38' }, 'adr', /is negative/],
    [{ rate: '' }, 'adr', /is empty/],
    [{ rate: 'NULL' }, 'adr', /not a decimal/],
    [{ is_canceled: '2' }, 'is_canceled', /0 to 1/],
    [{ status: 'Canceled' }, 'reservation_status', /contradicts is_canceled 0/],
    [{ status: 'Vanished' }, 'reservation_status', /must be Check-Out/],
    [{ is_canceled: '1', status: 'Canceled', status_date: 'soon' }, 'reservation_status_date', /not a date/],
  ]
  for (const [cells, column, reason] of wrong) {
    test(JSON.stringify(cells), () => {
      assert.throws(
        () => read(cells),
        (error) => error instanceof RowError && error.column === column && reason.test(error.message),
      )
    })
  }
})
