// Proves what each filter and each order of the list of bookings finds, for whom, and that a copy kept elsewhere converges.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { castProperties } from '../../../test/cast.ts'
import { type Client, castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, dayAfter, findings, must, newHome, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, accountant, outsider, store } = await castPerTest()
let home = ''

type Item = Reply['body']

async function book(client: Client, property_id: string, check_in: string, nights: number, more: object = {}) {
  return must(201, await client.post('bookings', stay(property_id, check_in, nights, more))).body
}

async function daysOf(query: string, client: Client = staff): Promise<string[]> {
  const { body } = must(200, await client.get(`bookings?property_id=${home}&${query}`))
  return body.items.map(({ check_in }: Item) => check_in.slice(5))
}

beforeEach(async () => {
  home = await newHome(manager)
  const ada = { first_name: 'Ada', last_name: 'Love_lace', email: 'ada.l@example.com' }
  const grace = { first_name: 'Grace', last_name: 'Hopper', email: 'grace@example.com' }
  await book(staff, home, '2035-01-01', 2, { guest: ada, source: 'airbnb', external_code: 'HM50%' })
  await book(staff, home, '2035-01-05', 2, { guest: grace, status: 'pending', payment_status: 'paid' })
  await book(staff, home, '2035-01-09', 30, { guest: ada, source: 'expedia' })
  await book(staff, home, '2035-01-05', 2, { status: 'inquiry' })
  const { id } = await book(staff, home, '2035-03-01', 1)
  must(200, await manager.post(`bookings/${id}/cancellation`, { cancelled_by: 'guest' }))
})

test('several statuses, the source and the state of payment are found', async () => {
  assert.deepEqual(await daysOf('status=pending'), ['01-05'])
  assert.deepEqual(await daysOf('status=cancelled,pending'), ['03-01', '01-05'])
  assert.deepEqual(await daysOf('status=checked_in,no_show'), [])
  assert.deepEqual(await daysOf('source=airbnb'), ['01-01'])
  assert.deepEqual(await daysOf('payment_status=paid'), ['01-05'])
  assert.deepEqual(await daysOf('source=airbnb&status=pending'), [])
})

test('departures are found by day, both ends included', async () => {
  assert.deepEqual(await daysOf('check_out_from=2035-02-08&check_out_to=2035-03-01'), ['01-09'])
  assert.deepEqual(await daysOf('check_out_from=2035-01-07&check_out_to=2035-01-07&status=pending'), ['01-05'])
  assert.deepEqual(await daysOf('check_out_to=2035-01-02'), [])
  assert.deepEqual(await daysOf('check_out_to=2035-01-03'), ['01-01'])
  assert.deepEqual(await daysOf('check_out_from=2035-03-02'), ['03-01'])
  assert.deepEqual(await daysOf('check_out_from=2035-03-03'), [])
})

test('stays that have a night in an interval are found, whose end is not in it', async () => {
  const live = (interval: string) => daysOf(`status=pending,confirmed&overlaps=${interval}`)
  assert.deepEqual(await live('2035-01-01/2035-01-02'), ['01-01'])
  assert.deepEqual(await live('2035-01-03/2035-01-05'), [], 'from a departure to an arrival')
  assert.deepEqual(await live('2035-01-02/2035-01-06'), ['01-05', '01-01'])
  assert.deepEqual(await live('2035-01-20/2035-01-21'), ['01-09'])
  assert.deepEqual(await live('2034-01-01/2036-01-01'), ['01-09', '01-05', '01-01'])
})

test('the longest stay is found by its last night', async () => {
  const house = await newHome(manager)
  const { id } = await book(staff, house, '2030-01-01', 365)
  for (const query of [
    'overlaps=2030-12-31/2031-01-01',
    'check_out_from=2031-01-01',
    'overlaps=2030-01-01/2030-01-02',
  ]) {
    const { items } = must(200, await staff.get(`bookings?property_id=${house}&${query}`)).body
    assert.deepEqual(
      items.map((item: Item) => item.id),
      [id],
      query,
    )
  }
})

test('a search finds reference, guest and code, takes wildcards literally and ignores case', async () => {
  const search = (q: string) => daysOf(`q=${encodeURIComponent(q)}`)
  const [first] = must(200, await staff.get(`bookings?property_id=${home}&source=airbnb`)).body.items
  assert.deepEqual(await search(first.reference.toLowerCase()), ['01-01'])
  assert.deepEqual(await search('ada love_l'), ['01-09', '01-01'])
  assert.deepEqual(await search('GRACE@EXAMPLE'), ['01-05'])
  assert.deepEqual(await search('hm50%'), ['01-01'])
  assert.deepEqual(await search('%'), ['01-01'])
  assert.deepEqual(await search('_'), ['01-09', '01-01'])
  assert.deepEqual(await search("' or 1=1 --"), [])
  assert.deepEqual(await search('\\'), [])
})

test('owners and accountants find a booking by its reference, and never by what they may not see', async () => {
  const guest = { first_name: 'Secretly', last_name: 'Hidden', email: 'hidden@example.com' }
  const made = await book(staff, castProperties.lake.id, '2035-06-01', 2, {
    guest,
    source: 'airbnb',
    external_code: 'HMHIDDEN',
  })
  for (const client of [owner, accountant]) {
    const found = async (q: string) => must(200, await client.get(`bookings?q=${q}`)).body.items.length
    assert.equal(await found(made.reference), 1)
    for (const q of ['Secretly', 'Hidden', 'hidden@', 'HMHIDDEN']) assert.equal(await found(q), 0, q)
    const reply = must(422, await client.get(`bookings?guest_id=${made.guest.id}`))
    assert.deepEqual(findings(reply), ['/query/guest_id NOT_FOR_YOUR_ROLE'])
  }
  assert.equal(must(200, await staff.get('bookings?q=HMHIDDEN')).body.items.length, 1)
  const { items } = must(200, await staff.get(`bookings?guest_id=${made.guest.id}`)).body
  assert.deepEqual(
    items.map(({ id }: Item) => id),
    [made.id],
  )
  assert.deepEqual(must(200, await outsider.get(`bookings?guest_id=${made.guest.id}`)).body.items, [])
})

test('a filter that is no value, or does not go with another, is refused by name', async () => {
  const wrong: [query: string, expected: string][] = [
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
  for (const [query, expected] of wrong) {
    const reply = must(422, await manager.get(`bookings?${query}`), query)
    assert.deepEqual(
      reply.body.error.details.map(({ pointer }: { pointer: string }) => pointer),
      [expected],
      query,
    )
  }
})

/** All items of a list, page by page; `between` runs after each page. */
async function walk(client: Client, path: string, between: () => Promise<unknown> = async () => {}): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const reply: Reply = must(200, await client.get(cursor === '' ? path : `${path}&cursor=${cursor}`))
    items.push(...reply.body.items)
    cursor = reply.body.next_cursor
    if (cursor !== null) await between()
  }
  return items
}

test('in every order and under every filter a page follows the other: each row once, none left out, while others book', async () => {
  const homes = [await newHome(manager), await newHome(manager), await newHome(manager)]
  const old: Item[] = []
  for (let i = 0; i < 24; i++) {
    old.push(await book(staff, homes[i % 3] ?? '', dayAfter('2040-01-01', Math.floor(i / 3)), 1))
  }
  let day = 0
  const others = async () => {
    day += 1
    await book(staff, homes[0] ?? '', dayAfter('2041-01-01', day), 1)
    await book(staff, homes[1] ?? '', dayAfter('2039-01-01', day), 1)
  }
  for (const query of [
    'sort=check_in',
    'sort=-check_in',
    'sort=updated_at',
    'status=confirmed&q=-',
    'updated_since=2000-01-01T00:00:00Z',
  ]) {
    const ids = (await walk(staff, `bookings?limit=5&check_in_from=2039-01-01&${query}`, others)).map(({ id }) => id)
    assert.equal(new Set(ids).size, ids.length, `${query}: no row twice`)
    assert.deepEqual(
      old.filter(({ id }) => !ids.includes(id)),
      [],
      `${query}: none is left out`,
    )
  }
  const cursor = must(200, await staff.get('bookings?limit=1&sort=check_in')).body.next_cursor
  assert.equal(codeOf(must(400, await staff.get(`bookings?limit=1&cursor=${cursor}`))), 'CURSOR_INVALID')
  const arrivals = (await walk(staff, 'bookings?limit=100&sort=check_in')).map(({ check_in }) => check_in)
  assert.deepEqual(arrivals, arrivals.toSorted())
})

test('rows that changed in the same millisecond are told apart by a cursor', async () => {
  const house = await newHome(manager)
  for (let i = 0; i < 6; i++) await book(staff, house, dayAfter('2042-01-01', i), 1)
  await store.owner.query(
    `with numbered as (select id, row_number() over (order by id desc) as n from bookings where property_id = $1)
     update bookings b set version = b.version + 1 from numbered where b.id = numbered.id`,
    [house],
  )
  await store.owner.query('alter table bookings disable trigger touch')
  await store.owner.query(
    `with numbered as (select id, row_number() over (order by id desc) as n from bookings where property_id = $1)
     update bookings b set updated_at = '2042-01-01T00:00:00Z'::timestamptz + n * interval '1 microsecond'
     from numbered where b.id = numbered.id`,
    [house],
  )
  await store.owner.query('alter table bookings enable trigger touch')
  const days = (await walk(staff, `bookings?property_id=${house}&sort=updated_at&limit=1`)).map(
    ({ check_in }) => check_in,
  )
  assert.deepEqual(
    days,
    [5, 4, 3, 2, 1, 0].map((i) => dayAfter('2042-01-01', i)),
  )
})

test('a copy that asks again from its newest change ends up the same, deletions included', async () => {
  const house = await newHome(manager)
  const made: Item[] = []
  for (let i = 0; i < 9; i++) made.push(await book(staff, house, dayAfter('2043-01-01', i * 3), 2))
  const copy = new Map<string, Item>()
  let since = '2000-01-01T00:00:00Z'
  const sync = async (between?: () => Promise<unknown>) => {
    const path = `bookings?property_id=${house}&include_deleted=true&limit=2&updated_since=${since}`
    const items = await walk(manager, path, between)
    for (const item of items) copy.set(item.id, item)
    since = items.at(-1)?.updated_at ?? since
    return items
  }
  let at = 0
  await sync(async () => {
    const { id } = made[at++] ?? {}
    must(200, await manager.patch(`bookings/${id}`, { internal_notes: `changed ${at}` }))
  })
  must(204, await manager.delete(`bookings/${made[8]?.id}`))
  must(200, await manager.post(`bookings/${made[7]?.id}/cancellation`, { cancelled_by: 'guest' }))
  const news = await sync()
  assert.ok(news.length >= 2 && news.length < 9, `${news.length} rows the second time`)
  const tombstone = copy.get(made[8]?.id as string)
  assert.match(tombstone?.deleted_at, /Z$/)
  copy.delete(made[8]?.id as string)
  const live = must(200, await manager.get(`bookings?property_id=${house}`)).body.items
  assert.deepEqual(
    [...copy.values()].map(({ deleted_at: _, ...item }) => item).sort((a, b) => (a.id < b.id ? -1 : 1)),
    live.toSorted((a: Item, b: Item) => (a.id < b.id ? -1 : 1)),
  )
  assert.ok([...copy.values()].every(({ deleted_at }) => deleted_at === null))
})

test('only admins and managers are shown what was deleted; without asking nobody is', async () => {
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
