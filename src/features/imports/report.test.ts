// Proves that a report counts every row once, says a note once, and is safe to open in a spreadsheet.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { RowError } from './import-errors.ts'
import { createTally, problemsCsv } from './report.ts'

test('rows are the sum of the outcomes, problems stand in the order of their lines', () => {
  const tally = createTally()
  tally.add('created')
  tally.add('skipped')
  tally.refuse(7, new RowError('is taken', { outcome: 'conflict', column: 'Start date', value: '1/2/2025' }))
  tally.refuse(3, new RowError('has 2 columns'))
  const { rows, created, updated, skipped, conflict, error, problems } = tally.report([])
  assert.deepEqual([rows, created, updated, skipped, conflict, error], [4, 1, 0, 1, 1, 1])
  assert.deepEqual(problems, [
    { line: 3, column: null, outcome: 'error', reason: 'has 2 columns' },
    { line: 7, column: 'Start date', outcome: 'conflict', reason: 'is taken', value: '1/2/2025' },
  ])
})

test('a note is said once, with the number of rows', () => {
  const tally = createTally()
  for (let row = 0; row < 3; row += 1) tally.note('the contact was left out')
  tally.note('children is NA')
  assert.deepEqual(tally.report(['prices are SEK']).notes, [
    'prices are SEK',
    '3 rows: the contact was left out',
    '1 row: children is NA',
  ])
})

test('a long value is cut without breaking a character', () => {
  const tally = createTally()
  tally.refuse(2, new RowError('is too long', { column: 'name', value: '🏠'.repeat(500) }))
  assert.equal(tally.report([]).problems[0]?.value, '🏠'.repeat(200))
})

test('with 100,001 problems the list ends and the rest is counted', () => {
  const tally = createTally()
  for (let line = 1; line <= 100_001; line += 1) tally.refuse(line, new RowError('is wrong'))
  const { error, problems, notes } = tally.report([])
  assert.deepEqual([error, problems.length], [100_001, 100_000])
  assert.match(notes.join(), /1 more rows were not saved/)
})

test('no cell of the CSV report begins a formula, and every text comes back', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', ',', ' ', "'", 'A', '1') }),
  )
  fc.assert(
    fc.property(text, text, (reason, value) => {
      const text = problemsCsv([{ line: 2, column: '=cmd|x', outcome: 'error', reason, value }])
      const [header, row = []] = parse(text, { record_delimiter: '\r\n' }) as string[][]
      assert.deepEqual(header, ['line', 'column', 'outcome', 'reason', 'value'])
      for (const cell of row) assert.doesNotMatch(cell, /^\s*[=+\-@\t\r]/)
      for (const [place, text] of ['2', '=cmd|x', 'error', reason, value].entries()) {
        assert.ok(row[place] === text || row[place] === `'${text}`, text)
      }
    }),
    { numRuns: 1000 },
  )
})
