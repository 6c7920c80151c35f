// Amounts as people type them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMoney, parseMoney } from './money.ts'

test('amounts are read as people of several countries write them', () => {
  const cases = [
    ['250', 25_000],
    ['1.241,50', 124_150],
    ['1,241.50', 124_150],
    ['1241.5', 124_150],
    ["1'222.22", 122_222],
    ['1 222,22', 122_222],
    ['1\u00a0222,22', 122_222],
    ['1\u202f222,22', 122_222],
    ['-22', -2200],
  ] as const
  for (const [text, cents] of cases) assert.equal(parseMoney(text, 'EUR'), cents, text)
})

test('every whole amount that is typed is the amount that is read', () => {
  for (let amount = 0; amount < 3000; amount++) assert.equal(parseMoney(String(amount), 'EUR'), amount * 100)
})

test('what is not an amount of the currency is refused', () => {
  for (const text of ['', 'many', '1.2.3', '1,234,5.00', '12.345,678', '{1}'])
    assert.equal(parseMoney(text, 'EUR'), undefined, text)
  assert.equal(parseMoney('12.5', 'JPY'), undefined)
  assert.equal(parseMoney('1250', 'JPY'), 1250)
})

test('an amount that was written can be read again', () => {
  for (const cents of [0, 22, 12_250, 122_222_222]) {
    const text = formatMoney('de-DE', cents, 'EUR').replace('€', '')
    assert.equal(parseMoney(text, 'EUR'), cents, text)
  }
})
