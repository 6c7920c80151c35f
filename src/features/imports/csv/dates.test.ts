// Parsing dates, and detecting whether the day or the month is first.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calendarDate, createDateOrderDetector, parseDate } from './dates.ts'

test('a date is read in the order of its file, an ISO date in any', () => {
  assert.equal(parseDate('7/1/2015', 'mdy'), '2015-07-01')
  assert.equal(parseDate('7/1/2015', 'dmy'), '2015-01-07')
  assert.equal(parseDate('07.01.2015', 'dmy'), '2015-01-07')
  for (const order of ['mdy', 'dmy', 'iso'] as const) assert.equal(parseDate('2015-07-01', order), '2015-07-01')
})

test('a text that is not an existing date in this order is undefined', () => {
  assert.equal(parseDate('13/1/2015', 'mdy'), undefined)
  assert.equal(parseDate('1/13/2015', 'dmy'), undefined)
  assert.equal(parseDate('7/1/2015', 'iso'), undefined)
  for (const text of ['2/30/2024', '2/29/2023', '7/1/15', '', 'soon', '2024-13-01', '2024-02-30', '1/2/3/2024']) {
    assert.equal(parseDate(text, 'mdy'), undefined, text)
  }
  assert.equal(parseDate('2/29/2024', 'mdy'), '2024-02-29')
})

test('a date that the calendar does not have is undefined', () => {
  assert.equal(calendarDate('2015', '2', '29'), undefined)
})

function detect(...dates: string[]) {
  const detector = createDateOrderDetector()
  for (const [index, text] of dates.entries()) detector.add(index + 2, text)
  return detector.detect()
}

test('one date with a day above 12 decides for the whole file', () => {
  assert.equal(detect('1/2/2025', '3/4/2025', '3/14/2025'), 'mdy')
  assert.equal(detect('1/2/2025', '14.3.2025'), 'dmy')
})

test('a file without ambiguous dates is accepted', () => {
  for (const dates of [[], ['2025-03-04'], ['5/5/2025', 'rubbish', '']]) assert.doesNotThrow(() => detect(...dates))
})

test('a file with only ambiguous dates is rejected, and the error asks for --date-order', () => {
  assert.throws(() => detect('2025-01-01', '1/2/2025', '3/4/2025'), /1\/2\/2025 in line 3.*--date-order mdy .* dmy/)
})

test('the error about contradictory dates names both of them', () => {
  assert.throws(() => detect('13/2/2025', '1/2/2025', '2/13/2025'), /13\/2\/2025 in line 2 .*2\/13\/2025 in line 4/)
})
