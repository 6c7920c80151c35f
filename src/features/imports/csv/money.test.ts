// Parsing amounts of money in the notations that occur in exports.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { max_cents, minorDigits, parseMoney, roundMoney } from './money.ts'

const read = (text: string, currency = 'EUR') => {
  const amount = parseMoney(text, currency)
  return 'cents' in amount ? amount.cents : amount.problem
}

describe('an amount is parsed in each notation', () => {
  const same: [text: string, currency: string, cents: number][] = [
    ['$1,320.00', 'SEK', 132_000],
    ['$412.50', 'USD', 41_250],
    ['€100', 'EUR', 10_000],
    ['1.200,50 €', 'EUR', 120_050],
    ['1\u00a0200,50\u00a0€', 'EUR', 120_050],
    ['1\u202f200,50 kr', 'SEK', 120_050],
    ["CHF 1'200.50", 'CHF', 120_050],
    ['300 USD', 'USD', 30_000],
    ['US$ 1,234,567.89', 'USD', 123_456_789],
    ['1.234.567', 'EUR', 123_456_700],
    ['1,320', 'SEK', 132_000],
    ['1.320', 'EUR', 132_000],
    ['0,5', 'EUR', 50],
    ['12.3', 'EUR', 1230],
    ['¥1,200', 'JPY', 1200],
    ['1200.00', 'JPY', 1200],
    ['1.250', 'KWD', 1250],
    ['1,000.250', 'KWD', 1_000_250],
    ['  7 ', 'EUR', 700],
    ['0', 'EUR', 0],
    ['$500,000.00', 'SEK', 50_000_000],
  ]
  for (const [text, currency, cents] of same)
    test(`${text} in ${currency}`, () => assert.equal(read(text, currency), cents))
})

describe('a text that is not an amount is rejected with a reason', () => {
  const rejected: [text: string, reason: RegExp][] = [
    ['', /not an amount/],
    ['free', /not an amount/],
    ['€', /not an amount/],
    ['1,2,3', /not an amount/],
    ['12,34,567', /not an amount/],
    ['1.234,567.8', /not an amount/],
    ['0.125', /not an amount|decimals/],
    ['1.2345', /decimals/],
    ['10.005,123', /decimals/],
    ['-5', /negative/],
    ['-€5', /negative/],
    ['€-5', /negative/],
    ['(5.00)', /negative/],
    ['1e3', /not an amount/],
    ['5 5 EUR 5', /not an amount/],
    ['1000000000.01', /too large/],
    ['99999999999999999999', /too large/],
    ['=1+1', /not an amount/],
  ]
  for (const [text, reason] of rejected) test(JSON.stringify(text), () => assert.match(String(read(text)), reason))
})

test('a dollar sign is ignored; a code or a euro sign that contradicts the currency is rejected', () => {
  for (const currency of ['SEK', 'EUR', 'USD']) assert.equal(read('$10', currency), 1000)
  assert.match(String(read('10 USD', 'EUR')), /is in USD, but the currency is EUR/)
  assert.match(String(read('€10', 'SEK')), /is in EUR, but the currency is SEK/)
})

const notations: readonly ((whole: string, fraction: string) => string)[] = [
  (whole, fraction) => `${whole}.${fraction}`,
  (whole, fraction) => `${whole},${fraction}`,
  (whole, fraction) => `$${grouped(whole, ',')}.${fraction}`,
  (whole, fraction) => `${grouped(whole, '.')},${fraction} €`,
  (whole, fraction) => `${grouped(whole, '\u00a0')},${fraction}`,
  (whole, fraction) => `EUR ${grouped(whole, "'")}.${fraction}`,
]

function grouped(whole: string, mark: string): string {
  return whole.replaceAll(/\B(?=(\d{3})+$)/g, mark)
}

test('every amount is parsed exactly in every notation', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: max_cents }), fc.constantFrom(...notations), (cents, notation) => {
      const digits = String(cents).padStart(3, '0')
      assert.equal(read(notation(digits.slice(0, -2), digits.slice(-2))), cents)
    }),
    { numRuns: 2000 },
  )
})

test('any text is an amount in range or a problem, never an exception', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.,-$€ \'"eE+()x') }), (text) => {
      const amount = read(text)
      assert.ok(typeof amount === 'string' || (Number.isSafeInteger(amount) && amount >= 0 && amount <= max_cents))
    }),
    { numRuns: 2000 },
  )
})

test('a rate is rounded half up from its decimal digits', () => {
  const rounded = (text: string, currency = 'EUR') => {
    const amount = roundMoney(text, currency)
    return 'cents' in amount ? amount.cents : amount.problem
  }
  const cases: [string, number][] = [
    ['107.125', 10_713],
    ['107.124999', 10_712],
    ['1.005', 101],
    ['8.575', 858],
    ['0', 0],
    ['75', 7500],
    ['75.5', 7550],
    ['0.994', 99],
    ['0.995', 100],
    ['-0.00', 0],
  ]
  for (const [text, cents] of cases) assert.equal(rounded(text), cents, text)
  assert.equal(rounded('99.5', 'JPY'), 100)
  assert.match(String(rounded('-6.38')), /negative/)
  assert.match(String(rounded('1,5')), /not a decimal/)
  assert.match(String(rounded('NA')), /not a decimal/)
})

test('rounding half up agrees with exact arithmetic', () => {
  const decimal = fc.tuple(
    fc.nat(1_000_000),
    fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 9 }),
  )
  fc.assert(
    fc.property(decimal, ([whole, fraction]) => {
      const scale = 10n ** BigInt(fraction.length)
      const exact = BigInt(whole) * scale + BigInt(fraction)
      assert.deepEqual(roundMoney(`${whole}.${fraction}`, 'EUR'), {
        cents: Number((exact * 200n + scale) / (scale * 2n)),
      })
    }),
  )
})

test('minor digits follow ISO 4217', () => {
  assert.deepEqual(
    ['EUR', 'SEK', 'JPY', 'KWD', 'ISK'].map((currency) => minorDigits(currency)),
    [2, 2, 0, 3, 0],
  )
})
