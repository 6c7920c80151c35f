// Tests the table of countries against that of Intl, and the reading of codes and names.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countryCodes, findCountry, isCountry } from './countries.ts'

test('there are the 249 codes of ISO 3166-1 and Kosovo, in order and each once', () => {
  assert.equal(countryCodes.length, 250)
  assert.deepEqual(countryCodes, [...new Set(countryCodes)].sort())
})

test('every country has a name in German and English', () => {
  for (const language of ['de', 'en']) {
    const names = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' })
    for (const code of countryCodes) assert.ok(names.of(code), `${language} ${code}`)
  }
})

test('codes of regions, former countries and other letters are no countries', () => {
  for (const code of ['EU', 'UN', 'UK', 'DD', 'YU', 'SU', 'AN', 'ZZ', 'XX', 'AA', 'de', 'DEU', '']) {
    assert.equal(isCountry(code), false, code)
  }
})

test('a country is found by its code in any case and by its name in several languages', () => {
  const given = { de: 'DE', ' AT ': 'AT', UK: 'GB', Deutschland: 'DE', germany: 'DE', Österreich: 'AT', Schweiz: 'CH' }
  for (const [text, code] of Object.entries(given)) assert.equal(findCountry(text), code, text)
  assert.equal(findCountry('Pays-Bas'), 'NL')
  for (const text of ['', 'Bavaria', 'EU', 'D']) assert.equal(findCountry(text), undefined, text)
})
