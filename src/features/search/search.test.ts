// Tests /search over HTTP: filters, fields by role, pages, other dates, isolation, hostile texts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north } from '../../../test/cast.ts'
import { type Client, castPerTest } from '../../../test/harness.ts'
import { codeOf, dayAfter, findings, localToday, must, newProperty, readAllPages, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, otherOwner, accountant, outsider, anonymous, store } = await castPerTest()
const dates = 'check_in=2031-05-10&check_out=2031-05-13'
const query = (values: Readonly<Record<string, string>>) => `search?${dates}&${new URLSearchParams(values)}`
const namesOf = async (client: Pick<Client, 'get'>, values: Readonly<Record<string, string>> = {}) =>
  (await readAllPages(client, query(values))).map(({ name }) => name)

test('free properties are listed by name, with fields as in the list of properties', async () => {
  await newProperty(manager, { name: 'Änger', max_guests: 8, city: 'Wörth', bedrooms: 3, base_price_cents: null })
  const names = ['Änger', 'Forest Cabin', 'Lake House', 'Town Flat']
  assert.deepEqual(await namesOf(staff), names)
  assert.deepEqual(await namesOf(staff, { guests: '4' }), names)
  const { items } = must(200, await staff.get(query({ guests: '5' }))).body
  const [listed] = must(200, await staff.get('properties?q=anger')).body.items
  assert.equal(items.length, 1)
  for (const [name, value] of Object.entries(items[0])) assert.deepEqual(value, listed[name], name)
  assert.deepEqual(Object.keys(items[0]).sort(), [
    'base_price_cents',
    'bathrooms',
    'bedrooms',
    'beds',
    'city',
    'cleaning_fee_cents',
    'country',
    'currency',
    'id',
    'max_guests',
    'name',
    'property_type',
    'size_sqm',
  ])
})

test('a stay, a block or a hold takes a property out, until it ends', async () => {
  const { lake, forest, town } = castProperties
  must(201, await staff.post('bookings', stay(lake.id, '2031-05-12', 3)))
  const block = { property_id: forest.id, start_date: '2031-05-09', end_date: '2031-05-11', reason: 'other' }
  must(201, await manager.post('availability/blocks', block))
  const held = must(
    201,
    await staff.post('holds', { property_id: town.id, check_in: '2031-05-10', check_out: '2031-05-11' }),
  )
  assert.deepEqual(await namesOf(staff), [])
  must(200, await staff.get(`holds/${held.body.id}`))
  await store.owner.query("update holds set expires_at = now() - interval '1 second' where id = $1", [held.body.id])
  await store.owner.query("update occupancies set expires_at = now() - interval '1 second' where hold_id = $1", [
    held.body.id,
  ])
  assert.deepEqual(await namesOf(staff), ['Town Flat'])
  const { items } = must(200, await staff.get('search?check_in=2031-05-11&check_out=2031-05-12')).body
  assert.deepEqual(
    items.map(({ name }: { name: string }) => name),
    ['Forest Cabin', 'Lake House', 'Town Flat'],
  )
})

test('filters: text, city, base price and currency', async () => {
  await newProperty(manager, { name: 'Müllerhaus', city: 'Gößl', base_price_cents: 9000 })
  await newProperty(manager, { name: 'Mühle', city: 'Gößl am See', base_price_cents: null, currency: 'CHF' })
  for (const q of ['Müller', 'muller', 'MÜLLER', 'mueller', 'goessl muller', 'gossl müllerhaus'])
    assert.deepEqual(await namesOf(staff, { q }), ['Müllerhaus'], q)
  for (const city of ['Gößl', 'gossl', 'GÖSSL']) assert.deepEqual(await namesOf(staff, { city }), ['Müllerhaus'], city)
  assert.deepEqual(await namesOf(staff, { currency: 'CHF' }), ['Mühle'])
  assert.deepEqual(await namesOf(staff, { max_base_price_cents: '9000' }), ['Müllerhaus'])
  assert.equal((await namesOf(staff, { max_base_price_cents: '10000', currency: 'EUR' })).length, 4)
})

test('a property is found by amenities when it has all of them', async () => {
  await newProperty(manager, { name: 'Alm', amenities: ['wifi', 'sauna', 'dogs_allowed'] })
  await newProperty(manager, { name: 'Hof', amenities: ['wifi'] })
  const cases: [string, string[]][] = [
    ['wifi', ['Alm', 'Hof']],
    ['sauna,wifi', ['Alm']],
    ['sauna,sauna', ['Alm']],
    ['wifi,pool', []],
  ]
  for (const [amenities, names] of cases) assert.deepEqual(await namesOf(staff, { amenities }), names, amenities)
  assert.deepEqual(findings(must(422, await staff.get(query({ amenities: 'wifi,moat' })))), [
    '/query/amenities UNKNOWN_AMENITY',
  ])
  for (const amenities of ['', 'wifi,', 'Wifi', "wifi'", Array(21).fill('wifi').join()])
    must(422, await staff.get(query({ amenities })))
})

test('a text with wildcards, quotes or marks is a text, and a long one finds nothing', async () => {
  await newProperty(manager, { name: 'Haus 100%_"O\'Neil"\\' })
  for (const q of ['%', '_', '"', "o'neil", '\\', '100%_'])
    assert.deepEqual(await namesOf(staff, { q }), ['Haus 100%_"O\'Neil"\\'], q)
  for (const q of ["'; drop table bookings; --", '{}', '\u{1f3e1}'.repeat(100), '%'.repeat(100), '$1']) {
    assert.deepEqual(await namesOf(staff, { q }), [], q)
    assert.deepEqual(await namesOf(staff, { city: q }), [], q)
  }
})

test('each role sees its own properties and fields; filters by other fields are refused', async () => {
  assert.deepEqual(await namesOf(owner), ['Lake House'])
  assert.deepEqual(await namesOf(otherOwner), ['Forest Cabin'])
  assert.deepEqual(await namesOf(outsider), ['Beach Villa'])
  const [own] = must(200, await owner.get(query({}))).body.items
  assert.deepEqual([own.base_price_cents, own.currency, own.max_guests], [10_000, 'EUR', 4])
  const seen = must(200, await accountant.get(query({ q: 'town' }))).body.items
  assert.deepEqual(seen, [{ id: castProperties.town.id, name: 'Town Flat' }])
  await newProperty(manager, { name: 'Hut', city: 'Bergen' })
  assert.deepEqual([await namesOf(accountant, { q: 'bergen' }), await namesOf(staff, { q: 'bergen' })], [[], ['Hut']])
  for (const [name, value] of Object.entries({
    city: 'Bergen',
    currency: 'EUR',
    max_base_price_cents: '1',
    amenities: 'wifi',
  })) {
    const refused = must(422, await accountant.get(query({ [name]: value })))
    assert.deepEqual(findings(refused), [`/query/${name} NOT_FOR_YOUR_ROLE`])
  }
  must(401, await anonymous.get(query({})))
})

test('pages have each free property once, and a cursor belongs to its search', async () => {
  for (let n = 0; n < 7; n += 1) {
    const property_id = await newProperty(manager, { name: 'Same name' })
    if (n % 2 === 0) must(201, await staff.post('bookings', stay(property_id, '2031-05-11')))
  }
  for (const limit of ['1', '2', '3', '100']) {
    const ids = (await readAllPages(staff, query({ limit }))).map(({ id }) => id)
    assert.deepEqual([ids.length, new Set(ids).size], [6, 6], limit)
  }
  const { items, next_cursor } = must(200, await staff.get(query({ limit: '6' }))).body
  assert.deepEqual([items.length, next_cursor], [6, null])
  const cursor = must(200, await staff.get(query({ limit: '1' }))).body.next_cursor
  assert.equal(codeOf(await staff.get(query({ limit: '1', guests: '2', cursor }))), 'CURSOR_INVALID')
  assert.equal(codeOf(await admin.get(query({ limit: '1', cursor }))), 'CURSOR_INVALID')
  must(422, await staff.get(query({ limit: '101' })))
})

test('a page looks at 500 properties, so it can be empty and continue', async () => {
  await store.owner.query(
    `insert into properties (agency_id, id, name, property_type, max_guests, currency, is_active)
     select $1, gen_random_uuid(), 'A ' || n, 'house', 4, 'EUR', false from generate_series(1, 600) n`,
    [north],
  )
  const { items, next_cursor } = must(200, await staff.get(query({}))).body
  assert.deepEqual(items, [])
  assert.notEqual(next_cursor, null)
  assert.deepEqual(await namesOf(staff), ['Forest Cabin', 'Lake House', 'Town Flat'])
})

test('with nearby, taken properties have the nearest other dates of the same length', async () => {
  const { lake, forest } = castProperties
  must(201, await staff.post('bookings', stay(lake.id, '2031-05-08', 4)))
  must(200, await manager.patch(`properties/${forest.id}`, { arrival_weekdays: ['mon'] }))
  const { items, nearby } = must(200, await staff.get(query({ nearby: 'true' }))).body
  const namesIn = (list: { name: string }[]) => list.map(({ name }) => name)
  assert.deepEqual([namesIn(items), namesIn(nearby)], [['Town Flat'], ['Forest Cabin', 'Lake House']])
  // 2031-05-10 is a Saturday.
  assert.deepEqual(nearby[0].dates, [
    { check_in: '2031-05-12', check_out: '2031-05-15' },
    { check_in: '2031-05-05', check_out: '2031-05-08' },
  ])
  assert.deepEqual(nearby[1].dates, [
    { check_in: '2031-05-12', check_out: '2031-05-15' },
    { check_in: '2031-05-05', check_out: '2031-05-08' },
  ])
  assert.equal(must(200, await staff.get(query({ nearby: 'false' }))).body.nearby, undefined)
  must(201, await staff.post('bookings', stay(lake.id, '2031-04-01', 37)))
  must(201, await staff.post('bookings', stay(lake.id, '2031-05-12', 30)))
  const full = must(200, await staff.get(query({ nearby: 'true' }))).body
  assert.deepEqual(namesIn(full.nearby), ['Forest Cabin'], 'nothing is free within 14 days')
  const first = must(200, await staff.get(query({ nearby: 'true', limit: '1' }))).body
  assert.equal(first.items.length + first.nearby.length, 1)
})

test('other dates are not in the past', async () => {
  const tomorrow = localToday(1)
  must(201, await staff.post('bookings', stay(castProperties.lake.id, tomorrow, 2)))
  const path = `search?check_in=${tomorrow}&check_out=${dayAfter(tomorrow, 3)}&nearby=true&q=lake`
  assert.deepEqual(must(200, await staff.get(path)).body.nearby[0].dates, [
    { check_in: dayAfter(tomorrow, 2), check_out: dayAfter(tomorrow, 5) },
  ])
})

test('an agency without properties gets an empty page', async () => {
  await store.owner.query('update properties set deleted_at = now() where agency_id = $1', [north])
  for (const client of [staff, owner, accountant])
    assert.deepEqual(must(200, await client.get(query({}))).body, { items: [], next_cursor: null })
  assert.deepEqual(must(200, await staff.get(query({ nearby: 'true' }))).body.nearby, [])
})

test('wrong dates and numbers of guests are refused with the field', async () => {
  const cases: [string, string[]][] = [
    ['check_in=2031-05-10&check_out=2031-05-10', ['/query/check_out NOT_AFTER_CHECK_IN']],
    ['check_in=2031-05-10&check_out=2032-05-11', ['/query/check_out TOO_LONG']],
    ['check_in=1999-12-31&check_out=2000-01-02', ['/query/check_in TOO_EARLY']],
    ['check_in=2100-12-30&check_out=2101-01-02', ['/query/check_out TOO_LATE']],
    ['check_in=2031-02-30&check_out=2031-03-02', ['/query/check_in INVALID']],
    ['check_in=2031-05-10', ['/query/check_out REQUIRED']],
    [`${dates}&guests=0`, ['/query/guests INVALID']],
    [`${dates}&guests=2.5`, ['/query/guests WRONG_TYPE']],
  ]
  for (const [values, expected] of cases)
    assert.deepEqual(findings(must(422, await staff.get(`search?${values}`))), expected, values)
  must(200, await staff.get('search?check_in=2000-01-01&check_out=2000-01-02&nearby=true'))
  must(200, await staff.get('search?check_in=2100-12-30&check_out=2100-12-31&nearby=true'))
})
