// Tests prices, capacity, and the limits of a stay.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AppError } from '../../core/app-error.ts'
import { requireStay } from '../availability/days.ts'
import { nightsBetween, priceStay, repriced, requireCapacity } from './price.ts'

const property = { base_price_cents: 10_000, cleaning_fee_cents: 5000 }

function pointersOf(work: () => unknown): string[] {
  try {
    work()
  } catch (error) {
    return ((error as AppError).details ?? []).map(({ pointer, code }) => `${pointer} ${code}`)
  }
  return []
}

test('nights are counted correctly across clock changes and leap days', () => {
  assert.equal(nightsBetween('2027-03-27', '2027-03-29'), 2)
  assert.equal(nightsBetween('2028-02-28', '2028-03-01'), 2)
  assert.equal(nightsBetween('2026-12-31', '2027-01-01'), 1)
})

test('a stay has 1 to 366 nights, from 2000 to 2100', () => {
  const cases: [check_in: string, check_out: string, expected: string[]][] = [
    ['2027-07-01', '2027-07-02', []],
    ['2027-01-01', '2028-01-01', []],
    ['2028-01-01', '2029-01-01', []],
    ['2027-07-01', '2027-07-01', ['/check_out NOT_AFTER_CHECK_IN']],
    ['2027-07-02', '2027-07-01', ['/check_out NOT_AFTER_CHECK_IN']],
    ['2028-01-01', '2029-01-02', ['/check_out TOO_LONG']],
    ['1999-12-31', '2000-01-02', ['/check_in TOO_EARLY']],
    ['2100-12-30', '2101-01-01', ['/check_out TOO_LATE']],
  ]
  for (const [check_in, check_out, expected] of cases) {
    assert.deepEqual(
      pointersOf(() => requireStay({ check_in, check_out })),
      expected,
      `${check_in} to ${check_out}`,
    )
  }
})

test('children count towards max_guests and infants do not', () => {
  assert.deepEqual(
    pointersOf(() => requireCapacity({ num_adults: 2, num_children: 2 }, 4)),
    [],
  )
  assert.deepEqual(
    pointersOf(() => requireCapacity({ num_adults: 2, num_children: 3 }, 4)),
    ['/num_adults TOO_MANY_GUESTS'],
  )
})

test('without a given price the prices of the property apply', () => {
  assert.deepEqual(priceStay(3, {}, property), {
    nightly_rate_cents: 10_000,
    subtotal_cents: 30_000,
    cleaning_fee_cents: 5000,
    tax_cents: 0,
    total_cents: 35_000,
  })
})

test('a property without a base price requires total_cents', () => {
  const unpriced = { base_price_cents: null, cleaning_fee_cents: 0 }
  assert.deepEqual(
    pointersOf(() => priceStay(3, {}, unpriced)),
    ['/total_cents NO_PRICE'],
  )
  assert.equal(priceStay(3, { total_cents: 99 }, unpriced).subtotal_cents, 99)
})

test('a total smaller than cleaning fee and tax is refused', () => {
  assert.deepEqual(
    pointersOf(() => priceStay(3, { total_cents: 10, tax_cents: 11 }, property)),
    ['/total_cents TOO_SMALL'],
  )
})

test('the parts of a price always add up to its total', () => {
  const cents = fc.integer({ min: 0, max: 100_000_000 })
  const given = fc.record(
    { nightly_rate_cents: cents, cleaning_fee_cents: cents, tax_cents: cents, total_cents: cents },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 366 }), given, (nights, price) => {
      let result: ReturnType<typeof priceStay>
      try {
        result = priceStay(nights, price, property)
      } catch {
        return
      }
      assert.equal(result.subtotal_cents + result.cleaning_fee_cents + result.tax_cents, result.total_cents)
      assert.ok(Object.values(result).every((part) => part === null || (Number.isSafeInteger(part) && part >= 0)))
    }),
  )
})

const agreed = {
  nightly_rate_cents: 10_000,
  subtotal_cents: 30_000,
  cleaning_fee_cents: 5000,
  tax_cents: 1000,
  total_cents: 36_000,
  num_nights: 5,
}
const repricings: [name: string, before: object, patch: object, nights: number, expected: unknown[]][] = [
  ['fewer nights than the discounted total was for', {}, {}, 4, [6000, 24_000, 5000, 1000, 30_000]],
  ['more nights', {}, {}, 10, [6000, 60_000, 5000, 1000, 66_000]],
  ['a total', {}, { total_cents: 31_000 }, 5, [5000, 25_000, 5000, 1000, 31_000]],
  ['a total and nights', {}, { total_cents: 31_000 }, 2, [12_500, 25_000, 5000, 1000, 31_000]],
  ['a total and a rate', {}, { total_cents: 31_000, nightly_rate_cents: 7 }, 5, [7, 25_000, 5000, 1000, 31_000]],
  ['a rate', {}, { nightly_rate_cents: 100 }, 5, [100, 500, 5000, 1000, 6500]],
  ['a fee: the agreed price of the nights stays', {}, { cleaning_fee_cents: 0 }, 5, [6000, 30_000, 0, 1000, 31_000]],
  ['a tax and nights', {}, { tax_cents: 0 }, 1, [6000, 6000, 5000, 0, 11_000]],
  [
    'a tax of a total for the whole stay',
    { nightly_rate_cents: null },
    { tax_cents: 0 },
    5,
    [null, 31_000, 5000, 0, 36_000],
  ],
]
test('what was agreed last decides about the price after a change', () => {
  for (const [name, before, patch, nights, expected] of repricings) {
    const price = repriced({ ...agreed, ...before }, patch, nights)
    const { nightly_rate_cents, subtotal_cents, cleaning_fee_cents, tax_cents, total_cents } = price ?? agreed
    assert.deepEqual([nightly_rate_cents, subtotal_cents, cleaning_fee_cents, tax_cents, total_cents], expected, name)
  }
  assert.equal(repriced({ ...agreed, nightly_rate_cents: null }, {}, 2), undefined, 'a total for the whole stay stays')
  assert.equal(repriced(agreed, {}, 5), undefined, 'as many nights as before')
})

test('fewer nights never cost more, more nights never less, whatever was agreed', () => {
  const cents = fc.integer({ min: 0, max: 1_000_000 })
  const nights = fc.integer({ min: 1, max: 366 })
  fc.assert(
    fc.property(cents, cents, nights, nights, nights, (subtotal_cents, rate, num_nights, one, other) => {
      const before = {
        ...agreed,
        nightly_rate_cents: rate,
        subtotal_cents,
        num_nights,
        total_cents: subtotal_cents + 6000,
      }
      const totalOf = (n: number) => repriced(before, {}, n)?.total_cents ?? before.total_cents
      const [fewer, more] = [Math.min(one, other), Math.max(one, other)]
      assert.ok(totalOf(fewer) <= totalOf(more))
      assert.equal(totalOf(num_nights), before.total_cents)
    }),
  )
})
