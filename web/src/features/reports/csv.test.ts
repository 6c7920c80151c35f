// The report as a file for spreadsheets.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvOf } from './csv.ts'

const figures = (money: object[] = []) => ({
  nights_available: 31,
  nights_blocked: 0,
  nights_sold: 7,
  occupancy_bp: 2258,
  money,
  num_bookings: 1,
  avg_stay_nights: 7,
  avg_lead_days: 3,
  num_cancelled: 0,
})
const report = (name: string) =>
  ({
    groups: [
      {
        key: 'a',
        name,
        current: figures([
          { currency: 'EUR', revenue_cents: 70000, nights_sold: 7, adr_cents: 10000, revpar_cents: 2258 },
        ]),
        previous: figures(),
      },
    ],
  }) as unknown as Parameters<typeof csvOf>[0]

test('a name that a spreadsheet would run as a formula is text', () => {
  for (const name of ['=HYPERLINK("x")', '+1', '-1', '@a', '\tb', ' =1', '\u200b=1', '\uff1d1', '\n=1', '\u22121']) {
    const [, row = ''] = csvOf(report(name), (group) => group.name ?? '').split('\r\n')
    assert.match(row, /^"?'/, JSON.stringify(name))
  }
})

test('names with commas and quotes stay one cell, and figures are numbers', () => {
  const [, row] = csvOf(report('Haus "See", Binz'), (group) => group.name ?? '').split('\r\n')
  assert.equal(row, '"Haus ""See"", Binz",31,7,22.58,1,0,EUR,70000,10000,2258,7,22.58')
})
