// Which titles of a file somebody is asked about.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unknownTitles } from './unknown-titles.ts'

const problem = (column: string | null, value: string | undefined, outcome: 'error' | 'conflict' = 'error') => ({
  line: 2,
  column,
  outcome,
  reason: 'x',
  ...(value !== undefined && { value }),
})

test('titles without a home are counted, most first; other problems are not titles', () => {
  const problems = [
    problem('Listing', 'A'),
    problem('Listing', 'B'),
    problem('Listing', 'B'),
    problem('Listing', 'C', 'conflict'),
    problem('Start date', '31.02.2027'),
    problem(null, undefined),
  ]
  assert.deepEqual(unknownTitles({ problems, columns: { listing: 'Listing', start: 'Start date' } }), [
    ['B', 2],
    ['A', 1],
  ])
})

test('a file without a column for homes has no titles', () => {
  assert.deepEqual(unknownTitles({ problems: [problem(null, 'A')], columns: {} }), [])
})
