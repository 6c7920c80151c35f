// Proves how dates are read, and that nobody guesses between day and month.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addDays, createDateEvidence, existing, parseDate } from './dates.ts'

test('a date is read in the order of its file, an ISO date in any', () => {
  assert.equal(parseDate('7/1/2015', 'mdy'), '2015-07-01')
  assert.equal(parseDate('7/1/2015', 'dmy'), '2015-01-07')
  assert.equal(parseDate('07.01.2015', 'dmy'), '2015-01-07')
  for (const order of ['mdy', 'dmy', 'iso'] as const) assert.equal(parseDate('2015-07-01', order), '2015-07-01')
})

test('what is no date in this order is undefined', () => {
  assert.equal(parseDate('13/1/2015', 'mdy'), undefined)
  assert.equal(parseDate('1/13/2015', 'dmy'), undefined)
  assert.equal(parseDate('7/1/2015', 'iso'), undefined)
  for (const text of ['2/30/2024', '2/29/2023', '7/1/15', '', 'soon', '2024-13-01', '2024-02-30', '1/2/3/2024']) {
    assert.equal(parseDate(text, 'mdy'), undefined, text)
  }
  assert.equal(parseDate('2/29/2024', 'mdy'), '2024-02-29')
})

test('days are added over months, years and leap days', () => {
  assert.equal(addDays('2015-12-31', 1), '2016-01-01')
  assert.equal(addDays('2016-02-28', 2), '2016-03-01')
  assert.equal(existing('2015', '2', '29'), undefined)
})

function decide(...dates: string[]) {
  const evidence = createDateEvidence()
  for (const [index, text] of dates.entries()) evidence.see(index + 2, text)
  return evidence.decide()
}

test('one impossible month decides for the whole file', () => {
  assert.equal(decide('1/2/2025', '3/4/2025', '3/14/2025'), 'mdy')
  assert.equal(decide('1/2/2025', '14.3.2025'), 'dmy')
})

test('without a date that can be read both ways nothing has to be decided', () => {
  for (const dates of [[], ['2025-03-04'], ['5/5/2025', 'rubbish', '']]) assert.doesNotThrow(() => decide(...dates))
})

test('when every date can be read both ways the error asks for --date-order', () => {
  assert.throws(() => decide('2025-01-01', '1/2/2025', '3/4/2025'), /1\/2\/2025 in line 3.*--date-order mdy .* dmy/)
})

test('dates that contradict each other are named, both', () => {
  assert.throws(() => decide('13/2/2025', '1/2/2025', '2/13/2025'), /13\/2\/2025 in line 2 .*2\/13\/2025 in line 4/)
})
