// The import report: counts, notes, problems, and the CSV of the problems.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { RowError } from './import-errors.ts'
import { createImportSummary, reportCsv } from './report.ts'

test('rows is the sum of the outcomes, and problems are sorted by line', () => {
  const summary = createImportSummary()
  summary.add(1, { outcome: 'created' })
  summary.add(2, { outcome: 'skipped' })
  summary.add(7, new RowError('is taken', { outcome: 'conflict', column: 'Start date', value: '1/2/2025' }))
  summary.add(3, new RowError('has 2 columns'))
  const { rows, created, updated, skipped, conflict, error, problems } = summary.report([])
  assert.deepEqual([rows, created, updated, skipped, conflict, error], [4, 1, 0, 1, 1, 1])
  assert.deepEqual(problems, [
    { line: 3, column: null, outcome: 'error', reason: 'has 2 columns' },
    { line: 7, column: 'Start date', outcome: 'conflict', reason: 'is taken', value: '1/2/2025' },
  ])
})

test('equal notes are reported once, with the number of rows', () => {
  const summary = createImportSummary()
  for (let row = 0; row < 3; row += 1) summary.addNote('the contact was left out')
  summary.addNote('children is NA')
  assert.deepEqual(summary.report(['prices are SEK']).notes, [
    'prices are SEK',
    '3 rows: the contact was left out',
    '1 row: children is NA',
  ])
})

test('a long value is cut between code points', () => {
  const summary = createImportSummary()
  summary.add(2, new RowError('is too long', { column: 'name', value: '🏠'.repeat(500) }))
  assert.equal(summary.report([]).problems[0]?.value, '🏠'.repeat(200))
})

test('at most 100,000 problems are listed; the others are counted', () => {
  const summary = createImportSummary()
  for (let line = 1; line <= 100_001; line += 1) summary.add(line, new RowError('is wrong'))
  const { error, problems, notes } = summary.report([])
  assert.deepEqual([error, problems.length], [100_001, 100_000])
  assert.match(notes.join(), /1 more rows were not saved/)
})

test('no cell of the CSV report is a formula, and every text is preserved', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', ',', ' ', "'", 'A', '1') }),
  )
  fc.assert(
    fc.property(text, text, (reason, value) => {
      const text = reportCsv({
        problems: [{ line: 2, column: '=cmd|x', outcome: 'error', reason, value }],
        warnings: [],
        changes: [],
      })
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
