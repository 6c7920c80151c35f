// Tests the arithmetic of reports: shares of a stay, rounding, and sums that do not depend on order or grouping.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addDays } from '../availability/days.ts'
import { divideRounded, figuresOf, shareOf } from './figures.ts'
import { addUp, type Rows, type Taken } from './groups.ts'
import { monthsOf, rangeBefore } from './periods.ts'

const total = fc.integer({ min: 0, max: 100_000_000_000 })
const stay = fc.record({ total, nights: fc.integer({ min: 1, max: 366 }) })

test('the shares of a stay add up to its total to the cent, however it is divided', () => {
  const cuts = fc.array(fc.integer({ min: 0, max: 366 }), { maxLength: 5 })
  fc.assert(
    fc.property(stay, cuts, ({ total, nights }, given) => {
      const ends = [...given.filter((end) => end <= nights), nights].sort((a, b) => a - b)
      const shares = ends.map((end, n) => shareOf(total, nights, ends[n - 1] ?? 0, end))
      assert.equal(
        shares.reduce((sum, share) => sum + share, 0),
        total,
      )
      assert.ok(shares.every((share) => Number.isSafeInteger(share) && share >= 0))
    }),
  )
})

test('two nights of a stay differ by one cent at most, and the first nights have it', () => {
  fc.assert(
    fc.property(stay, ({ total, nights }) => {
      const shares = Array.from({ length: nights }, (_, n) => shareOf(total, nights, n, n + 1))
      assert.deepEqual(
        shares,
        shares.toSorted((a, b) => b - a),
      )
      assert.ok((shares[0] ?? 0) - (shares.at(-1) ?? 0) <= 1)
    }),
  )
  assert.deepEqual(
    [0, 1, 2].map((n) => shareOf(10_000, 3, n, n + 1)),
    [3334, 3333, 3333],
  )
})

test('quotients are rounded to the nearest integer, halves up, also of very large amounts', () => {
  const cases = [
    [0, 3, 0],
    [1, 2, 1],
    [1, 3, 0],
    [2, 3, 1],
    [249, 2, 125],
    [9_007_199_254_740_991, 2, 4_503_599_627_370_496],
  ] as const
  for (const [dividend, divisor, quotient] of cases) assert.equal(divideRounded(dividend, divisor), quotient)
})

test('months are cut at the ends of the range, and February has its leap day', () => {
  assert.deepEqual(monthsOf({ from: '2027-12-15', to: '2028-03-01' }), [
    { from: '2027-12-15', to: '2028-01-01', month: '2027-12' },
    { from: '2028-01-01', to: '2028-02-01', month: '2028-01' },
    { from: '2028-02-01', to: '2028-03-01', month: '2028-02' },
  ])
  assert.deepEqual(monthsOf({ from: '2027-01-31', to: '2027-02-01' }, 1), [
    { from: '2027-01-31', to: '2027-02-01', month: '2028-01' },
  ])
  assert.deepEqual(monthsOf({ from: '2027-03-01', to: '2027-03-01' }), [])
})

test('the year before has the same days; the 29th of February has none', () => {
  const before = (from: string, to: string) => Object.values(rangeBefore({ from, to }))
  assert.deepEqual(before('2028-02-01', '2028-03-01'), ['2027-02-01', '2027-03-01'])
  assert.deepEqual(before('2028-02-01', '2028-02-29'), ['2027-02-01', '2027-03-01'])
  assert.deepEqual(before('2028-02-29', '2028-03-01'), ['2027-03-01', '2027-03-01'])
  assert.deepEqual(before('2029-02-01', '2029-03-01'), ['2028-02-01', '2028-03-01'])
})

const range = { from: '2028-01-10', to: '2028-04-05' }

/** A booking or block that has a night in the range. */
const taken: fc.Arbitrary<Taken> = fc
  .record({
    is_sold: fc.boolean(),
    is_active: fc.boolean(),
    currency: fc.constantFrom('EUR', 'CHF'),
    key: fc.constantFrom('a', 'b', null),
    start: fc.integer({ min: -20, max: 85 }),
    more: fc.integer({ min: 1, max: 60 }),
    total_cents: total,
    lead_days: fc.integer({ min: 0, max: 300 }),
    num_guests: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ start, more, currency, total_cents, ...rest }) => {
    const nights = Math.max(more, 1 - start)
    const check_in = addDays(range.from, start)
    const check_out = addDays(check_in, nights)
    const money = rest.is_sold ? { currency, total_cents } : { currency: null, total_cents: 0 }
    const guest_nights = nights * rest.num_guests
    return { ...rest, ...money, guest_nights, is_whole: false, num_stays: 1, num_leads: 1, nights, check_in, check_out }
  })
const takenRows = fc.array(taken, { maxLength: 12 })
const rowsOf = (rows: readonly Taken[]): Rows => ({
  open: [{ key: 'a', num_active: 7 }],
  taken: rows,
  cancelled: [
    { key: 'a', month: '2028-01', count: 1 },
    { key: null, month: '2028-03', count: 2 },
  ],
})

test('the order of the rows does not matter', () => {
  fc.assert(
    fc.property(
      takenRows.chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
      ([rows, shuffled]) => {
        for (const group_by of ['month', 'property'] as const) {
          const [one, other] = [rows, shuffled].map((given) => addUp(rowsOf(given), range, group_by))
          assert.deepEqual(one && figuresOf(one.totals), other && figuresOf(other.totals))
          for (const [key, sums] of one?.groups ?? []) {
            assert.deepEqual(figuresOf(sums), figuresOf(other?.groups.get(key) ?? sums))
          }
        }
      },
    ),
  )
})

test('the totals are the same for months and for properties, and are the sum of their groups', () => {
  fc.assert(
    fc.property(takenRows, (rows) => {
      const [months, properties] = (['month', 'property'] as const).map((by) => addUp(rowsOf(rows), range, by))
      assert.deepEqual(months?.totals, properties?.totals)
      for (const { totals, groups } of [months, properties].filter((one) => one !== undefined)) {
        const names = [
          'nights_open',
          'nights_blocked',
          'nights_sold',
          'guest_nights',
          'num_guests',
          'num_bookings',
        ] as const
        for (const name of [...names, 'num_cancelled'] as const) {
          assert.equal(
            [...groups.values()].reduce((sum, one) => sum + one[name], 0),
            totals[name],
            name,
          )
        }
        for (const [currency, { cents }] of totals.money) {
          const parts = [...groups.values()].map(({ money }) => money.get(currency)?.cents ?? 0)
          assert.equal(
            parts.reduce((sum, part) => sum + part, 0),
            cents,
          )
        }
      }
    }),
  )
})

test('what two ranges that follow each other have together is what one range has', () => {
  fc.assert(
    fc.property(takenRows, fc.integer({ min: 1, max: 85 }), (rows, days) => {
      const middle = addDays(range.from, days)
      const centsOf = (part: typeof range) => {
        const { money } = addUp(rowsOf(rows), part, 'month').totals
        return [money.get('EUR')?.cents ?? 0, money.get('CHF')?.cents ?? 0] as const
      }
      const [first, second] = [centsOf({ ...range, to: middle }), centsOf({ ...range, from: middle })]
      assert.deepEqual(centsOf(range), [first[0] + second[0], first[1] + second[1]])
    }),
  )
})
