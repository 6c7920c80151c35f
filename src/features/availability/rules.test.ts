// Tests each booking rule at its limits.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  both_sides,
  evaluateRules,
  findNeighbour,
  type Neighbour,
  type RuleName,
  type RuleScope,
  type Rules,
  ruleNames,
} from './rules.ts'

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
  readonly scope?: RuleScope
}

function brokenRules({ rules, neighbour, dates, scope = 'all' }: Case): RuleName[] {
  const [check_in, check_out] = dates ?? [stay.check_in, stay.check_out]
  const results = evaluateRules({ rules: { ...open, ...rules }, today, neighbour }, { check_in, check_out }, scope)
  return results.filter(({ is_kept }) => !is_kept).map(({ rule }) => rule)
}

const withNeighbour = (kind: Neighbour['kind'], check_in: string, check_out: string): Case => ({
  neighbour: { kind, check_in, check_out },
})

const cases: readonly [name: string, given: Case, expected: RuleName[]][] = [
  ['the default rules', {}, []],
  ['an inactive property', { rules: { is_active: false } }, ['is_active']],
  ['a past stay without notice', { dates: ['2027-05-20', '2027-05-22'] }, []],
  ['arrival exactly at the end of the notice', { rules: { notice_days: 31 } }, []],
  ['arrival one day before the end of the notice', { rules: { notice_days: 32 } }, ['notice']],
  ['arrival on the last day of the window', { rules: { booking_window_days: 31 } }, []],
  ['arrival one day after the window', { rules: { booking_window_days: 30 } }, ['booking_window']],
  ['exactly the minimum of nights', { rules: { min_nights: 3 } }, []],
  ['one night too few', { rules: { min_nights: 4 } }, ['min_nights']],
  ['exactly the maximum of nights', { rules: { max_nights: 3 } }, []],
  ['one night too many', { rules: { max_nights: 2 } }, ['max_nights']],
  ['arrival on an arrival day', { rules: { arrival_weekdays: ['fri'] } }, []],
  ['arrival on another day', { rules: { arrival_weekdays: ['sat', 'mon'] } }, ['arrival_weekday']],
  ['departure on a departure day', { rules: { departure_weekdays: ['sun', 'mon'] } }, []],
  ['departure on another day', { rules: { departure_weekdays: ['fri'] } }, ['departure_weekday']],
  ['a taken night', withNeighbour('booking', '2027-07-04', '2027-07-10'), ['nights_free']],
  ['a blocked night', withNeighbour('block', '2027-07-04', '2027-07-10'), ['nights_free']],
  ['arrival on the day of departure', withNeighbour('booking', '2027-06-30', '2027-07-02'), []],
  [
    'a gap as long as the buffer',
    { ...withNeighbour('hold', '2027-07-07', '2027-07-10'), rules: { buffer_days_before: 2, buffer_days_after: 1 } },
    [],
  ],
  [
    'a gap shorter than the longer buffer',
    { ...withNeighbour('channel', '2027-07-06', '2027-07-10'), rules: { buffer_days_before: 2 } },
    ['buffer'],
  ],
  [
    'a gap shorter than the buffer before the stay',
    { ...withNeighbour('booking', '2027-06-20', '2027-07-01'), rules: { buffer_days_after: 2 } },
    ['buffer'],
  ],
  [
    'a block without a gap',
    { ...withNeighbour('block', '2027-07-05', '2027-07-10'), rules: { buffer_days_after: 2 } },
    [],
  ],
]

for (const [name, given, expected] of cases) {
  test(`${name}: ${expected.join(', ') || 'possible'}`, () => assert.deepEqual(brokenRules(given), expected))
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
const { neighbour } = withNeighbour('booking', '2027-07-04', '2027-07-06')

test('every rule in scope has a result, in the order of ruleNames', () => {
  const results = evaluateRules({ rules: { ...open, ...strict }, today, neighbour }, stay, 'all')
  assert.deepEqual(
    results.map(({ rule }) => rule),
    ruleNames,
  )
  assert.ok(results.every(({ is_kept }) => !is_kept))
})

test('only the rules in scope are evaluated', () => {
  const given = { rules: strict, ...(neighbour && { neighbour }) }
  const aspects = { arrival: false, departure: false, nights: false, buffers: { before: false, after: false } }
  assert.deepEqual(brokenRules({ ...given, scope: 'none' }), ['nights_free'])
  assert.deepEqual(brokenRules({ ...given, scope: aspects }), ['nights_free'])
  assert.deepEqual(brokenRules({ ...given, scope: 'turnover' }), ['nights_free', 'buffer'])
  assert.deepEqual(brokenRules({ ...given, scope: { ...aspects, arrival: true, buffers: both_sides } }), [
    'notice',
    'booking_window',
    'arrival_weekday',
    'nights_free',
    'buffer',
  ])
  assert.deepEqual(
    brokenRules({ ...given, scope: { ...aspects, nights: true, departure: true, buffers: both_sides } }),
    ['min_nights', 'max_nights', 'departure_weekday', 'nights_free', 'buffer'],
  )
})

test('booked_on replaces today', () => {
  const scope = { arrival: true, departure: false, nights: false, buffers: both_sides, booked_on: '2027-05-01' }
  assert.deepEqual(brokenRules({ rules: { notice_days: 40 }, scope }), [])
  assert.deepEqual(brokenRules({ rules: { booking_window_days: 40 }, scope }), ['booking_window'])
})

test('the neighbour is what shares a night, else the closest that is not a block', () => {
  const at = (kind: Neighbour['kind'], check_in: string, check_out: string): Neighbour => ({
    kind,
    check_in,
    check_out,
  })
  const far = at('booking', '2027-06-10', '2027-06-20')
  const near = at('hold', '2027-07-07', '2027-07-09')
  const [before, touching] = [at('channel', '2027-06-25', '2027-06-30'), at('block', '2027-07-05', '2027-07-07')]
  const inside = at('block', '2027-07-04', '2027-07-06')
  assert.equal(findNeighbour(stay, []), undefined)
  assert.equal(findNeighbour(stay, [touching]), undefined)
  assert.equal(findNeighbour(stay, [far, near]), near)
  assert.equal(findNeighbour(stay, [far, before, touching]), before)
  assert.equal(findNeighbour(stay, [near, touching, inside, far]), inside)
})
