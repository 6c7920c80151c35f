// The table of currencies: the codes and minor digits of ISO 4217.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { currencyCodes, isCurrency, minorDigits } from './money.ts'

test('minor digits follow ISO 4217, also where CLDR has other ones', () => {
  const digits = Object.fromEntries(
    ['EUR', 'SEK', 'JPY', 'KRW', 'ISK', 'KWD', 'TND', 'CLF', 'HUF', 'COP', 'IQD', 'IDR', 'LBP', 'MGA', 'UGX'].map(
      (code) => [code, minorDigits(code)],
    ),
  )
  assert.deepEqual(digits, {
    ...{ EUR: 2, SEK: 2, JPY: 0, KRW: 0, ISK: 0, KWD: 3, TND: 3, CLF: 4 },
    ...{ HUF: 2, COP: 2, IQD: 3, IDR: 2, LBP: 2, MGA: 2, UGX: 0 },
  })
})

test('only codes of currencies are known, in capital letters', () => {
  for (const code of ['EUR', 'USD', 'BGN', 'XCG', 'ZWG', 'VED', 'XOF']) assert.ok(isCurrency(code), code)
  for (const code of ['ZZZ', 'XYZ', 'XXX', 'XTS', 'XAU', 'eur', 'EURO', '', 'DEM', '__proto__']) {
    assert.ok(!isCurrency(code), code)
  }
  assert.ok(currencyCodes.every((code) => /^[A-Z]{3}$/.test(code)))
  assert.equal(new Set(currencyCodes).size, currencyCodes.length)
})

test('every currency that Node knows and that is paid with is in the table', () => {
  const units_of_account = ['XDR', 'XSU', 'XUA']
  const unknown = Intl.supportedValuesOf('currency').filter((code) => !isCurrency(code))
  assert.deepEqual(
    unknown.filter((code) => !units_of_account.includes(code)),
    [],
  )
})
