// Tests filters, sort orders and pages of the list of bookings, and synchronisation with it.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { castProperties } from '../../../test/cast.ts'
import { type Client, castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, dayAfter, findings, must, newProperty, readAllPages, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, accountant, outsider, store } = await castPerTest()
let property_id = ''

type Item = Reply['body']

async function book(client: Client, property_id: string, check_in: string, nights: number, more: object = {}) {
  return must(201, await client.post('bookings', stay(property_id, check_in, nights, more))).body
}

async function daysOf(query: string, client: Client = staff): Promise<string[]> {
  const { body } = must(200, await client.get(`bookings?property_id=${property_id}&${query}`))
  return body.items.map(({ check_in }: Item) => check_in.slice(5))
}

beforeEach(async () => {
  property_id = await newProperty(manager)
  const ada = { first_name: 'Ada', last_name: 'Love_lace', email: 'ada.l@example.com' }
  const grace = { first_name: 'Grace', last_name: 'Hopper', email: 'grace@example.com' }
  await book(staff, property_id, '2035-01-01', 2, { guest: ada, source: 'airbnb', external_code: 'HM50%' })
  await book(staff, property_id, '2035-01-05', 2, { guest: grace, status: 'pending', payment_status: 'paid' })
  await book(staff, property_id, '2035-01-09', 30, { guest: ada, source: 'expedia' })
  await book(staff, property_id, '2035-01-05', 2, { status: 'inquiry' })
  const { id } = await book(staff, property_id, '2035-03-01', 1)
  must(200, await manager.post(`bookings/${id}/cancellation`, { cancelled_by: 'guest' }))
})

test('filters by status, source and payment status', async () => {
  assert.deepEqual(await daysOf('status=pending'), ['01-05'])
  assert.deepEqual(await daysOf('status=cancelled,pending'), ['03-01', '01-05'])
  assert.deepEqual(await daysOf('status=checked_in,no_show'), [])
  assert.deepEqual(await daysOf('source=airbnb'), ['01-01'])
  assert.deepEqual(await daysOf('payment_status=paid'), ['01-05'])
  assert.deepEqual(await daysOf('source=airbnb&status=pending'), [])
})

test('filters by departure, both dates included', async () => {
  assert.deepEqual(await daysOf('check_out_from=2035-02-08&check_out_to=2035-03-01'), ['01-09'])
  assert.deepEqual(await daysOf('check_out_from=2035-01-07&check_out_to=2035-01-07&status=pending'), ['01-05'])
  assert.deepEqual(await daysOf('check_out_to=2035-01-02'), [])
  assert.deepEqual(await daysOf('check_out_to=2035-01-03'), ['01-01'])
  assert.deepEqual(await daysOf('check_out_from=2035-03-02'), ['03-01'])
  assert.deepEqual(await daysOf('check_out_from=2035-03-03'), [])
})

test('overlaps finds stays with a night in the half-open range', async () => {
  const takingNights = (interval: string) => daysOf(`status=pending,confirmed&overlaps=${interval}`)
  assert.deepEqual(await takingNights('2035-01-01/2035-01-02'), ['01-01'])
  assert.deepEqual(await takingNights('2035-01-03/2035-01-05'), [], 'between a departure and the next arrival')
  assert.deepEqual(await takingNights('2035-01-02/2035-01-06'), ['01-05', '01-01'])
  assert.deepEqual(await takingNights('2035-01-20/2035-01-21'), ['01-09'])
  assert.deepEqual(await takingNights('2034-01-01/2036-01-01'), ['01-09', '01-05', '01-01'])
})

test('a stay of 366 nights is found by its first and by its last night', async () => {
  const new_property_id = await newProperty(manager)
  const { id } = await book(staff, new_property_id, '2032-01-01', 366)
  for (const query of [
    'overlaps=2032-12-31/2033-01-01',
    'check_out_from=2033-01-01',
    'overlaps=2032-01-01/2032-01-02',
  ]) {
    const { items } = must(200, await staff.get(`bookings?property_id=${new_property_id}&${query}`)).body
    assert.deepEqual(
      items.map((item: Item) => item.id),
      [id],
      query,
    )
  }
})

test('q searches reference, guest and external_code, case-insensitive, without wildcards', async () => {
  const search = (q: string) => daysOf(`q=${encodeURIComponent(q)}`)
  const [first] = must(200, await staff.get(`bookings?property_id=${property_id}&source=airbnb`)).body.items
  assert.deepEqual(await search(first.reference.toLowerCase()), ['01-01'])
  assert.deepEqual(await search('ada love_l'), ['01-09', '01-01'])
  assert.deepEqual(await search('GRACE@EXAMPLE'), ['01-05'])
  assert.deepEqual(await search('hm50%'), ['01-01'])
  assert.deepEqual(await search('%'), ['01-01'])
  assert.deepEqual(await search('_'), ['01-09', '01-01'])
  assert.deepEqual(await search("' or 1=1 --"), [])
  assert.deepEqual(await search('\\'), [])
})

test('owners and accountants can search by reference only', async () => {
  const guest = { first_name: 'Secretly', last_name: 'Hidden', email: 'hidden@example.com' }
  const booking = await book(staff, castProperties.lake.id, '2035-06-01', 2, {
    guest,
    source: 'airbnb',
    external_code: 'HMHIDDEN',
  })
  for (const client of [owner, accountant]) {
    const countOf = async (q: string) => must(200, await client.get(`bookings?q=${q}`)).body.items.length
    assert.equal(await countOf(booking.reference), 1)
    for (const q of ['Secretly', 'Hidden', 'hidden@', 'HMHIDDEN']) assert.equal(await countOf(q), 0, q)
    const reply = must(422, await client.get(`bookings?guest_id=${booking.guest.id}`))
    assert.deepEqual(findings(reply), ['/query/guest_id NOT_FOR_YOUR_ROLE'])
  }
  assert.equal(must(200, await staff.get('bookings?q=HMHIDDEN')).body.items.length, 1)
  const { items } = must(200, await staff.get(`bookings?guest_id=${booking.guest.id}`)).body
  assert.deepEqual(
    items.map(({ id }: Item) => id),
    [booking.id],
  )
  assert.deepEqual(must(200, await outsider.get(`bookings?guest_id=${booking.guest.id}`)).body.items, [])
})

test('invalid filters and combinations are refused with a JSON pointer', async () => {
  const cases: [query: string, expected: string][] = [
    ['status=open', '/query/status'],
    ['status=pending,', '/query/status'],
    ['status=', '/query/status'],
    ['guest_id=1', '/query/guest_id'],
    ['source=craigslist', '/query/source'],
    ['payment_status=soon', '/query/payment_status'],
    ['check_out_from=2035-02-30', '/query/check_out_from'],
    ['overlaps=2035-02-30/2035-03-01', '/query/overlaps'],
    ['overlaps=2035-03-01/2035-03-01', '/query/overlaps'],
    ['overlaps=2035-03-02/2035-03-01', '/query/overlaps'],
    ['overlaps=2035-03-01', '/query/overlaps'],
    ['overlaps=2035-03-01/..', '/query/overlaps'],
    ['q=', '/query/q'],
    [`q=${'x'.repeat(101)}`, '/query/q'],
    ['updated_since=yesterday', '/query/updated_since'],
    ['updated_since=2035-01-01', '/query/updated_since'],
    ['updated_since=0000-01-01T00:00:00Z', '/query/updated_since'],
    ['updated_since=2035-06-30T23:59:60Z', '/query/updated_since'],
    ['sort=total_cents', '/query/sort'],
    ['sort=-check_in&updated_since=2035-01-01T00:00:00Z', '/query/sort'],
    ['include_deleted=yes', '/query/include_deleted'],
    ['include_deleted=true', '/query/include_deleted'],
  ]
  for (const [query, expected] of cases) {
    const reply = must(422, await manager.get(`bookings?${query}`), query)
    assert.deepEqual(
      reply.body.error.details.map(({ pointer }: { pointer: string }) => pointer),
      [expected],
      query,
    )
  }
})

test('every order returns each row once over all pages, while others create bookings', async () => {
  const property_ids = [await newProperty(manager), await newProperty(manager), await newProperty(manager)]
  const earlier: Item[] = []
  for (let i = 0; i < 24; i++) {
    earlier.push(await book(staff, property_ids[i % 3] ?? '', dayAfter('2040-01-01', Math.floor(i / 3)), 1))
  }
  let day = 0
  const bookMore = async () => {
    day += 1
    await book(staff, property_ids[0] ?? '', dayAfter('2041-01-01', day), 1)
    await book(staff, property_ids[1] ?? '', dayAfter('2039-01-01', day), 1)
  }
  for (const query of [
    'sort=check_in',
    'sort=-check_in',
    'sort=updated_at',
    'status=confirmed&q=-',
    'updated_since=2000-01-01T00:00:00Z',
  ]) {
    const ids = (await readAllPages(staff, `bookings?limit=5&check_in_from=2039-01-01&${query}`, bookMore)).map(
      ({ id }) => id,
    )
    assert.equal(new Set(ids).size, ids.length, `${query}: no row twice`)
    assert.deepEqual(
      earlier.filter(({ id }) => !ids.includes(id)),
      [],
      `${query}: no row is missing`,
    )
  }
  const cursor = must(200, await staff.get('bookings?limit=1&sort=check_in')).body.next_cursor
  assert.equal(codeOf(must(400, await staff.get(`bookings?limit=1&cursor=${cursor}`))), 'CURSOR_INVALID')
  const arrivals = (await readAllPages(staff, 'bookings?limit=100&sort=check_in')).map(({ check_in }) => check_in)
  assert.deepEqual(arrivals, arrivals.toSorted())
})

test('a cursor distinguishes rows that were updated in the same millisecond', async () => {
  const new_property_id = await newProperty(manager)
  for (let i = 0; i < 6; i++) await book(staff, new_property_id, dayAfter('2042-01-01', i), 1)
  await store.owner.query(
    `with numbered as (select id, row_number() over (order by id desc) as n from bookings where property_id = $1)
     update bookings b set version = b.version + 1 from numbered where b.id = numbered.id`,
    [new_property_id],
  )
  await store.owner.query('alter table bookings disable trigger touch')
  await store.owner.query(
    `with numbered as (select id, row_number() over (order by id desc) as n from bookings where property_id = $1)
     update bookings b set updated_at = '2042-01-01T00:00:00Z'::timestamptz + n * interval '1 microsecond'
     from numbered where b.id = numbered.id`,
    [new_property_id],
  )
  await store.owner.query('alter table bookings enable trigger touch')
  const days = (await readAllPages(staff, `bookings?property_id=${new_property_id}&sort=updated_at&limit=1`)).map(
    ({ check_in }) => check_in,
  )
  assert.deepEqual(
    days,
    [5, 4, 3, 2, 1, 0].map((i) => dayAfter('2042-01-01', i)),
  )
})

test('synchronising from the newest updated_at converges, deletions included', async () => {
  const new_property_id = await newProperty(manager)
  const bookings: Item[] = []
  for (let i = 0; i < 9; i++) bookings.push(await book(staff, new_property_id, dayAfter('2043-01-01', i * 3), 2))
  const copy = new Map<string, Item>()
  let since = '2000-01-01T00:00:00Z'
  const sync = async (between?: () => Promise<unknown>) => {
    const path = `bookings?property_id=${new_property_id}&include_deleted=true&limit=2&updated_since=${since}`
    const items = await readAllPages(manager, path, between)
    for (const item of items) copy.set(item.id, item)
    since = items.at(-1)?.updated_at ?? since
    return items
  }
  let changed = 0
  await sync(async () => {
    const { id } = bookings[changed++] ?? {}
    must(200, await manager.patch(`bookings/${id}`, { internal_notes: `changed ${changed}` }))
  })
  must(204, await manager.delete(`bookings/${bookings[8]?.id}`))
  must(200, await manager.post(`bookings/${bookings[7]?.id}/cancellation`, { cancelled_by: 'guest' }))
  const changes = await sync()
  assert.ok(changes.length >= 2 && changes.length < 9, `${changes.length} rows the second time`)
  const deleted = copy.get(bookings[8]?.id as string)
  assert.match(deleted?.deleted_at, /Z$/)
  copy.delete(bookings[8]?.id as string)
  const current = must(200, await manager.get(`bookings?property_id=${new_property_id}`)).body.items
  assert.deepEqual(
    [...copy.values()].map(({ deleted_at: _, ...item }) => item).sort((a, b) => (a.id < b.id ? -1 : 1)),
    current.toSorted((a: Item, b: Item) => (a.id < b.id ? -1 : 1)),
  )
  assert.ok([...copy.values()].every(({ deleted_at }) => deleted_at === null))
})

test('only admins and managers may include deleted bookings; the default excludes them', async () => {
  const query = 'bookings?updated_since=2000-01-01T00:00:00%2B02:00'
  for (const client of [staff, owner, accountant]) {
    must(200, await client.get(query))
    const reply = must(422, await client.get(`${query}&include_deleted=true`))
    assert.deepEqual(findings(reply), ['/query/include_deleted NOT_FOR_YOUR_ROLE'])
    must(200, await client.get(`${query}&include_deleted=false`))
  }
  for (const client of [admin, manager]) must(200, await client.get(`${query}&include_deleted=true`))
  const [item] = must(200, await admin.get(query)).body.items
  assert.ok(!('deleted_at' in item) && !('changed_key' in item))
  assert.deepEqual(must(200, await admin.get('bookings?updated_since=2999-01-01T00:00:00Z')).body.items, [])
})
