// The address of the reports: what it keeps, and the range without one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rangeOf, readSearch } from './search.ts'

test('the address keeps what the page knows, and drops what is unknown or wrong', () => {
  const known = { show: 'pace', from: '2027-06-15', to: '2027-09-15', by: 'country', plot: 'nights' }
  assert.deepEqual(readSearch(known), known)
  assert.deepEqual(readSearch({ show: 'all', from: '2027-06-15', by: 'guest', plot: 'x', other: 1 }), {})
  assert.deepEqual(readSearch({ from: '2027-06-15', to: '2027-06-15' }), {}, 'an empty range')
})

test('without a range the report is of this year', () => {
  assert.deepEqual(rangeOf({}, 2028), { from: '2028-01-01', to: '2029-01-01' })
  assert.deepEqual(rangeOf({ from: '2027-06-15', to: '2027-09-15' }, 2028), { from: '2027-06-15', to: '2027-09-15' })
})
