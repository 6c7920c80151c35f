// Tests which bookings are in which list of a day, at its borders.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addDays } from '../availability/days.ts'
import { type Candidate, listNames, listsOf } from './lists.ts'

const day = '2028-02-29'

const candidate = (check_in: number, check_out: number, more: Partial<Candidate> = {}): Candidate => ({
  id: 'one',
  status: 'confirmed',
  check_in: addDays(day, check_in),
  check_out: addDays(day, check_out),
  day,
  is_open: false,
  ...more,
})
const namesOf = (one: Candidate) => listNames.filter((name) => listsOf([one], 10)[name].total === 1)

test('a stay is an arrival, a departure or in house, by its dates and the day', () => {
  assert.deepEqual(namesOf(candidate(1, 3)), [])
  assert.deepEqual(namesOf(candidate(0, 3)), ['arrivals'])
  assert.deepEqual(namesOf(candidate(-1, 1)), ['in_house'])
  assert.deepEqual(namesOf(candidate(-3, 0)), ['departures'])
  assert.deepEqual(namesOf(candidate(-3, -1)), [])
})

test('a guest who is still checked in after the departure is overdue', () => {
  assert.deepEqual(namesOf(candidate(-3, -1, { status: 'checked_in' })), ['overdue'])
  assert.deepEqual(namesOf(candidate(-3, 0, { status: 'checked_in' })), ['departures'])
  assert.deepEqual(namesOf(candidate(-3, -1, { status: 'checked_out' })), [])
})

test('pending bookings are unconfirmed from 14 days before their arrival until it', () => {
  const status = 'pending'
  assert.deepEqual(namesOf(candidate(15, 16, { status })), [])
  assert.deepEqual(namesOf(candidate(14, 16, { status })), ['unconfirmed'])
  assert.deepEqual(namesOf(candidate(0, 16, { status })), ['arrivals', 'unconfirmed'])
  assert.deepEqual(namesOf(candidate(-1, 16, { status })), ['in_house'])
  assert.deepEqual(namesOf(candidate(14, 16)), [])
})

test('an open balance is listed from the day of the arrival to that of the departure', () => {
  const is_open = true
  assert.deepEqual(namesOf(candidate(1, 3, { is_open })), [])
  assert.deepEqual(namesOf(candidate(0, 3, { is_open })), ['arrivals', 'unpaid'])
  assert.deepEqual(namesOf(candidate(-1, 3, { is_open })), ['in_house', 'unpaid'])
  assert.deepEqual(namesOf(candidate(-1, 0, { is_open })), ['departures', 'unpaid'])
  assert.deepEqual(namesOf(candidate(-3, -1, { is_open })), [])
})

test('no stay is in two of arrivals, departures and in house, and each with a night is in one', () => {
  const days = fc.integer({ min: -400, max: 400 })
  fc.assert(
    fc.property(days, fc.integer({ min: 1, max: 366 }), (start, nights) => {
      const one = candidate(start, start + nights)
      const expected = start <= 0 && start + nights >= 0 ? 1 : 0
      assert.equal(namesOf(one).length, expected)
    }),
  )
})

test('a list has the first rows and the number of all of them', () => {
  const many = [3, 1, 2].map((n) => candidate(n, n + 9, { id: `in ${n}`, status: 'pending' }))
  const { unconfirmed, arrivals } = listsOf(many, 2)
  assert.deepEqual(unconfirmed, { total: 3, ids: ['in 1', 'in 2'] })
  assert.deepEqual(arrivals, { total: 0, ids: [] })
})
