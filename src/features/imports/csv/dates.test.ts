// Parsing dates, and detecting whether the day or the month is first.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { calendarDate, createDateOrderDetector, type DateOrder, parseDate } from './dates.ts'

test('a date is read in the order of its file, an ISO date in any', () => {
  assert.equal(parseDate('7/1/2015', 'mdy'), '2015-07-01')
  assert.equal(parseDate('7/1/2015', 'dmy'), '2015-01-07')
  assert.equal(parseDate('07.01.2015', 'dmy'), '2015-01-07')
  for (const order of ['mdy', 'dmy', 'iso'] as const) assert.equal(parseDate('2015-07-01', order), '2015-07-01')
})

describe('a date is read by its shape', () => {
  const any: DateOrder[] = ['mdy', 'dmy', 'iso']
  const shapes: [text: string, orders?: readonly DateOrder[]][] = [
    ['2028/07/14'],
    ['2028.07.14'],
    ['2028. 7. 14.'],
    ['2028-7-14'],
    ['2028 07 14'],
    ['20280714'],
    ['２０２８/０７/１４'],
    ['2028年7月14日'],
    ['2028年7月14日(金)'],
    ['2028년 7월 14일'],
    ['14. 7. 2028', ['dmy']],
    ['14.07.2028.', ['dmy']],
    ['14. 07. 2028.', ['dmy']],
    ['14 07 2028', ['dmy']],
    ['14/7/28', ['dmy']],
    ['14.7.28', ['dmy']],
    ['7/14/28', ['mdy']],
    ["7/14/'28", ['mdy']],
    ['28-07-14', ['iso']],
    ['2028-07-14 00:00:00'],
    ['2028-07-14T00:00:00.000Z'],
    ['2028-07-14T00:00:00+02:00'],
    ['7/14/2028 12:00:00 AM', ['mdy']],
    ['14.07.2028 00:00', ['dmy']],
    ['14.07.2028, 15:30', ['dmy']],
    ['\u200e14/07/2028', ['dmy']],
    ['Fri 7/14/2028', ['mdy']],
    ['14 Jul 2028'],
    ['14-Jul-28'],
    ['Jul 14, 2028'],
    ['Friday, July 14th, 2028'],
    ['14. Juli 2028'],
    ['14 de julio de 2028'],
    ['14 juil. 2028'],
    ['ven. 14 juillet 2028'],
    ['14 luglio 2028'],
    ['14 juli 2028'],
    ['14 de julho de 2028'],
    ['14 de jul. de 2028'],
  ]
  for (const [text, orders = any] of shapes) {
    test(text, () => {
      for (const order of orders) assert.equal(parseDate(text, order), '2028-07-14', order)
    })
  }
})

test('the names of the months are read in seven languages, with and without accents', () => {
  const names = [
    ['March', 'Mar', 'März', 'Maerz', 'marzo', 'mars', 'maart', 'mrt', 'março', 'marco'],
    ['August', 'Aug', 'agosto', 'août', 'aout', 'augustus'],
    ['December', 'Dezember', 'Dez', 'diciembre', 'décembre', 'dicembre', 'dezembro', 'DEC'],
    ['January', 'Jänner', 'Januar', 'enero', 'janvier', 'gennaio', 'januari', 'janeiro'],
  ]
  for (const [index, month] of ['03', '08', '12', '01'].entries()) {
    for (const name of names[index] ?? []) assert.equal(parseDate(`5 ${name} 2028`, 'mdy'), `2028-${month}-05`, name)
  }
  for (const text of ['mar. 14 mars 2028', 'Mar 14, 2028', 'mar, 14 mar 2028']) {
    assert.equal(parseDate(text, 'dmy'), '2028-03-14', text)
  }
  assert.equal(parseDate('5 Brumaire 2028', 'dmy'), undefined)
})

test('a time with a zone is no date, because its day could be another one', () => {
  for (const text of ['2028-07-14T23:00:00Z', '2028-07-14T22:00:00+02:00'])
    assert.equal(parseDate(text, 'iso'), undefined)
})

test('every day is read in every shape that names its parts', () => {
  const day = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  fc.assert(
    fc.property(day, (date) => {
      const iso = date.toISOString().slice(0, 10)
      const [y = '', m = '', d = ''] = iso.split('-')
      const [month, day_of_month] = [Number(m), Number(d)]
      for (const order of ['mdy', 'dmy', 'iso'] as const) {
        for (const text of [
          iso,
          `${y}/${m}/${d}`,
          `${y}. ${month}. ${day_of_month}.`,
          `${y}年${month}月${day_of_month}日`,
        ]) {
          assert.equal(parseDate(text, order), iso)
        }
      }
      assert.equal(parseDate(`${month}/${day_of_month}/${y.slice(2)}`, 'mdy'), iso)
      assert.equal(parseDate(`${day_of_month}. ${month}. ${y}`, 'dmy'), iso)
    }),
  )
})

test('any text is a date or undefined, never an exception', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789./- :TZ,年月日Julde') }), (text) => {
      assert.match(parseDate(text, 'dmy') ?? '2000-01-01', /^\d{4}-\d{2}-\d{2}$/)
    }),
  )
})

test('a text that is not an existing date in this order is undefined', () => {
  assert.equal(parseDate('13/1/2015', 'mdy'), undefined)
  assert.equal(parseDate('1/13/2015', 'dmy'), undefined)
  assert.equal(parseDate('7/1/2015', 'iso'), undefined)
  for (const text of ['2/30/2024', '2/29/2023', '7/1/1', '', 'soon', '2024-13-01', '2024-02-30', '1/2/3/2024']) {
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

test('dates with dots have the day first; a date with a slash and a day above 12 still decides', () => {
  assert.equal(detect('1.2.2025', '3.4.2025'), 'dmy')
  assert.equal(detect('1. 2. 25'), 'dmy')
  assert.equal(detect('1.2.2025', '2/13/2025'), 'mdy')
  assert.throws(() => detect('1.2.2025', '1/2/2025'), /1\/2\/2025 in line 3/)
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
