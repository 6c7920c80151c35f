// Tests the booking pace over HTTP with figures calculated by hand, by role and agency.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties } from '../../../test/cast.ts'
import { type Client, castPerTest, type Reply } from '../../../test/harness.ts'
import { dayAfter, findings, localToday, must, newProperty, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, accountant, outsider, store } = await castPerTest()

const pace = async (client: Client, query: string): Promise<Reply['body']> =>
  must(200, await client.get(`reports/pace?${query}`)).body
const summer = 'from=2028-06-01&to=2028-08-01&day=2028-03-15'

interface Given {
  /** As the channel says; null: not said. */
  readonly booked_on?: string | null
  readonly entered?: string
  readonly status?: string
  readonly cancelled?: string
  readonly total_cents?: number
}

/** A booking with these times. Statuses that take no nights are written by the owner of the schema. */
async function book(property_id: string, check_in: string, nights: number, given: Given) {
  const { booked_on = null, entered = '2026-01-01T12:00:00Z', status, cancelled, total_cents = 10_000 } = given
  const client = property_id === castProperties.beach.id ? outsider : staff
  const { id } = must(201, await client.post('bookings', stay(property_id, check_in, nights, { total_cents }))).body
  await store.owner.query(
    `with gone as (delete from occupancies where booking_id = $1 and $4::text is not null)
     update bookings set booked_on = $2, created_at = $3, status = coalesce($4, status), cancelled_at = $5 where id = $1`,
    [id, booked_on, entered, status ?? null, cancelled ?? null],
  )
  return id as string
}

const books = (num_bookings: number, nights: number, revenue_cents: number, num_undated = 0) => ({
  num_bookings,
  nights,
  num_undated,
  money: num_bookings === 0 ? [] : [{ currency: 'EUR', revenue_cents, nights }],
})

/**
 * The day is 15 March 2028; the same day a year before 15 March 2027.
 * 2028: June, 4 nights, 400.00, made on the day | June, 2 nights, 200.00, made a day later | July, 3 nights, 300.00
 * 2027: June, 5 nights, 500.00, made on the day | June, 1 night, 100.00, made a day later | July, 2 nights, 250.00, cancelled on the day
 * after the day | July, 7 nights, 700.00, cancelled on the day | July, 3 nights, 330.00, a no-show | July, 6 nights, 660.00, no known day
 */
async function fillSummers() {
  const home = await newProperty(manager, { name: 'Home' })
  await book(home, '2028-06-10', 4, { booked_on: '2028-03-15', total_cents: 40_000 })
  await book(home, '2028-06-20', 2, { booked_on: '2028-03-16', total_cents: 20_000 })
  await book(home, '2028-07-30', 3, { entered: '2028-03-15T23:59:59Z', total_cents: 30_000 })
  await book(home, '2027-06-10', 5, { booked_on: '2027-03-15', total_cents: 50_000 })
  await book(home, '2027-06-20', 1, { entered: '2027-03-16T00:00:00Z', total_cents: 10_000 })
  const at = { booked_on: '2027-01-10', status: 'cancelled' }
  await book(home, '2027-07-01', 2, { ...at, cancelled: '2027-03-16T00:00:00Z', total_cents: 25_000 })
  await book(home, '2027-07-03', 7, { ...at, cancelled: '2027-03-15T23:59:59Z', total_cents: 70_000 })
  await book(home, '2027-07-10', 3, { booked_on: '2027-01-10', status: 'no_show', total_cents: 33_000 })
  await book(home, '2027-07-14', 6, { entered: '2029-01-01T12:00:00Z', total_cents: 66_000 })
  for (const status of ['inquiry', 'declined']) {
    await book(home, '2027-07-25', 2, { booked_on: '2027-01-10', status })
  }
  const removed = await book(home, '2028-07-10', 2, { booked_on: '2028-01-01' })
  must(204, await manager.delete(`bookings/${removed}`))
  return home
}

test('each month has what was booked by the day, a year earlier and in the end', async () => {
  await fillSummers()
  assert.deepEqual(await pace(manager, summer), {
    day: '2028-03-15',
    previous_day: '2027-03-15',
    totals: {
      current: books(2, 7, 70_000),
      previous: books(3, 10, 108_000),
      previous_final: books(3, 12, 126_000, 1),
    },
    months: [
      {
        month: '2028-06',
        current: books(1, 4, 40_000),
        previous: books(1, 5, 50_000),
        previous_final: books(2, 6, 60_000),
      },
      {
        month: '2028-07',
        current: books(1, 3, 30_000),
        previous: books(2, 5, 58_000),
        previous_final: books(1, 6, 66_000, 1),
      },
    ],
  })
})

test('a booking without a known day counts from its arrival, a no-show until the day before', async () => {
  await fillSummers()
  const july = async (day: string) => {
    const { current } = (await pace(manager, `from=2027-07-01&to=2027-08-01&day=${day}`)).totals
    return [current.num_bookings, current.nights, current.num_undated]
  }
  assert.deepEqual(await july('2027-07-09'), [1, 3, 0])
  assert.deepEqual(await july('2027-07-10'), [0, 0, 0])
  assert.deepEqual(await july('2027-07-14'), [1, 6, 1])
})

test('months are cut by the day of arrival, and the 29th of February has nothing beside it', async () => {
  const home = await newProperty(manager)
  await book(home, '2028-02-28', 1, { total_cents: 10_000 })
  await book(home, '2028-02-29', 5, { total_cents: 50_000 })
  await book(home, '2027-02-28', 1, { total_cents: 11_000 })
  const { months, previous_day } = await pace(manager, 'from=2028-02-29&to=2028-03-02&day=2028-02-29')
  assert.equal(previous_day, '2027-03-01')
  assert.deepEqual(
    months.map(({ month, current, previous }: Reply['body']) => [month, current.nights, previous.nights]),
    [
      ['2028-02', 5, 0],
      ['2028-03', 0, 0],
    ],
  )
})

test('amounts of different currencies are not added', async () => {
  const home = await newProperty(manager, { currency: 'CHF' })
  await book(home, '2028-06-01', 2, { total_cents: 30_000 })
  must(200, await manager.patch(`properties/${home}`, { currency: 'EUR' }))
  await book(home, '2028-06-10', 3, { total_cents: 20_000 })
  assert.deepEqual((await pace(manager, summer)).totals.current.money, [
    { currency: 'CHF', revenue_cents: 30_000, nights: 2 },
    { currency: 'EUR', revenue_cents: 20_000, nights: 3 },
  ])
})

test('an owner sees own homes, an accountant all, staff nothing, and another agency its own', async () => {
  await book(castProperties.lake.id, '2028-06-01', 2, { total_cents: 20_000 })
  await book(castProperties.forest.id, '2028-06-01', 3, { total_cents: 60_000 })
  await book(castProperties.beach.id, '2028-06-01', 5, { total_cents: 90_000 })
  const seenBy = async (client: Client) => (await pace(client, summer)).totals.current
  assert.deepEqual(await seenBy(owner), books(1, 2, 20_000))
  for (const client of [admin, manager, accountant]) assert.deepEqual(await seenBy(client), books(2, 5, 80_000))
  assert.deepEqual(await seenBy(outsider), books(1, 5, 90_000))
  must(403, await staff.get(`reports/pace?${summer}`))
})

test('without a day it is today in the zone of the agency, and everything that is booked now', async () => {
  const home = await newProperty(manager)
  const [from, to] = [localToday(10), localToday(40)]
  must(201, await staff.post('bookings', stay(home, from, 2, { total_cents: 20_000 })))
  const { day, totals } = await pace(manager, `from=${from}&to=${to}`)
  assert.equal(day, localToday())
  assert.deepEqual(totals.current, books(1, 2, 20_000))
})

test('a range that is empty or longer than 400 days is refused', async () => {
  const refused = async (query: string) => findings(must(422, await manager.get(`reports/pace?${query}`)))
  assert.deepEqual(await refused('from=2028-01-01&to=2028-01-01'), ['/query/to NOT_AFTER_FROM'])
  assert.deepEqual(await refused(`from=2028-01-01&to=${dayAfter('2028-01-01', 401)}`), ['/query/to TOO_LONG'])
  assert.deepEqual(await refused('from=2028-01-01&to=2028-02-01&day=soon'), ['/query/day INVALID'])
})
