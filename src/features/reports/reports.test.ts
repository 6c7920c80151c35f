// Tests reports over HTTP with figures calculated by hand, by role and agency.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, south } from '../../../test/cast.ts'
import { type Client, castPerTest, type Reply } from '../../../test/harness.ts'
import { dayAfter, findings, must, newProperty, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, otherOwner, accountant, outsider, store } = await castPerTest()

const report = async (client: Client, query: string): Promise<Reply['body']> =>
  must(200, await client.get(`reports?${query}`)).body
const winter = 'from=2027-12-01&to=2028-03-01'

/** `booked_on` comes from channels only. */
async function book(client: Client, property_id: string, check_in: string, nights: number, more: object = {}) {
  const { booked_on, ...rest } = { booked_on: check_in, ...more }
  const { id } = must(201, await client.post('bookings', stay(property_id, check_in, nights, rest))).body
  await store.owner.query('update bookings set booked_on = $2 where id = $1', [id, booked_on])
  return id as string
}

const block = (property_id: string, start_date: string, nights: number) => ({
  property_id,
  start_date,
  end_date: dayAfter(start_date, nights),
  reason: 'maintenance',
})

const money = (
  currency: string,
  revenue_cents: number,
  nights_sold: number,
  adr_cents: number,
  revpar_cents: number,
) => {
  return { currency, revenue_cents, nights_sold, adr_cents, revpar_cents }
}

const counted = (
  nights_available: number,
  nights_blocked: number,
  nights_sold: number,
  occupancy_bp: number | null,
) => {
  // Each booking is for two.
  return { nights_available, nights_blocked, nights_sold, guest_nights: 2 * nights_sold, occupancy_bp }
}

const stays = (
  num_bookings: number,
  avg_stay_nights: number | null,
  avg_lead_days: number | null,
  num_cancelled = 0,
) => ({ num_bookings, num_guests: 2 * num_bookings, avg_stay_nights, avg_lead_days, num_cancelled })

const nothing = { money: [], ...stays(0, null, null) }

/**
 * Two properties, one more that is closed after its stay. Shares of a night, in cents:
 * beach, EUR: 30 Dec 3334, 31 Dec 3333, 1 Jan 3333 | 27 Feb 10001, 28 Feb 10000, 29 Feb 10000, 1 Mar 10000
 * chalet, CHF: 29 Nov 250, 30 Nov 250, 1 Dec 250, 2 Dec 249 | 5 to 9 Jan 10000 each; EUR: 1 and 2 Feb 10000 each
 * closed, EUR: 1 to 3 Jan 10000 each
 */
async function fillWinter() {
  const beach = castProperties.beach.id
  must(200, await outsider.patch(`properties/${beach}`, { city: 'Bremen' }))
  const chalet = await newProperty(outsider, { name: 'Chalet', city: 'Basel', currency: 'CHF' })
  const closed = await newProperty(outsider, { name: 'Closed' })
  await book(outsider, beach, '2027-12-30', 3, { total_cents: 10_000, booked_on: '2027-12-20' })
  await book(outsider, beach, '2028-02-27', 4, { total_cents: 40_001 })
  await book(outsider, chalet, '2027-11-29', 4, { total_cents: 999, booked_on: '2027-01-01' })
  const airbnb = { total_cents: 50_000, booked_on: '2028-01-01', source: 'airbnb', status: 'pending' }
  await book(outsider, chalet, '2028-01-05', 5, airbnb)
  must(200, await outsider.patch(`properties/${chalet}`, { currency: 'EUR' }))
  await book(outsider, chalet, '2028-02-01', 2, { total_cents: 20_000, booked_on: '2028-01-31' })
  // The day of this booking is after its arrival, so it is not known.
  await book(outsider, closed, '2028-01-01', 3, { total_cents: 30_000, booked_on: '2028-02-01' })
  must(200, await outsider.patch(`properties/${closed}`, { is_active: false }))
  must(201, await outsider.post('availability/blocks', block(beach, '2028-01-20', 14)))
  const cancelled = await book(outsider, beach, '2028-01-10', 3, { total_cents: 9000, payment_status: 'paid' })
  must(200, await outsider.post(`bookings/${cancelled}/cancellation`, { cancelled_by: 'guest', refund_cents: 1000 }))
  for (const [status, day] of Object.entries({ declined: '2028-01-13', no_show: '2028-02-05' })) {
    const id = await book(outsider, beach, day, 2)
    await store.owner.query(
      `with gone as (delete from occupancies where booking_id = $1) update bookings set status = $2 where id = $1`,
      [id, status],
    )
  }
  await book(outsider, chalet, '2028-02-10', 2, { status: 'inquiry' })
  // The year before.
  await book(outsider, beach, '2027-02-26', 3, { total_cents: 30_000, booked_on: '2027-02-20' })
  return { beach, chalet, closed }
}

const currentTotals = {
  ...counted(171, 14, 18, 1053),
  money: [money('CHF', 50_499, 7, 7214, 295), money('EUR', 90_001, 11, 8182, 526)],
  ...stays(5, 3.4, 3.75, 1),
}
const previousTotals = {
  ...counted(180, 0, 3, 167),
  money: [money('EUR', 30_000, 3, 10_000, 167)],
  ...stays(1, 3, 6),
}

test('a winter with a leap day, by month: every figure is the one calculated by hand', async () => {
  await fillWinter()
  const { totals, groups, ...rest } = await report(outsider, winter)
  assert.deepEqual(rest, {
    from: '2027-12-01',
    to: '2028-03-01',
    previous_from: '2026-12-01',
    previous_to: '2027-03-01',
    group_by: 'month',
    num_groups: 3,
  })
  assert.deepEqual(totals, { current: currentTotals, previous: previousTotals })
  assert.deepEqual(groups, [
    {
      key: '2027-12',
      name: '2027-12',
      current: {
        ...counted(62, 0, 4, 645),
        money: [money('CHF', 499, 2, 250, 8), money('EUR', 6667, 2, 3334, 108)],
        ...stays(1, 3, 10),
      },
      previous: { ...counted(62, 0, 0, 0), ...nothing },
    },
    {
      key: '2028-01',
      name: '2028-01',
      current: {
        ...counted(53, 12, 9, 1698),
        money: [money('CHF', 50_000, 5, 10_000, 943), money('EUR', 33_333, 4, 8333, 629)],
        ...stays(2, 4, 4, 1),
      },
      previous: { ...counted(62, 0, 0, 0), ...nothing },
    },
    {
      key: '2028-02',
      name: '2028-02',
      current: {
        ...counted(56, 2, 5, 893),
        money: [money('EUR', 50_001, 5, 10_000, 893)],
        ...stays(2, 3, 0.5),
      },
      previous: { ...counted(56, 0, 3, 536), money: [money('EUR', 30_000, 3, 10_000, 536)], ...stays(1, 3, 6) },
    },
  ])
})

test('by property, city and source the same winter has the same totals', async () => {
  const { beach, chalet, closed } = await fillWinter()
  const ofBeach = {
    ...counted(77, 14, 6, 779),
    money: [money('EUR', 40_001, 6, 6667, 519)],
    ...stays(2, 3.5, 5, 1),
  }
  const ofChalet = {
    ...counted(91, 0, 9, 989),
    money: [money('CHF', 50_499, 7, 7214, 555), money('EUR', 20_000, 2, 10_000, 220)],
    ...stays(2, 3.5, 2.5),
  }
  const ofClosed = {
    ...counted(3, 0, 3, 10_000),
    money: [money('EUR', 30_000, 3, 10_000, 10_000)],
    ...stays(1, 3, null),
  }
  const currentOf = async (group_by: string) => {
    const { totals, groups, num_groups } = await report(outsider, `${winter}&group_by=${group_by}`)
    assert.deepEqual(totals, { current: currentTotals, previous: previousTotals }, group_by)
    assert.equal(num_groups, groups.length)
    return groups.map(({ key, name, current }: Reply['body']) => [key, name, current])
  }
  assert.deepEqual(await currentOf('property'), [
    [beach, 'Beach Villa', ofBeach],
    [chalet, 'Chalet', ofChalet],
    [closed, 'Closed', ofClosed],
  ])
  assert.deepEqual(await currentOf('city'), [
    ['Basel', 'Basel', ofChalet],
    ['Bremen', 'Bremen', ofBeach],
    [null, null, ofClosed],
  ])
  const airbnb = { money: [money('CHF', 50_000, 5, 10_000, 292)], ...stays(1, 5, 4) }
  const direct = {
    money: [money('CHF', 499, 2, 250, 3), money('EUR', 90_001, 11, 8182, 526)],
    ...stays(4, 3, 3.67, 1),
  }
  assert.deepEqual(await currentOf('source'), [
    ['airbnb', 'airbnb', { ...counted(171, 14, 5, 292), ...airbnb }],
    ['direct', 'direct', { ...counted(171, 14, 13, 760), ...direct }],
  ])
})

test('ranges that follow each other divide a stay to the cent', async () => {
  await fillWinter()
  const centsOf = async (from: string, to: string) => {
    const { current } = (await report(outsider, `from=${from}&to=${to}&group_by=source`)).totals
    return current.money.map(({ currency, revenue_cents }: Reply['body']) => `${currency} ${revenue_cents}`)
  }
  assert.deepEqual(await centsOf('2027-12-31', '2028-01-01'), ['EUR 3333'])
  assert.deepEqual(await centsOf('2028-02-29', '2028-03-01'), ['EUR 10000'])
  assert.deepEqual(await centsOf('2028-03-01', '2028-04-01'), ['EUR 10000'])
  assert.deepEqual(await centsOf('2027-11-01', '2027-12-01'), ['CHF 500'])
})

test('holds and deleted bookings do not count; a deleted property keeps what it has sold', async () => {
  const property_id = await newProperty(outsider, { name: 'Sold house' })
  await book(outsider, property_id, '2025-05-01', 4, { total_cents: 40_000 })
  const removed = await book(outsider, property_id, '2025-05-10', 2)
  must(204, await outsider.delete(`bookings/${removed}`))
  must(204, await outsider.delete(`properties/${property_id}`))
  const held = { property_id: castProperties.beach.id, check_in: '2025-05-01', check_out: '2025-05-04' }
  must(201, await outsider.post('holds', held))
  const { totals, groups } = await report(outsider, 'from=2025-05-01&to=2025-06-01&group_by=property')
  assert.deepEqual(totals.current, {
    ...counted(35, 0, 4, 1143),
    money: [money('EUR', 40_000, 4, 10_000, 1143)],
    ...stays(1, 4, 0),
  })
  assert.deepEqual(
    groups.map(({ name, current }: Reply['body']) => [name, current.nights_sold, current.nights_available]),
    [
      ['Beach Villa', 0, 31],
      ['Sold house', 4, 4],
    ],
  )
})

test('an agency without properties has empty figures, and no occupancy', async () => {
  must(204, await outsider.delete(`properties/${castProperties.beach.id}`))
  const empty = { ...counted(0, 0, 0, null), ...nothing }
  for (const group_by of ['month', 'property', 'city', 'source', 'country']) {
    const { totals, groups } = await report(outsider, `from=2028-02-29&to=2028-03-01&group_by=${group_by}`)
    assert.deepEqual(totals, { current: empty, previous: empty })
    const keys = groups.map(({ key }: Reply['body']) => key)
    assert.deepEqual(keys, group_by === 'month' ? ['2028-02'] : [])
  }
})

test('an owner sees own properties only, an accountant all, and staff no report', async () => {
  await book(staff, castProperties.lake.id, '2028-05-01', 2, { total_cents: 20_000 })
  await book(staff, castProperties.forest.id, '2028-05-01', 3, { total_cents: 60_000 })
  const cancelled = await book(staff, castProperties.forest.id, '2028-05-10', 3)
  must(200, await manager.patch(`bookings/${cancelled}/status`, { status: 'cancelled' }))
  must(201, await manager.post('availability/blocks', block(castProperties.forest.id, '2028-05-20', 1)))
  const may = 'from=2028-05-01&to=2028-06-01&group_by=property'
  const seenBy = async (client: Client) => {
    const { totals, groups } = await report(client, may)
    const { nights_available, nights_blocked, nights_sold, num_cancelled } = totals.current
    const names = groups.map(({ name }: Reply['body']) => name)
    return [nights_available, nights_blocked, nights_sold, num_cancelled, totals.current.money[0].revenue_cents, names]
  }
  assert.deepEqual(await seenBy(owner), [31, 0, 2, 0, 20_000, ['Lake House']])
  assert.deepEqual(await seenBy(otherOwner), [30, 1, 3, 1, 60_000, ['Forest Cabin']])
  const everything = [92, 1, 5, 1, 80_000, ['Forest Cabin', 'Lake House', 'Town Flat']]
  for (const client of [admin, manager, accountant]) assert.deepEqual(await seenBy(client), everything)
  must(403, await staff.get(`reports?${may}`))
  const { totals, groups } = await report(outsider, may)
  assert.deepEqual([totals.current.nights_sold, totals.current.num_cancelled, groups.length], [0, 0, 1])
})

test('groups end at 5,000; totals and the number of groups do not', async () => {
  await store.owner.query(
    `insert into properties (agency_id, id, name, property_type, max_guests, currency)
     select $1, gen_random_uuid(), 'House ' || n, 'house', 4, 'EUR' from generate_series(1, 5000) n`,
    [south],
  )
  const { totals, groups, num_groups } = await report(outsider, 'from=2028-05-01&to=2028-05-02&group_by=property')
  assert.deepEqual([totals.current.nights_available, groups.length, num_groups], [5001, 5000, 5001])
})

test('a range that is empty, longer than 400 days or without an end is refused', async () => {
  const refused = async (query: string) => findings(must(422, await manager.get(`reports?${query}`)))
  assert.deepEqual(await refused('from=2028-01-01&to=2028-01-01'), ['/query/to NOT_AFTER_FROM'])
  assert.deepEqual(await refused(`from=2028-01-01&to=${dayAfter('2028-01-01', 401)}`), ['/query/to TOO_LONG'])
  assert.deepEqual(await refused('from=2028-01-01'), ['/query/to REQUIRED'])
  assert.deepEqual(await refused('from=2028-01-01&to=2028-02-01&group_by=owner'), ['/query/group_by NOT_ALLOWED'])
  const { num_groups } = await report(manager, `from=2028-01-15&to=${dayAfter('2028-01-15', 400)}`)
  assert.equal(num_groups, 14)
})
