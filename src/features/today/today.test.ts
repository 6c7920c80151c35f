// Tests the day at the desk over HTTP: its lists, who sees what, the local day of each property, limits.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { castProperties, south } from '../../../test/cast.ts'
import { type Client, castPerTest, type Reply } from '../../../test/harness.ts'
import { dayAfter, findings, insertConflict, localToday, must, newProperty, stay } from '../../../test/steps.ts'
import { localDay } from '../../core/time-zones.ts'

const { admin, manager, staff, owner, otherOwner, accountant, outsider, store } = await castPerTest()

const lists = ['arrivals', 'departures', 'in_house', 'overdue', 'unconfirmed', 'unpaid'] as const
type Name = (typeof lists)[number]

const today = async (client: Client, day?: string): Promise<Reply['body']> =>
  must(200, await client.get(day === undefined ? 'today' : `today?day=${day}`)).body
const book = async (property_id: string, check_in: string, nights: number, more: object = {}): Promise<string> =>
  must(201, await manager.post('bookings', stay(property_id, check_in, nights, more))).body.id
/** The ids in each list that is not empty. */
const idsOf = (body: Reply['body']) =>
  Object.fromEntries(
    lists
      .map((name): [Name, string[]] => [name, body[name].items.map(({ id }: { id: string }) => id)])
      .filter(([, ids]) => ids.length > 0),
  )

const paid = { payment_status: 'paid' }
const guest = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com', phone: '+43 1 7654321' }
const day = '2028-02-29'
let lake = ''
let forest = ''
let town = ''
beforeEach(() => {
  lake = castProperties.lake.id
  forest = castProperties.forest.id
  town = castProperties.town.id
})

test('a day has its arrivals, departures, stays in house, and what is not confirmed or paid', async () => {
  const left = await book(lake, dayAfter(day, -3), 3, paid)
  const arrives = await book(lake, day, 2, { paid_cents: 100 })
  const stays = await book(forest, dayAfter(day, -1), 9, paid)
  const soon = await book(lake, dayAfter(day, 14), 2, { status: 'pending' })
  const sooner = await book(town, dayAfter(day, 2), 2, { status: 'pending' })
  await book(lake, dayAfter(day, 17), 2, { status: 'pending' })
  const cancelled = await book(town, day, 1)
  must(200, await manager.patch(`bookings/${cancelled}/status`, { status: 'cancelled' }))
  must(204, await manager.delete(`bookings/${await book(town, day, 1)}`))
  await book(town, day, 1, { status: 'inquiry' })
  const body = await today(staff, day)
  assert.equal(body.day, day)
  assert.deepEqual(idsOf(body), {
    arrivals: [arrives],
    departures: [left],
    in_house: [stays],
    unconfirmed: [sooner, soon],
    unpaid: [arrives],
  })
  assert.deepEqual([body.unconfirmed.total, body.in_house.total], [2, 1])
  assert.deepEqual(
    [body.conflicts, body.holds],
    [
      { total: 0, items: [] },
      { total: 0, items: [] },
    ],
  )
})

test('guests who are still checked in for two weeks after their departure are overdue', async () => {
  const checkedIn = async (property_id: string, check_in: string) => {
    const id = await book(property_id, check_in, 2, paid)
    await store.owner.query("update bookings set status = 'checked_in', checked_in_at = now() where id = $1", [id])
    return id
  }
  const yesterday = await checkedIn(lake, dayAfter(day, -3))
  const twoWeeks = await checkedIn(lake, dayAfter(day, -16))
  await checkedIn(lake, dayAfter(day, -19))
  await book(forest, dayAfter(day, -3), 2, paid)
  const leaves = await checkedIn(town, dayAfter(day, -2))
  assert.deepEqual(idsOf(await today(staff, day)), { departures: [leaves], overdue: [twoWeeks, yesterday] })
})

test('a line has what its role sees of a booking, and nothing else', async () => {
  const id = await book(lake, day, 2, { guest, paid_cents: 100, internal_notes: 'hidden note' })
  await book(forest, day, 2, paid)
  const lineFor = async (client: Client) => {
    const { arrivals, unpaid } = await today(client, day)
    assert.deepEqual(
      arrivals.items.find((item: { id: string }) => item.id === id),
      unpaid.items[0],
    )
    return unpaid.items[0]
  }
  const { version, reference, ...line } = await lineFor(staff)
  const shared = {
    id,
    property_id: lake,
    property_name: 'Lake House',
    status: 'confirmed',
    check_in: day,
    check_out: dayAfter(day, 2),
    total_cents: 25_000,
    currency: 'EUR',
    payment_status: 'partial',
    source: 'direct',
  }
  const people = { num_guests: 2, num_adults: 2, num_children: 0, num_infants: 0, num_pets: 0 }
  const { first_name, last_name, phone } = guest
  const { guest: seen, ...rest } = line
  assert.deepEqual([version, typeof reference], [1, 'string'])
  assert.deepEqual(rest, { ...shared, ...people, balance_cents: 24_900, next_statuses: [] })
  assert.deepEqual({ ...seen, id: '' }, { id: '', first_name, last_name, phone: seen.phone })
  assert.equal(seen.phone.replaceAll(' ', ''), phone.replaceAll(' ', ''))
  const forOwner = { ...shared, ...people, version, reference, guest: { last_name }, next_statuses: [] }
  assert.deepEqual(await lineFor(owner), forOwner)
  const forAccountant = { ...shared, version, reference, balance_cents: 24_900, next_statuses: [] }
  assert.deepEqual(await lineFor(accountant), forAccountant)
})

test('owners see own properties, accountants neither conflicts nor holds, others nothing at all', async () => {
  const own = await book(lake, day, 2, paid)
  const other = await book(forest, day, 2, paid)
  await insertConflict(store, castProperties.lake)
  must(201, await staff.post('holds', { property_id: town, check_in: day, check_out: dayAfter(day, 1) }))
  const seen = async (client: Client) => {
    const { arrivals, conflicts, holds } = await today(client, day)
    return [arrivals.items.map((item: { id: string }) => item.id).sort(), conflicts?.total, holds?.total]
  }
  for (const client of [admin, manager, staff]) assert.deepEqual(await seen(client), [[own, other].sort(), 1, 1])
  assert.deepEqual(await seen(owner), [[own], 1, undefined])
  assert.deepEqual(await seen(otherOwner), [[other], 0, undefined])
  assert.deepEqual(await seen(accountant), [[own, other].sort(), undefined, undefined])
  assert.deepEqual(await seen(outsider), [[], 0, 0])
})

test('without a day each property has its own local day, also at midnight', async () => {
  // 25 hours apart: it is never the same day in both.
  const zones = ['Pacific/Kiritimati', 'Pacific/Pago_Pago']
  const expected: Record<string, string[]> = { arrivals: [], departures: [], in_house: [] }
  for (const time_zone of zones) {
    const property_id = await newProperty(manager, { name: time_zone, time_zone })
    const local = localDay(new Date().toISOString(), time_zone)
    expected.departures?.push(await book(property_id, dayAfter(local, -1), 1, paid))
    expected.arrivals?.push(await book(property_id, local, 1, paid))
    await book(property_id, dayAfter(local, 1), 1, paid)
    const second = await newProperty(manager, { name: `${time_zone} 2`, time_zone })
    expected.in_house?.push(await book(second, dayAfter(local, -1), 3, paid))
  }
  const body = await today(staff)
  assert.deepEqual(idsOf(body), expected)
  assert.equal(body.day, localToday())
  // A given day is the same for all properties.
  const [east] = zones.map((zone) => localDay(new Date().toISOString(), zone))
  const { arrivals } = await today(staff, east)
  assert.deepEqual(
    arrivals.items.map((item: Reply['body']) => item.check_in),
    arrivals.items.map(() => east),
  )
})

test('what a booking can become depends on the role, the local day and the time of the change', async () => {
  const arrives = await book(lake, localToday(), 2, paid)
  const later = await book(forest, localToday(3), 2, { ...paid, status: 'pending' })
  const leaves = await book(town, localToday(-2), 2, paid)
  must(200, await staff.patch(`bookings/${leaves}/status`, { status: 'checked_in' }))
  const nextFor = async (client: Client) => {
    const { arrivals, departures, unconfirmed } = await today(client)
    const lines = [...arrivals.items, ...departures.items, ...unconfirmed.items]
    return Object.fromEntries(lines.map(({ id, next_statuses }) => [id, next_statuses]))
  }
  assert.deepEqual(await nextFor(staff), {
    [arrives]: ['checked_in'],
    [leaves]: ['checked_out'],
    [later]: ['confirmed'],
  })
  assert.deepEqual(await nextFor(manager), {
    [arrives]: ['checked_in', 'cancelled', 'no_show'],
    [leaves]: ['checked_out', 'confirmed'],
    [later]: ['confirmed', 'declined', 'cancelled'],
  })
  assert.deepEqual(Object.values(await nextFor(accountant)), [[], [], []])
  await store.owner.query("update bookings set checked_in_at = now() - interval '49 hours' where id = $1", [leaves])
  assert.deepEqual((await nextFor(manager))[leaves], ['checked_out'])
  for (const [id, statuses] of Object.entries(await nextFor(staff))) {
    for (const status of statuses as string[]) must(200, await staff.patch(`bookings/${id}/status`, { status }), status)
  }
})

const balances: [given: object, changed: object, balance_cents: number | null | undefined][] = [
  [{}, {}, 35_000],
  [{ paid_cents: 34_999 }, {}, 1],
  [{ paid_cents: 35_000 }, {}, undefined],
  [{ paid_cents: 40_000 }, {}, undefined],
  [{ payment_status: 'paid' }, {}, undefined],
  [{ payment_status: 'partial' }, {}, null],
  [{ payment_status: 'failed' }, {}, 35_000],
  [{ payment_status: 'external' }, {}, undefined],
  [{ paid_cents: 10_000, payment_status: 'external' }, {}, undefined],
  [{ payment_status: 'paid' }, { total_cents: 40_000 }, 5000],
]

test('the balance follows from total, payments and refunds; without one a booking is not unpaid', async () => {
  for (const [given, changed, balance_cents] of balances) {
    const id = await book(await newProperty(manager), day, 3, given)
    if (Object.keys(changed).length > 0) must(200, await manager.patch(`bookings/${id}`, changed))
    const { unpaid } = await today(accountant, day)
    const line = unpaid.items.find((item: { id: string }) => item.id === id)
    assert.equal(line?.balance_cents, balance_cents, JSON.stringify([given, changed]))
  }
  const id = await book(lake, day, 3, paid)
  must(200, await manager.patch(`bookings/${id}/refund`, { refund_cents: 2000, refund_reason: 'reinstated' }))
  const { unpaid } = await today(accountant, day)
  assert.equal(unpaid.items.find((item: { id: string }) => item.id === id).balance_cents, 2000)
})

test('holds that expire within an hour are listed, the first one first', async () => {
  const hold = async (property_id: string, hold_minutes: number) => {
    must(200, await admin.patch('agency', { hold_minutes }))
    return must(201, await staff.post('holds', { property_id, check_in: day, check_out: dayAfter(day, 1) })).body.id
  }
  const [second, first] = [await hold(lake, 50), await hold(forest, 5)]
  await hold(town, 1440)
  const released = await hold(await newProperty(manager), 5)
  must(204, await staff.delete(`holds/${released}`))
  const { holds } = await today(manager)
  assert.deepEqual([holds.total, holds.items.map((item: { id: string }) => item.id)], [2, [first, second]])
})

test('a list ends at 200 rows and has the number of all', async () => {
  await store.owner.query(
    `with house as (insert into properties (agency_id, id, name, property_type, max_guests, currency)
       select $1, gen_random_uuid(), 'House ' || n, 'house', 4, 'EUR' from generate_series(1, 205) n returning id),
     booked as (insert into bookings (agency_id, id, reference, property_id, check_in, check_out, num_adults, subtotal_cents,
         total_cents, currency)
       select $1, gen_random_uuid(), 'H' || row_number() over (), id, $2::date, $2::date + 2, 1, 0, 0, 'EUR' from house
       returning id, property_id)
     insert into occupancies (agency_id, id, property_id, kind, booking_id, during)
       select $1, gen_random_uuid(), property_id, 'booking', id, daterange($2::date, $2::date + 2) from booked`,
    [south, day],
  )
  const { arrivals, unpaid } = await today(outsider, day)
  assert.deepEqual([arrivals.total, arrivals.items.length, unpaid.total], [205, 200, 0])
})

test('an agency without properties has empty lists, and a day that does not exist is refused', async () => {
  must(204, await outsider.delete(`properties/${castProperties.beach.id}`))
  const { day: local, ...rest } = await today(outsider)
  assert.equal(local, localToday())
  assert.equal(Object.keys(rest).length, 8)
  for (const list of Object.values(rest)) assert.deepEqual(list, { total: 0, items: [] })
  assert.equal(findings(must(422, await manager.get('today?day=2027-02-29')))[0]?.split(' ')[0], '/query/day')
  assert.equal((await today(manager, '2999-12-31')).day, '2999-12-31')
})
