// Rows that were split in too many places are joined only when there is one way to do so.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Contents, rejoin } from './unquoted.ts'

const columns: Contents[] = ['plain', 'text', 'plain', 'plain', 'text', 'amount']
const read = (line: string) => rejoin(line.split(','), columns, ',')?.join('|')

test('a comma in a title or an amount is joined when the row can be read in one way', () => {
  const rows: [line: string, cells: string][] = [
    ['HM1,Ada,2,3,Sea, Sun & Fun,€1,300.00', 'HM1|Ada|2|3|Sea, Sun & Fun|€1,300.00'],
    ['HM1,Ada,2,3,Sea, Sun & Fun,€300.00', 'HM1|Ada|2|3|Sea, Sun & Fun|€300.00'],
    ['HM1,Ada,2,3,Home,€1,300.00', 'HM1|Ada|2|3|Home|€1,300.00'],
    ['HM1,Ada,2,3,Home,€1,234,567.00', 'HM1|Ada|2|3|Home|€1,234,567.00'],
    ['HM1,Muster, Ada,2,3,Home,300', 'HM1|Muster, Ada|2|3|Home|300'],
    ['HM1,Ada,2,3,Sea, Sun, Fun,1,300.00', 'HM1|Ada|2|3|Sea, Sun, Fun|1,300.00'],
  ]
  for (const [line, cells] of rows) assert.equal(read(line), cells, line)
})

test('a row that can be read in no way, or in several, stays as it is', () => {
  for (const line of ['HM1,Ada,2,3,4,5,6', 'HM1,Ada,Bob,2,3,Sea,Sun,300', `HM1${','.repeat(40)}`]) {
    assert.equal(read(line), undefined, line)
  }
})

test('a row of titles with commas followed by blanks is always read back', () => {
  const word = fc.string({ unit: fc.constantFrom(...'abcXYZ&'), minLength: 1, maxLength: 6 })
  const title = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(', '))
  fc.assert(
    fc.property(title, title, fc.integer({ min: 1, max: 9_999_999 }), (guest, listing, amount) => {
      const cells = ['HM1', guest, '2', '3', listing, `€${amount.toLocaleString('en')}.00`]
      const line = cells.join(',')
      if (line.split(',').length > columns.length) assert.equal(read(line), cells.join('|'))
    }),
  )
})
