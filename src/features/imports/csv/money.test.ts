// Parsing amounts of money in the notations that occur in exports.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { max_cents } from '../../../core/money.ts'
import { parseMoney, parseSignedMoney, roundMoney } from './money.ts'

const read = (text: string, currency = 'EUR') => {
  const amount = parseMoney(text, currency)
  return 'cents' in amount ? amount.cents : amount.problem
}

describe('an amount is parsed in each notation', () => {
  const same: [text: string, currency: string, cents: number][] = [
    ['$412.50', 'USD', 41_250],
    ['€100', 'EUR', 10_000],
    ['1.200,50 €', 'EUR', 120_050],
    ['1\u00a0200,50\u00a0€', 'EUR', 120_050],
    ['€ 3\u00a0134,93', 'EUR', 313_493],
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
    ['+€5.00', 'EUR', 500],
    ['.50', 'EUR', 50],
    ["'1.234,50", 'EUR', 123_450],
    // Groups of South Asia.
    ['₹1,23,456.00', 'INR', 12_345_600],
    ['₹12,34,567.89', 'INR', 123_456_789],
    ['Rs. 1,234/-', 'INR', 123_400],
    ['PKR 1,00,000', 'PKR', 10_000_000],
    // Signs with dots, and signs behind the amount.
    ['1.234,50 kr.', 'DKK', 123_450],
    ['kr. 1.234,50', 'DKK', 123_450],
    ['Rs. 1,234.50', 'INR', 123_450],
    ['Rs.50', 'LKR', 5000],
    ["Fr. 1'234.50", 'CHF', 123_450],
    ['Fr. 1’234.50', 'CHF', 123_450],
    ['SFr. 1ʼ234.50', 'CHF', 123_450],
    ['S/ 1,234.50', 'PEN', 123_450],
    ['S/. 1,234.50', 'PEN', 123_450],
    ['1234,50 лв.', 'BGN', 123_450],
    ['د.إ. 1,234.50', 'AED', 123_450],
    ['١٬٢٣٤٫٥٠ د.إ.\u200f', 'AED', 123_450],
    ['R$ 1.234,50', 'BRL', 123_450],
    ['R 1 234,50', 'ZAR', 123_450],
    ['1 234,50 Kč', 'CZK', 123_450],
    ['1 234,50 zł', 'PLN', 123_450],
    ['1.234,50 lei', 'RON', 123_450],
    ['1.234,50 TL', 'TRY', 123_450],
    ['₺1.234,50', 'TRY', 123_450],
    ['1 234,50 ₽', 'RUB', 123_450],
    ['1 234,50 руб.', 'RUB', 123_450],
    ['1 234,50 грн.', 'UAH', 123_450],
    ['฿1,234.50', 'THB', 123_450],
    ['RM1,234.50', 'MYR', 123_450],
    ['Rp1.234.567', 'IDR', 123_456_700],
    ['1.234.567 ₫', 'VND', 1_234_567],
    ['₩1,234,567', 'KRW', 1_234_567],
    ['12,345円', 'JPY', 12_345],
    ['￥12,345', 'JPY', 12_345],
    ['NT$1,234', 'TWD', 123_400],
    ['MX$1,234.50', 'MXN', 123_450],
    ['$1,234.50 MXN', 'MXN', 123_450],
    ['MXN$1,234.50', 'MXN', 123_450],
    ['$ 93,53', 'ARS', 9353],
    ['CA$1,234.50', 'CAD', 123_450],
    ['1 234,50 $ CA', 'CAD', 123_450],
    ['1 234,50 $ US', 'USD', 123_450],
    ['1.234,50 Skr', 'SEK', 123_450],
    ['12.500 kr.', 'ISK', 12_500],
    ['د.أ. 1,234.500', 'JOD', 1_234_500],
    ['₪1,234.50', 'ILS', 123_450],
    ['1,234.50 SR', 'SAR', 123_450],
    ['₱1,234.50', 'PHP', 123_450],
    // No cents.
    ['€1.234,-', 'EUR', 123_400],
    ['1.234,-- €', 'EUR', 123_400],
    ['1.234,– €', 'EUR', 123_400],
    ['1234.-', 'CHF', 123_400],
    ["1'234.—", 'CHF', 123_400],
    ['1 234:-', 'SEK', 123_400],
    ['1 234,- Kč', 'CZK', 123_400],
    // The minor unit of ISO 4217, which CLDR does not follow.
    ['HUF 45,000.00', 'HUF', 4_500_000],
    ['123 456,50 Ft', 'HUF', 12_345_650],
    ['COP 450,000.50', 'COP', 45_000_050],
    ['IQD 1,234.500', 'IQD', 1_234_500],
    // More digits than the currency has.
    ['126.6314', 'EUR', 12_663],
    ['126.6350', 'EUR', 12_664],
    ['272.0000', 'EUR', 27_200],
    ['0.125', 'EUR', 13],
    ['1234.567', 'EUR', 123_457],
    ['10.005,123', 'EUR', 1_000_512],
    ['1200.50', 'JPY', 1201],
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
    ["1'234,567.89", /not an amount/],
    ['300,00 € (inkl. MwSt.)', /not an amount/],
    ['300 per night', /not an amount/],
    ['-5', /negative/],
    ['-€5', /negative/],
    ['€-5', /negative/],
    ['€ −5,00', /negative/],
    ['5,00-', /negative/],
    ['5,00 €-', /negative/],
    ['(5.00)', /negative/],
    ['€(5.00)', /negative/],
    ['--5', /not an amount/],
    ['1e3', /not an amount/],
    ['1.2E+05', /not an amount/],
    ['5 5 EUR 5', /not an amount/],
    ['5 5', /not an amount/],
    ['1000000000.01', /too large/],
    ['99999999999999999999', /too large/],
    ['=1+1', /not an amount/],
    ['2028-07-14', /not an amount/],
  ]
  for (const [text, reason] of rejected) test(JSON.stringify(text), () => assert.match(String(read(text)), reason))
})

test('a sign or a code of another currency is refused, whichever sign it is', () => {
  const refused: [text: string, currency: string, reason: RegExp][] = [
    ['10 USD', 'EUR', /is in USD, but the currency is EUR/],
    ['€10', 'SEK', /is in EUR, but the currency is SEK/],
    ['£10', 'EUR', /has the sign "£", but the currency is EUR/],
    ['$10', 'EUR', /has the sign "\$", but the currency is EUR/],
    ['CA$10', 'USD', /is in CAD, but the currency is USD/],
    ['R$10', 'ZAR', /is in BRL/],
    ['10 kr', 'EUR', /has the sign "kr"/],
    ['Rs. 10', 'IDR', /has the sign "Rs\."/],
    ['€10 CHF', 'CHF', /is in EUR/],
    ['¥10', 'KRW', /has the sign "¥"/],
  ]
  for (const [text, currency, reason] of refused) assert.match(String(read(text, currency)), reason, text)
})

test('a dollar sign is ignored where the file writes it before every price', () => {
  for (const currency of ['SEK', 'EUR', 'USD']) {
    assert.deepEqual(parseMoney('$1,320.00', currency, { dollar: 'any' }), { cents: 132_000 })
  }
  assert.match(String(Object.values(parseMoney('€10', 'SEK', { dollar: 'any' }))), /is in EUR/)
})

test('a negative amount has its sign where negative amounts are asked for', () => {
  for (const text of ['-€50.00', '€-50', '−50,00 €', '50.00-', '(50.00)', '€(50.00)', '-(50)', '- 50']) {
    assert.deepEqual(parseSignedMoney(text, 'EUR'), { cents: -5000 }, text)
  }
  assert.deepEqual(parseSignedMoney('-0.00', 'EUR'), { cents: 0 })
})

const notations: readonly ((whole: string, fraction: string) => string)[] = [
  (whole, fraction) => `${whole}.${fraction}`,
  (whole, fraction) => `${whole},${fraction}`,
  (whole, fraction) => `€${grouped(whole, ',')}.${fraction}`,
  (whole, fraction) => `${grouped(whole, '.')},${fraction} €`,
  (whole, fraction) => `${grouped(whole, '\u00a0')},${fraction}`,
  (whole, fraction) => `EUR ${grouped(whole, "'")}.${fraction}`,
  (whole, fraction) => `${grouped(whole, '\u2009')}.${fraction} eur`,
  (whole, fraction) => `${grouped(whole, '’')},${fraction}0000 Euro`,
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
