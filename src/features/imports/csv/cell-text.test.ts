// The text of a cell, without what programs and web pages have added.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowOf } from '../../../../test/import-files.ts'
import { cellText } from './cell-text.ts'
import { optionalInteger, requiredId } from './cells.ts'

test('a cell is one line in NFC, with single blanks and decoded character references', () => {
  const cases: [raw: string, text: string][] = [
    ['Mu\u0308ller Hof', 'Müller Hof'],
    ['Cosy  double\u00a0space ', 'Cosy double space'],
    ['B&amp;B am Markt', 'B&B am Markt'],
    ['Tom&#39;s &quot;Inn&quot; &#x1F3E0;', 'Tom\'s "Inn" 🏠'],
    ['A&nbsp;B &unknown; &', 'A B &unknown; &'],
    ['Sea\r\nview', 'Sea view'],
    ['Ada\u200b\u202e', 'Ada'],
    ['="00123"', '00123'],
    ['Na', 'Na'],
    ['Null', 'Null'],
    ['Nana', 'Nana'],
  ]
  for (const [raw, text] of cases) assert.equal(cellText(raw), text)
})

test('the words of pandas, R, SQL and Excel for a missing value are an empty cell', () => {
  for (const raw of [
    'NA',
    'N/A',
    'n/a',
    '#N/A',
    'nan',
    'NaN',
    'NULL',
    'null',
    ' NA ',
    '<NA>',
    'None',
    '\\N',
    '-',
    '–',
    '---',
    'n.a.',
    '',
  ]) {
    assert.equal(cellText(raw), '', raw)
  }
})

const format = { name: 'one', columns: { id: { name: 'Id' } } }
const rowWith = (id: string) => rowOf(format, { id })

test('an id that a program wrote as a decimal is the same id; a shortened one is refused', () => {
  const cases: [raw: string, id: string][] = [
    ['13913', '13913'],
    ['13913.0', '13913'],
    ['13913.00', '13913'],
    ["'00123", '00123'],
    ['621234567890123456', '621234567890123456'],
    ['HMABC.0', 'HMABC.0'],
  ]
  for (const [raw, id] of cases) assert.equal(requiredId(rowWith(raw), 'id', 200), id)
  for (const raw of ['6.2E+17', '6,2E+17', '6E17', '6.21234E+17', '1e+18']) {
    assert.throws(() => requiredId(rowWith(raw), 'id', 200), /was shortened by a spreadsheet/, raw)
  }
})

test('a missing count is null, a wrong one an error', () => {
  for (const raw of ['', 'NA', 'nan', 'NULL', 'N/A'])
    assert.equal(optionalInteger(rowWith(raw), 'id', { min: 0, max: 9 }), null)
  assert.throws(() => optionalInteger(rowWith('two'), 'id', { min: 0, max: 9 }), /is not a whole number/)
})
