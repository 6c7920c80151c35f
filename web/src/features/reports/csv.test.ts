// Reports as files for spreadsheets.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvOf, paceCsvOf } from './csv.ts'

const figures = (money: object[] = []) => ({
  nights_available: 31,
  nights_blocked: 0,
  nights_sold: 7,
  guest_nights: 14,
  occupancy_bp: 2258,
  money,
  num_bookings: 1,
  num_guests: 2,
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
        previous: figures([
          { currency: 'CHF', revenue_cents: 500, nights_sold: 7, adr_cents: 71, revpar_cents: 16 },
          { currency: 'EUR', revenue_cents: 60000, nights_sold: 7, adr_cents: 8571, revpar_cents: 1935 },
        ]),
      },
    ],
  }) as unknown as Parameters<typeof csvOf>[0]

test('a name that a spreadsheet would run as a formula is text', () => {
  for (const name of ['=HYPERLINK("x")', '+1', '-1', '@a', '\tb', ' =1', '\u200b=1', '\uff1d1', '\n=1', '\u22121']) {
    const [, row = ''] = csvOf(report(name), (group) => group.name ?? '').split('\r\n')
    assert.match(row, /^"?'/, JSON.stringify(name))
  }
})

test('each currency of both years has a line, with names as one cell and figures as numbers', () => {
  const [head = '', ...rows] = csvOf(report('Haus "See", Binz'), (group) => group.name ?? '').split('\r\n')
  assert.deepEqual(rows, [
    '"Haus ""See"", Binz",CHF,31,7,14,1,2,0,22.58,,,,31,7,14,1,2,0,22.58,500,71,16',
    '"Haus ""See"", Binz",EUR,31,7,14,1,2,0,22.58,70000,10000,2258,31,7,14,1,2,0,22.58,60000,8571,1935',
    '',
  ])
  assert.equal(head.split(',').length, rows[0]?.replace('"Haus ""See"", Binz"', 'x').split(',').length)
})

test('the booking pace has a line for each month and currency, also for a month without bookings', () => {
  const none = { num_bookings: 0, nights: 0, num_undated: 0, money: [] }
  const some = {
    num_bookings: 2,
    nights: 9,
    num_undated: 1,
    money: [{ currency: 'EUR', revenue_cents: 900, nights: 9 }],
  }
  const months = [
    { month: '2028-06', current: some, previous: none, previous_final: some },
    { month: '2028-07', current: none, previous: none, previous_final: none },
  ]
  const pace = { day: '2028-03-15', previous_day: '2027-03-15', totals: { ...months[0] }, months }
  const [head = '', ...rows] = paceCsvOf(pace as unknown as Parameters<typeof paceCsvOf>[0]).split('\r\n')
  assert.equal(head.split(',').length, 14)
  assert.deepEqual(rows, ['2028-06,EUR,2,9,1,900,0,0,0,,2,9,1,900', '2028-07,,0,0,0,,0,0,0,,0,0,0,', ''])
})
