// Proves what each rule of a property says, at its edges: pure, without a database.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Asked, judge, type Neighbour, type RuleName, type Rules, ruleNames } from './rules.ts'

const today = '2027-06-01' // a Tuesday
const open: Rules = {
  is_active: true,
  min_nights: 1,
  max_nights: 365,
  buffer_days_before: 0,
  buffer_days_after: 0,
  arrival_weekdays: null,
  departure_weekdays: null,
  notice_days: 0,
  booking_window_days: null,
}
const stay = { check_in: '2027-07-02', check_out: '2027-07-05' } // Friday to Monday

interface Case {
  readonly rules?: Partial<Rules>
  readonly neighbour?: Neighbour
  readonly dates?: readonly [check_in: string, check_out: string]
  readonly asked?: Asked
}

function broken({ rules, neighbour, dates, asked = 'everything' }: Case): RuleName[] {
  const [check_in, check_out] = dates ?? [stay.check_in, stay.check_out]
  const verdicts = judge({ rules: { ...open, ...rules }, today, neighbour }, { check_in, check_out }, asked)
  return verdicts.filter(({ is_kept }) => !is_kept).map(({ rule }) => rule)
}

const beside = (kind: Neighbour['kind'], check_in: string, check_out: string): Case => ({
  neighbour: { kind, check_in, check_out },
})

const cases: readonly [what: string, given: Case, expected: RuleName[]][] = [
  ['the defaults ask nothing', {}, []],
  ['an inactive property', { rules: { is_active: false } }, ['is_active']],
  ['no notice: a stay may have begun', { dates: ['2027-05-20', '2027-05-22'] }, []],
  ['arrival on the last day of notice', { rules: { notice_days: 31 } }, []],
  ['arrival a day short of the notice', { rules: { notice_days: 32 } }, ['notice']],
  ['arrival on the last day of the window', { rules: { booking_window_days: 31 } }, []],
  ['arrival a day beyond the window', { rules: { booking_window_days: 30 } }, ['booking_window']],
  ['just enough nights', { rules: { min_nights: 3 } }, []],
  ['a night too few', { rules: { min_nights: 4 } }, ['min_nights']],
  ['just few enough nights', { rules: { max_nights: 3 } }, []],
  ['a night too many', { rules: { max_nights: 2 } }, ['max_nights']],
  ['arrival on an arrival day', { rules: { arrival_weekdays: ['fri'] } }, []],
  ['arrival on another day', { rules: { arrival_weekdays: ['sat', 'mon'] } }, ['arrival_weekday']],
  ['departure on a departure day', { rules: { departure_weekdays: ['sun', 'mon'] } }, []],
  ['departure on another day', { rules: { departure_weekdays: ['fri'] } }, ['departure_weekday']],
  ['a taken night', beside('booking', '2027-07-04', '2027-07-10'), ['nights_free']],
  ['a blocked night', beside('block', '2027-07-04', '2027-07-10'), ['nights_free']],
  ['arrival on the day of departure', beside('booking', '2027-06-30', '2027-07-02'), []],
  [
    'a pause just long enough',
    { ...beside('hold', '2027-07-07', '2027-07-10'), rules: { buffer_days_before: 2, buffer_days_after: 1 } },
    [],
  ],
  [
    'a pause shorter than the longer buffer',
    { ...beside('channel', '2027-07-06', '2027-07-10'), rules: { buffer_days_before: 2 } },
    ['buffer'],
  ],
  [
    'a pause too short before the stay',
    { ...beside('booking', '2027-06-20', '2027-07-01'), rules: { buffer_days_after: 2 } },
    ['buffer'],
  ],
  ['a block needs no pause', { ...beside('block', '2027-07-05', '2027-07-10'), rules: { buffer_days_after: 2 } }, []],
]

for (const [what, given, expected] of cases) {
  test(`${what}: ${expected.join(', ') || 'possible'}`, () => assert.deepEqual(broken(given), expected))
}

const strict: Partial<Rules> = {
  is_active: false,
  notice_days: 60,
  booking_window_days: 5,
  min_nights: 4,
  max_nights: 2,
  arrival_weekdays: ['sun'],
  departure_weekdays: ['sun'],
  buffer_days_after: 1,
}
const { neighbour } = beside('booking', '2027-07-04', '2027-07-06')

test('every rule has a verdict, in the order in which they decide', () => {
  const verdicts = judge({ rules: { ...open, ...strict }, today, neighbour }, stay, 'everything')
  assert.deepEqual(
    verdicts.map(({ rule }) => rule),
    ruleNames,
  )
  assert.ok(verdicts.every(({ is_kept }) => !is_kept))
})

test('only what is asked counts', () => {
  const given = { rules: strict, ...(neighbour && { neighbour }) }
  const aspects = { arrival: false, departure: false, nights: false }
  assert.deepEqual(broken({ ...given, asked: 'nothing' }), ['nights_free'])
  assert.deepEqual(broken({ ...given, asked: aspects }), ['nights_free', 'buffer'])
  assert.deepEqual(broken({ ...given, asked: { ...aspects, arrival: true } }), [
    'notice',
    'booking_window',
    'arrival_weekday',
    'nights_free',
    'buffer',
  ])
  assert.deepEqual(broken({ ...given, asked: { ...aspects, nights: true, departure: true } }), [
    'min_nights',
    'max_nights',
    'departure_weekday',
    'nights_free',
    'buffer',
  ])
})

test('the day something was booked on stands in for today', () => {
  const asked = { arrival: true, departure: false, nights: false, booked_on: '2027-05-01' }
  assert.deepEqual(broken({ rules: { notice_days: 40 }, asked }), [])
  assert.deepEqual(broken({ rules: { booking_window_days: 40 }, asked }), ['booking_window'])
})
