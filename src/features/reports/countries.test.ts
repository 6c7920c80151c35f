// Tests the report by country over HTTP with figures calculated by hand, by role and agency.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties } from '../../../test/cast.ts'
import { type Client, castPerTest, type Reply } from '../../../test/harness.ts'
import { must, newProperty, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, accountant, outsider, store } = await castPerTest()
const july = 'from=2028-07-01&to=2028-08-01&group_by=country'

interface Guests {
  readonly country?: string
  readonly num_adults: number
  readonly num_children?: number
  readonly total_cents?: number
}

let people = 0
async function book(property_id: string, check_in: string, nights: number, { country, ...rest }: Guests) {
  people += 1
  const guest = { first_name: 'Ada', last_name: `Guest ${people}`, ...(country !== undefined && { country }) }
  return must(201, await staff.post('bookings', stay(property_id, check_in, nights, { guest, ...rest }))).body
}

/** Country, arrivals, guests, nights, guest nights, cancelled bookings, and revenue in cents. */
async function rowsOf(client: Client, year: 'current' | 'previous' = 'current') {
  const { groups, totals } = must(200, await client.get(`reports?${july}`)).body
  const rowOf = (figures: Reply['body']) => [
    figures.num_bookings,
    figures.num_guests,
    figures.nights_sold,
    figures.guest_nights,
    figures.num_cancelled,
    figures.money[0]?.revenue_cents ?? 0,
  ]
  return [
    ...groups.map(({ key, [year]: figures }: Reply['body']) => [key, ...rowOf(figures)]),
    ['total', ...rowOf(totals[year])],
  ]
}

/**
 * lake: AT 2 adults + 1 child, 1 to 5 July, 400.00 | DE 2 adults, 29 June to 3 July, 400.00, of which 2 nights are in July
 * forest: AT 1 adult, 30 July to 2 August, 300.00, of which 2 nights are in July | unknown 4 adults, 10 to 11 July, 100.00
 * CH 2 adults, cancelled | NL 2 adults, 5 to 8 July 2027, 300.00
 */
async function fillJuly() {
  const { lake, forest } = castProperties
  const austrian = await book(lake.id, '2028-07-01', 4, {
    country: 'AT',
    num_adults: 2,
    num_children: 1,
    total_cents: 40_000,
  })
  const other = await newProperty(manager, { name: 'Other' })
  await book(other, '2028-06-29', 4, { country: 'DE', num_adults: 2, total_cents: 40_000 })
  await book(forest.id, '2028-07-30', 3, { country: 'AT', num_adults: 1, total_cents: 30_000 })
  await book(forest.id, '2028-07-10', 1, { num_adults: 4, total_cents: 10_000 })
  const swiss = await book(forest.id, '2028-07-20', 2, { country: 'CH', num_adults: 2, total_cents: 20_000 })
  must(200, await manager.post(`bookings/${swiss.id}/cancellation`, { cancelled_by: 'guest' }))
  await book(forest.id, '2027-07-05', 3, { country: 'NL', num_adults: 2, total_cents: 30_000 })
  return austrian
}

test('arrivals, guests and nights are counted by country, the unknown one in a row of its own', async () => {
  await fillJuly()
  assert.deepEqual(await rowsOf(manager), [
    ['AT', 2, 4, 6, 14, 0, 60_000],
    ['CH', 0, 0, 0, 0, 1, 0],
    ['DE', 0, 0, 2, 4, 0, 20_000],
    ['NL', 0, 0, 0, 0, 0, 0],
    [null, 1, 4, 1, 4, 0, 10_000],
    ['total', 3, 8, 9, 22, 1, 90_000],
  ])
  assert.deepEqual(await rowsOf(manager, 'previous'), [
    ['AT', 0, 0, 0, 0, 0, 0],
    ['CH', 0, 0, 0, 0, 0, 0],
    ['DE', 0, 0, 0, 0, 0, 0],
    ['NL', 1, 2, 3, 6, 0, 30_000],
    [null, 0, 0, 0, 0, 0, 0],
    ['total', 1, 2, 3, 6, 0, 30_000],
  ])
})

test('an accountant, who sees no guests, gets the same report, an owner that of own homes', async () => {
  await fillJuly()
  const everything = await rowsOf(manager)
  for (const client of [admin, accountant]) assert.deepEqual(await rowsOf(client), everything)
  assert.deepEqual(await rowsOf(owner), [
    ['AT', 1, 3, 4, 12, 0, 40_000],
    ['total', 1, 3, 4, 12, 0, 40_000],
  ])
  must(403, await staff.get(`reports?${july}`))
  assert.deepEqual(await rowsOf(outsider), [['total', 0, 0, 0, 0, 0, 0]])
})

test('a country that is set later and the erasure of the guest do not lose an arrival', async () => {
  const { guest } = await fillJuly()
  must(200, await staff.patch(`guests/${guest.id}`, { country: 'LI' }))
  const rows = await rowsOf(accountant)
  assert.deepEqual(
    rows.map(([key, arrivals]) => [key, arrivals]),
    [
      ['AT', 1],
      ['CH', 0],
      ['DE', 0],
      ['LI', 1],
      ['NL', 0],
      [null, 1],
      ['total', 3],
    ],
  )
  await store.owner.query(
    `update guests set first_name = 'Anonymised', last_name = 'Guest', anonymised_at = now() where id = $1`,
    [guest.id],
  )
  assert.deepEqual(await rowsOf(accountant), rows)
})
