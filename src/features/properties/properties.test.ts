// Properties over HTTP: round trip of every field, invalid input, versions, soft delete, audit.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { castProperties, north, players, south } from '../../../test/cast.ts'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, findings, must } from '../../../test/steps.ts'
import { type NewProperty, NewProperty as NewPropertySchema } from './schema.ts'

const { admin, manager, staff, owner, otherOwner, outsider, store } = await castPerTest()
/** After each test the rows of the other agency are unchanged. */
afterEach(async () => {
  const { rows } = await store.owner.query('select count(*)::int as n from properties where agency_id = $1', [south])
  assert.deepEqual(rows, [{ n: 1 }])
})
const missing = '00000000-0000-7000-8000-00000000dead'
const smallest = { name: 'Smallest', property_type: 'room', max_guests: 1 }
type Field = keyof NewProperty
const fields = Object.keys(NewPropertySchema.properties) as Field[]

/** For every writable field a value that differs from its default, and another one to change it to. */
const values: Readonly<Record<Field, readonly [first: unknown, second: unknown]>> = {
  name: [`L'Étoile "du" Nord 🏔️ \\ 100% <b>`, '„Zum Löwen“ 🦁'],
  property_type: ['villa', 'studio'],
  max_guests: [7, 500],
  get owner_id() {
    return [players.owner.user_id, players.otherOwner.user_id] as const
  },
  description: [`Zeile 1\nZeile 2 👩‍👩‍👧 '; drop table properties; --`, ''],
  bedrooms: [3, 0],
  beds: [5, 500],
  bathrooms: [1.5, 2],
  size_sqm: [120, 100_000],
  address_line1: ['Straße des 17. Juni 1', 'Ⅳ. Gasse'],
  address_line2: ['Hinterhof', ''],
  city: ['Łódź', 'Þórshöfn'],
  postal_code: ['90-001', 'SW1A 1AA'],
  country: ['PL', 'IS'],
  latitude: [51.77058, -90],
  longitude: [-19.47395, 180],
  check_in_time: ['16:30', '00:00'],
  check_out_time: ['09:45', '23:59'],
  time_zone: ['America/New_York', 'Asia/Calcutta'],
  base_price_cents: [12_345, 100_000_000_000],
  cleaning_fee_cents: [4999, 0],
  currency: ['PLN', 'ISK'],
  is_active: [false, true],
  amenities: [['dishwasher', 'sauna'], []],
  min_nights: [3, 366],
  max_nights: [21, 366],
  buffer_days_before: [1, 30],
  buffer_days_after: [2, 30],
  arrival_weekdays: [
    ['fri', 'sat'],
    ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
  ],
  departure_weekdays: [['mon'], ['tue', 'sun']],
  notice_days: [2, 365],
  booking_window_days: [365, 1500],
}
const eachOf = (n: 0 | 1) => Object.fromEntries(fields.map((name) => [name, values[name][n]]))
let [first, second] = [eachOf(0), eachOf(1)]
/** The owners are members of the test's own agency. */
beforeEach(() => {
  ;[first, second] = [eachOf(0), eachOf(1)]
})
const nullable = fields.filter((name) => 'anyOf' in NewPropertySchema.properties[name])

const pick = (body: object, names: readonly string[]) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => names.includes(name)))

async function create(body: object = {}): Promise<Reply['body']> {
  return must(201, await manager.post('properties', { ...smallest, ...body })).body
}

async function count(table: string): Promise<number> {
  const { rows } = await store.owner.query(`select count(*)::int as n from ${table}`)
  return rows[0]?.n as number
}

test('the smallest body creates a property with the defaults of its agency', async () => {
  const { id, created_at, updated_at, ...rest } = await create()
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/)
  assert.equal(created_at, updated_at)
  const empty = Object.fromEntries(nullable.map((name) => [name, null]))
  assert.deepEqual(rest, {
    ...empty,
    ...smallest,
    check_in_time: '15:00',
    check_out_time: '10:00',
    cleaning_fee_cents: 0,
    currency: 'EUR',
    is_active: true,
    amenities: [],
    min_nights: 1,
    max_nights: 366,
    buffer_days_before: 0,
    buffer_days_after: 0,
    notice_days: 0,
    source: 'manual',
    external_id: null,
    version: 1,
  })
})

test('the response to a creation has a Location header', async () => {
  const reply = must(201, await admin.post('properties', smallest))
  assert.equal(reply.headers.location, `/api/v1/properties/${reply.body.id}`)
  assert.deepEqual(must(200, await staff.get(reply.headers.location as string)).body, reply.body)
})

test('every writable field has its sent value after creating, reading, listing and changing', async () => {
  assert.deepEqual(Object.keys(values).sort(), [...fields].sort())
  for (const name of fields) assert.notDeepEqual(values[name][0], values[name][1], name)
  const made = await create(first)
  assert.deepEqual(pick(made, fields), first)
  const { body } = must(200, await staff.get(`properties/${made.id}`))
  assert.deepEqual(body, made)
  const { items } = must(200, await staff.get('properties?limit=100')).body
  assert.deepEqual(
    items.find(({ id }: { id: string }) => id === made.id),
    made,
  )
  const changed = must(200, await manager.patch(`properties/${made.id}`, second)).body
  assert.deepEqual(pick(changed, fields), second)
  assert.deepEqual(must(200, await staff.get(`properties/${made.id}`)).body, changed)
})

test('null clears every nullable field and is refused for all others', async () => {
  const made = await create(first)
  const cleared = Object.fromEntries(nullable.map((name) => [name, null]))
  const { body } = must(200, await manager.patch(`properties/${made.id}`, cleared))
  assert.deepEqual(pick(body, fields), { ...first, ...cleared })
  for (const name of fields.filter((field) => !nullable.includes(field))) {
    const reply = must(422, await manager.patch(`properties/${made.id}`, { [name]: null }))
    assert.ok(
      findings(reply).every((finding) => /^\/(\w+)(\/\d+)? /.exec(finding)?.[1] === name),
      reply.text,
    )
  }
})

test('changing one field keeps all others and raises version and updated_at', async () => {
  const made = await create(first)
  const { body } = must(200, await manager.patch(`properties/${made.id}`, { name: 'Only this' }))
  assert.deepEqual({ ...body, updated_at: '' }, { ...made, name: 'Only this', version: 2, updated_at: '' })
  const again = must(200, await manager.patch(`properties/${made.id}`, { name: 'Only this' }))
  assert.equal(again.body.version, 3)
  const { rows } = await store.owner.query('select updated_at > created_at as rose from properties where id = $1', [
    made.id,
  ])
  assert.deepEqual(rows, [{ rose: true }])
})

const long = (length: number) => 'x'.repeat(length)
const wrong: Readonly<Record<Field, readonly unknown[]>> = {
  name: ['', long(256), 5, ['a'], 'nul \u0000'],
  property_type: ['castle', '', 'House', 1],
  max_guests: [0, 501, 1.5, '4', true],
  owner_id: ['', 'me', 5, `urn:uuid:${players.owner.user_id}`, `{${players.owner.user_id}}`],
  description: [long(9901), 5, 'nul \u0000'],
  bedrooms: [-1, 101, 1.5, '2'],
  beds: [-1, 501, '2'],
  bathrooms: [-0.5, 100.5, 1.3, '1.5'],
  size_sqm: [0, 100_001, 1.5, '30'],
  address_line1: [long(201), 1],
  address_line2: [long(201), {}],
  city: [long(101), false],
  postal_code: [long(21), 1010],
  country: ['AUT', 'at', '', 'A1'],
  latitude: [90.00001, -91, '48'],
  longitude: [180.1, -181, '16'],
  check_in_time: ['24:00', '3:00', '15:00:00', 15],
  check_out_time: ['10:60', '', '10.00'],
  time_zone: ['', 'Mars/Olympus', 'IST', '+05:00', long(65), 1],
  base_price_cents: [-1, 100_000_000_001, 0.5, '100', 1e300],
  cleaning_fee_cents: [-1, 100_000_000_001, 12.5, '0'],
  currency: ['eur', 'EURO', '€', 978],
  is_active: ['true', 1, 'yes'],
  amenities: [['castle'], ['wifi', 'wifi'], 'wifi', null, [1], ['Wifi']],
  min_nights: [0, 367, 1.5, '2'],
  max_nights: [0, 367, 1.5, '2'],
  buffer_days_before: [-1, 31, 0.5, '1'],
  buffer_days_after: [-1, 31, 0.5, '1'],
  arrival_weekdays: [[], ['mon', 'mon'], 'mon', 1, {}],
  departure_weekdays: [[], ['mon', 'mon'], 'mon', 1, {}],
  notice_days: [-1, 366, 1.5, '2'],
  booking_window_days: [0, 1501, 1.5, '2'],
}

test('an invalid value is refused with a pointer, and nothing changes', async () => {
  const made = await create(first)
  const before = await count('properties')
  for (const name of fields) {
    for (const value of wrong[name]) {
      const what = `${name} = ${String(JSON.stringify(value)).slice(0, 40)}`
      for (const reply of [
        await manager.patch(`properties/${made.id}`, { city: 'Elsewhere', [name]: value }),
        await manager.post('properties', { ...smallest, [name]: value }),
      ]) {
        assert.equal(reply.status, 422, `${what}: ${reply.text}`)
        assert.equal(codeOf(reply), 'VALIDATION_ERROR', what)
        assert.ok(findings(reply).length > 0, what)
        assert.ok(
          findings(reply).every((finding) => /^\/(\w+)(\/\d+)? /.exec(finding)?.[1] === name),
          `${what}: ${reply.text}`,
        )
      }
    }
  }
  assert.deepEqual((await staff.get(`properties/${made.id}`)).body, made)
  assert.equal(await count('properties'), before)
})

test('min_nights above max_nights is refused, whichever of the two is changed', async () => {
  const post = must(422, await manager.post('properties', { ...smallest, min_nights: 8, max_nights: 7 }))
  assert.deepEqual(findings(post), ['/min_nights ABOVE_MAX_NIGHTS'])
  const { id } = await create({ min_nights: 3, max_nights: 7 })
  const longer = must(422, await manager.patch(`properties/${id}`, { min_nights: 8 }))
  assert.deepEqual(findings(longer), ['/min_nights ABOVE_MAX_NIGHTS'])
  const shorter = must(422, await manager.patch(`properties/${id}`, { max_nights: 2 }))
  assert.deepEqual(findings(shorter), ['/max_nights BELOW_MIN_NIGHTS'])
  must(200, await manager.patch(`properties/${id}`, { min_nights: 8, max_nights: 8 }))
})

test('an unknown weekday is refused, and unchanged lists are not in the audit log', async () => {
  const { id } = await create({ arrival_weekdays: ['fri', 'sat'] })
  const wrong = must(422, await manager.patch(`properties/${id}`, { arrival_weekdays: ['fri', 'Sat'] }))
  assert.deepEqual(findings(wrong), ['/arrival_weekdays/1 NOT_ALLOWED'])
  must(200, await manager.patch(`properties/${id}`, { arrival_weekdays: ['fri', 'sat'], min_nights: 2 }))
  const { rows } = await store.owner.query(
    "select after from audit_log where entity_id = $1 and action = 'property.updated'",
    [id],
  )
  assert.deepEqual(Object.keys(rows[0]?.after as object).sort(), ['min_nights', 'updated_at', 'version'])
})

test('a read-only field is refused with a pointer, and nothing changes', async () => {
  const made = await create()
  const before = await count('properties')
  const foreign = {
    agency_id: castProperties.beach.agency_id,
    id: missing,
    version: 9,
    deleted_at: null,
    source: 'airbnb',
  }
  const others = {
    external_id: 'x',
    created_at: made.created_at,
    updated_at: made.updated_at,
    colour: 'red',
    'a/b~c': 1,
  }
  for (const [name, value] of Object.entries({ ...foreign, ...others })) {
    const pointer = `/${name.replace('~', '~0').replace('/', '~1')}`
    const patched = must(422, await manager.patch(`properties/${made.id}`, { city: 'Elsewhere', [name]: value }))
    assert.deepEqual(findings(patched), [`${pointer} UNKNOWN_FIELD`])
    const posted = must(422, await manager.post('properties', { ...smallest, [name]: value }))
    assert.deepEqual(findings(posted), [`${pointer} UNKNOWN_FIELD`])
  }
  assert.deepEqual((await staff.get(`properties/${made.id}`)).body, made)
  assert.equal(await count('properties'), before)
})

test('a missing field, an empty change and a body that is not an object are refused', async () => {
  for (const name of ['name', 'property_type', 'max_guests']) {
    const { [name]: _, ...rest } = smallest as Record<string, unknown>
    assert.deepEqual(findings(must(422, await manager.post('properties', rest))), [`/${name} REQUIRED`])
  }
  must(422, await manager.patch(`properties/${castProperties.town.id}`, {}))
  must(422, await manager.post('properties', [smallest]))
  const every = must(422, await manager.post('properties', { name: 5, max_guests: 0, colour: 'red' }))
  assert.equal(findings(every).length, 4, 'all validation errors at once')
})

test('owner_id must be an active owner of the agency', async () => {
  const ineligible = [players.staff, players.admin, players.former, players.outsider].map(({ user_id }) => user_id)
  for (const owner_id of [...ineligible, missing]) {
    const posted = must(422, await manager.post('properties', { ...smallest, owner_id }))
    assert.deepEqual(findings(posted), ['/owner_id NOT_AN_OWNER'])
    const patched = must(
      422,
      await manager.patch(`properties/${castProperties.town.id}`, { owner_id, name: 'Changed' }),
    )
    assert.deepEqual(findings(patched), ['/owner_id NOT_AN_OWNER'])
  }
  const { body } = await staff.get(`properties/${castProperties.town.id}`)
  assert.deepEqual([body.owner_id, body.name], [null, castProperties.town.name])
})

test('a former owner does not prevent other changes and cannot be assigned again', async (t) => {
  const { user_id } = players.otherOwner
  const setActive = (is_active: boolean) =>
    store.owner.query('update team_members set is_active = $1 where agency_id = $2 and user_id = $3', [
      is_active,
      north,
      user_id,
    ])
  t.after(() => setActive(true))
  await setActive(false)
  const path = `properties/${castProperties.forest.id}`
  must(200, await manager.patch(path, { city: 'Graz' }))
  const { body } = must(200, await manager.patch(path, { owner_id: user_id, city: 'Linz' }))
  assert.deepEqual([body.owner_id, body.city], [user_id, 'Linz'])
  const given = must(422, await manager.patch(`properties/${castProperties.town.id}`, { owner_id: user_id }))
  assert.deepEqual(findings(given), ['/owner_id NOT_AN_OWNER'])
  must(200, await manager.patch(path, { owner_id: null }))
  must(422, await manager.patch(path, { owner_id: user_id }))
})

test('after a change of owner the new owner sees the property and the old one does not', async () => {
  const { id } = await create({ owner_id: players.owner.user_id })
  must(200, await owner.get(`properties/${id}`))
  must(404, await otherOwner.get(`properties/${id}`))
  must(200, await manager.patch(`properties/${id}`, { owner_id: players.otherOwner.user_id }))
  must(404, await owner.get(`properties/${id}`))
  must(200, await otherOwner.get(`properties/${id}`))
})

const booking = (property_id: string, days: number) => {
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10)
  return { property_id, check_in: day(days), check_out: day(days + 3), num_adults: 1, total_cents: 100 }
}

test('a property with an upcoming stay cannot be deleted until the stay is', async () => {
  const { id, version } = await create()
  const stay = must(201, await staff.post('bookings', booking(id, 30))).body
  assert.equal(codeOf(must(409, await admin.delete(`properties/${id}`))), 'PROPERTY_HAS_BOOKINGS')
  assert.equal(must(200, await staff.get(`properties/${id}`)).body.version, version)
  must(204, await manager.delete(`bookings/${stay.id}`))
  must(204, await admin.delete(`properties/${id}`))
})

test('a current guest prevents deletion; an inquiry and a past stay do not', async () => {
  const { id } = await create()
  const now = must(201, await staff.post('bookings', booking(id, -1))).body
  must(409, await admin.delete(`properties/${id}`))
  must(204, await manager.delete(`bookings/${now.id}`))
  must(201, await staff.post('bookings', booking(id, -30)))
  must(201, await staff.post('bookings', { ...booking(id, 30), status: 'inquiry' }))
  must(204, await admin.delete(`properties/${id}`))
})

test('a deleted property answers 404 for everyone, and its row is kept', async () => {
  const { id } = await create({ name: 'Going', owner_id: players.owner.user_id })
  const reply = must(204, await admin.delete(`properties/${id}`))
  assert.equal(reply.text, '')
  for (const client of [admin, staff, owner]) must(404, await client.get(`properties/${id}`))
  must(404, await manager.patch(`properties/${id}`, { name: 'Back' }))
  assert.equal(codeOf(must(404, await admin.delete(`properties/${id}`))), 'PROPERTY_NOT_FOUND')
  must(404, await staff.post('bookings', booking(id, 60)))
  assert.deepEqual((await staff.get('properties?q=Going')).body.items, [])
  const { rows } = await store.owner.query(
    'select name, is_active, deleted_at is not null as is_deleted from properties where id = $1',
    [id],
  )
  assert.deepEqual(rows, [{ name: 'Going', is_active: false, is_deleted: true }])
})

test('malformed ids are refused with a pointer, and an id in upper case is the same id', async () => {
  for (const id of ['1', 'x', `urn:uuid:${missing}`, `${missing}0`, '%00', `${missing}%27--`]) {
    const reply = must(422, await staff.get(`properties/${id}`))
    assert.deepEqual(findings(reply), ['/path/id INVALID'])
  }
  const { id } = await create()
  assert.equal(must(200, await staff.get(`properties/${id.toUpperCase()}`)).body.id, id)
})

test('each change writes one audit row with actor and changes, and a refused one writes none', async () => {
  const { id } = await create({ name: 'Watched' })
  must(200, await manager.patch(`properties/${id}`, { city: 'Wien' }, { 'x-request-id': 'the-change' }))
  must(422, await manager.patch(`properties/${id}`, { city: 5 }))
  must(422, await manager.patch(`properties/${id}`, { owner_id: missing }))
  must(404, await outsider.patch(`properties/${id}`, { city: 'Mine' }))
  must(403, await staff.patch(`properties/${id}`, { city: 'Mine' }))
  must(204, await admin.delete(`properties/${id}`))
  const { rows } = await store.owner.query(
    `select action, actor_id, actor_role, entity_type, request_id, before ->> 'name' as old_name, after ->> 'name' as name,
       before ->> 'city' as old_city, after ->> 'city' as city from audit_log where entity_id = $1 order by created_at`,
    [id],
  )
  const entity = { entity_type: 'property' }
  const seen = rows.map(({ request_id, ...row }) => row)
  const nothing = { old_name: null, name: null, old_city: null, city: null }
  const byManager = { ...entity, actor_id: players.manager.user_id, actor_role: 'manager', ...nothing }
  const byAdmin = { ...entity, actor_id: players.admin.user_id, actor_role: 'admin', ...nothing }
  assert.deepEqual(seen, [
    { ...byManager, action: 'property.created', name: 'Watched' },
    { ...byManager, action: 'property.updated', city: 'Wien' },
    { ...byAdmin, action: 'property.deleted', old_name: 'Watched', old_city: 'Wien' },
  ])
  assert.equal(rows[1]?.request_id, 'the-change')
})

test('amenities are kept in the order of the list, so another order is no change', async () => {
  const made = await create({ amenities: ['sauna', 'wifi', 'dishwasher'] })
  assert.deepEqual(made.amenities, ['wifi', 'dishwasher', 'sauna'])
  const patched = must(
    200,
    await manager.patch(`properties/${made.id}`, { amenities: ['dishwasher', 'sauna', 'wifi'] }),
  )
  assert.deepEqual(patched.body.amenities, made.amenities)
  const { rows } = await store.owner.query(
    "select 1 from audit_log where entity_id = $1 and action = 'property.updated' and after ? 'amenities'",
    [made.id],
  )
  assert.deepEqual(rows, [])
})
