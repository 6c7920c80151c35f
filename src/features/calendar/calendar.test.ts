// Tests the calendar of all properties over HTTP: nights, roles, agencies, filters, limits.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, players } from '../../../test/cast.ts'
import { type Client, castPerTest } from '../../../test/harness.ts'
import { dayAfter, findings, insertConflict, must, newProperty, rowsOf, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, otherOwner, accountant, outsider, store } = await castPerTest()
const july = 'from=2032-07-01&to=2032-07-31'
const guest = { first_name: 'Nora', last_name: 'Secret', email: 'nora.secret@example.com', phone: '+43 1 7654321' }
const numberOf = (day: string) => Date.parse(day) / 86_400_000

const read = async (client: Client, query = july) => must(200, await client.get(`calendar?${query}`)).body
const namesIn = async (query: string, client: Client = manager): Promise<string[]> =>
  (await read(client, `${july}&${query}`)).properties.name

/** The occupants of a property, by first night. */
async function occupantsOf(client: Client, property_id: string, query = july) {
  const { properties, occupants } = await read(client, query)
  const index = properties.id.indexOf(property_id)
  const rows = rowsOf(occupants).filter(({ property }) => property === index)
  return rows.sort((a, b) => Number(a.first_day) - Number(b.first_day))
}

const book = async (property_id: string, check_in: string, nights: number, more: object = {}) =>
  must(201, await staff.post('bookings', stay(property_id, check_in, nights, more))).body
const block = async (property_id: string, start_date: string, nights: number) => {
  const body = { property_id, start_date, end_date: dayAfter(start_date, nights), reason: 'owner_use' }
  return must(201, await manager.post('availability/blocks', body)).body
}
const hold = async (property_id: string, check_in: string, nights: number) => {
  const body = { property_id, check_in, check_out: dayAfter(check_in, nights), notes: 'Mrs Secret calls back' }
  return must(201, await staff.post('holds', body)).body
}

test('a booking, a block and a hold are occupants with all their columns', async () => {
  const home = {
    name: 'Home',
    property_type: 'house',
    max_guests: 4,
    city: 'Graz',
    bedrooms: 2,
    base_price_cents: 10_000,
  }
  const { id, max_guests } = must(201, await manager.post('properties', home)).body
  const booked = await book(id, '2032-07-01', 3, { guest, num_children: 1, total_cents: 40_000, paid_cents: 10_000 })
  const blocked = await block(id, '2032-07-04', 2)
  const held = await hold(id, '2032-07-06', 1)
  const { properties, occupants, from, to, is_complete, removed_property_ids } = await read(staff)
  assert.deepEqual([from, to, is_complete, removed_property_ids], ['2032-07-01', '2032-07-31', true, []])
  const index = properties.id.indexOf(id)
  assert.deepEqual(rowsOf(properties)[index], {
    id,
    name: 'Home',
    is_active: true,
    time_zone: 'Europe/Berlin',
    city: 'Graz',
    max_guests,
    bedrooms: 2,
    owner_id: null,
    base_price_cents: 10_000,
    currency: 'EUR',
    version: 1,
  })
  const none = { reason: null, expires_at: null }
  const no_booking = Object.fromEntries(
    ['reference', 'status', 'source', 'payment_status', 'total_cents', 'currency', 'paid_cents', 'num_guests'].map(
      (name) => [name, null],
    ),
  )
  assert.deepEqual(await occupantsOf(staff, id), [
    {
      property: index,
      first_day: numberOf('2032-07-01'),
      nights: 3,
      kind: 'booking',
      id: booked.id,
      version: 1,
      ...none,
      reference: booked.reference,
      status: 'confirmed',
      source: 'direct',
      payment_status: 'partial',
      total_cents: 40_000,
      currency: 'EUR',
      paid_cents: 10_000,
      num_guests: 3,
      guest_name: 'Nora Secret',
    },
    {
      property: index,
      first_day: numberOf('2032-07-04'),
      nights: 2,
      kind: 'block',
      id: blocked.id,
      version: 1,
      ...none,
      ...no_booking,
      guest_name: null,
      reason: 'owner_use',
    },
    {
      property: index,
      first_day: numberOf('2032-07-06'),
      nights: 1,
      kind: 'hold',
      id: held.id,
      version: 1,
      ...none,
      ...no_booking,
      guest_name: null,
      expires_at: held.expires_at,
    },
  ])
  assert.equal(Object.keys(occupants).length, 17)
})

test('stays across the edges of the range are whole, and those that only touch it are absent', async () => {
  const id = await newProperty(manager)
  for (const [check_in, nights] of [
    ['2032-06-20', 11],
    ['2032-07-01', 4],
    ['2032-07-05', 10],
  ] as const) {
    await book(id, check_in, nights)
  }
  const shown = async (from: string, to: string) =>
    (await occupantsOf(staff, id, `from=${from}&to=${to}`)).map(({ first_day, nights }) => [first_day, nights])
  const [first, second, third] = [
    [numberOf('2032-06-20'), 11],
    [numberOf('2032-07-01'), 4],
    [numberOf('2032-07-05'), 10],
  ]
  assert.deepEqual(await shown('2032-07-01', '2032-07-05'), [second])
  assert.deepEqual(await shown('2032-06-30', '2032-07-06'), [first, second, third])
  assert.deepEqual(await shown('2032-07-07', '2032-07-08'), [third])
  assert.deepEqual(await shown('2032-07-15', '2032-07-16'), [])
})

test('cancelled and deleted bookings, inquiries and expired holds take no nights', async () => {
  const id = await newProperty(manager)
  const cancelled = await book(id, '2032-07-01', 2)
  const deleted = await book(id, '2032-07-03', 2)
  await book(id, '2032-07-05', 2, { status: 'inquiry' })
  const held = await hold(id, '2032-07-07', 2)
  assert.equal((await occupantsOf(staff, id)).length, 3)
  must(200, await manager.post(`bookings/${cancelled.id}/cancellation`, { cancelled_by: 'guest' }))
  must(204, await manager.delete(`bookings/${deleted.id}`))
  await store.owner.query("update occupancies set expires_at = now() - interval '1 second' where hold_id = $1", [
    held.id,
  ])
  assert.deepEqual(await occupantsOf(staff, id), [])
})

test('each role gets the columns it may see, and the nights of all occupants', async () => {
  const { lake, town } = castProperties
  for (const { id } of [lake, town]) {
    await book(id, '2032-07-01', 2, { guest, paid_cents: 100 })
    await block(id, '2032-07-03', 2)
    await hold(id, '2032-07-05', 2)
  }
  const basic = ['id', 'is_active', 'name', 'time_zone']
  const full = [
    ...basic,
    'base_price_cents',
    'bedrooms',
    'city',
    'currency',
    'max_guests',
    'owner_id',
    'version',
  ].sort()
  const shared = ['property', 'first_day', 'nights', 'kind', 'id', 'version', 'reason']
  const booking = ['reference', 'status', 'source', 'payment_status', 'total_cents', 'currency']
  const [of_owner, of_accountant] = [
    [...shared, ...booking, 'num_guests', 'guest_name'],
    [...shared, ...booking, 'paid_cents'],
  ]
  const of_staff = [...of_owner, 'paid_cents', 'expires_at']
  for (const [client, properties, occupants, name, kinds] of [
    [admin, full, of_staff, 'Nora Secret', ['booking', 'block', 'hold']],
    [manager, full, of_staff, 'Nora Secret', ['booking', 'block', 'hold']],
    [staff, full, of_staff, 'Nora Secret', ['booking', 'block', 'hold']],
    [owner, full, of_owner, 'Secret', ['booking', 'block']],
    [accountant, basic, of_accountant, undefined, ['booking', 'block']],
  ] as const) {
    const body = await read(client)
    assert.deepEqual(Object.keys(body.properties).sort(), properties)
    assert.deepEqual(Object.keys(body.occupants).sort(), [...occupants].sort())
    const found = await occupantsOf(client, lake.id)
    assert.deepEqual(
      found.map(({ kind, nights }) => [kind, nights]),
      [
        ['booking', 2],
        ['block', 2],
        ['hold', 2],
      ],
    )
    assert.equal(found[0]?.guest_name, name)
    assert.deepEqual(
      found.filter(({ id }) => id !== null).map(({ kind }) => kind),
      kinds,
    )
    for (const { id, version } of found) assert.equal(version === null, id === null)
  }
})

test('no contact, note or name of a guest reaches a role that may not see it', async () => {
  for (const { id } of [castProperties.lake, castProperties.forest, castProperties.town]) {
    await book(id, '2032-07-01', 2, { guest, internal_notes: 'Secret note', guest_message: 'Secret message' })
    await hold(id, '2032-07-05', 2)
  }
  for (const [client, forbidden] of [
    [admin, /example\.com|7654321|note|message|calls back/],
    [staff, /example\.com|7654321|note|message|calls back/],
    [owner, /Nora|example\.com|7654321|note|message|calls back|paid_cents|expires_at/],
    [accountant, /Nora|Secret|example\.com|7654321|note|message|calls back|num_guests|expires_at/i],
  ] as const) {
    assert.doesNotMatch(must(200, await client.get(`calendar?${july}`)).text, forbidden)
  }
})

test('an owner gets own properties and what is in them only', async () => {
  const mine = await book(castProperties.lake.id, '2032-07-01', 2)
  const foreign = await book(castProperties.forest.id, '2032-07-01', 2, { guest })
  await insertConflict(store, castProperties.forest)
  for (const query of [july, 'from=2036-01-01&to=2036-02-01', `${july}&owner_id=${players.otherOwner.user_id}`]) {
    const { text, body } = must(200, await owner.get(`calendar?${query}`))
    assert.doesNotMatch(text, new RegExp(`${foreign.id}|${castProperties.forest.id}|Forest|Secret`))
    assert.deepEqual(body.conflicts.id, [])
  }
  assert.deepEqual((await read(owner)).properties.name, ['Lake House'])
  assert.deepEqual((await read(owner)).occupants.id, [mine.id])
  assert.deepEqual((await read(otherOwner)).occupants.id, [foreign.id])
})

test('another agency gets nothing of this one', async () => {
  const booked = await book(castProperties.lake.id, '2032-07-01', 2, { guest })
  await insertConflict(store, castProperties.lake)
  for (const query of [july, 'from=2036-01-01&to=2036-02-01', `${july}&q=Lake`, `${july}&since=0`]) {
    const { text, body } = must(200, await outsider.get(`calendar?${query}`))
    assert.doesNotMatch(text, new RegExp(`${booked.id}|${castProperties.lake.id}|Lake House|Secret`))
    assert.deepEqual([body.occupants.id, body.conflicts.id], [[], []])
  }
})

test('an agency without properties gets empty columns', async () => {
  await store.owner.query('update properties set deleted_at = now() where agency_id = $1', [north])
  const { properties, occupants, conflicts } = await read(manager)
  for (const columns of [properties, occupants, conflicts]) assert.deepEqual(rowsOf(columns), [])
  assert.equal(Object.keys(occupants).length, 17)
})

test('open conflicts in the range are shown to roles that may read conflicts', async () => {
  const id = await insertConflict(store, castProperties.lake)
  const query = 'from=2036-01-01&to=2036-02-01'
  for (const client of [manager, staff, owner]) {
    const { properties, conflicts } = await read(client, query)
    const { guest_name, ...conflict } = rowsOf(conflicts)[0] ?? {}
    assert.equal(guest_name, client === owner ? undefined : null)
    assert.deepEqual(conflict, {
      property: properties.id.indexOf(castProperties.lake.id),
      first_day: numberOf('2036-01-01'),
      nights: 1,
      id,
      kind: 'overlap',
      source: 'airbnb',
      external_code: 'HM1',
      booking_id: null,
      other_kind: null,
      other_booking_id: null,
      version: 1,
    })
  }
  assert.equal((await read(accountant, query)).conflicts, undefined)
  assert.deepEqual((await read(staff, 'from=2036-01-02&to=2036-02-01')).conflicts.id, [])
  await store.owner.query("update booking_conflicts set resolved_at = now(), resolution = 'applied' where id = $1", [
    id,
  ])
  assert.deepEqual((await read(staff, query)).conflicts.id, [])
})

test('filters select properties by text, city, people, owner and activity', async () => {
  await newProperty(manager, { name: 'Müllerhaus', city: 'Graz', max_guests: 12 })
  await newProperty(manager, { name: 'Old Mill', city: 'Linz', is_active: false })
  assert.deepEqual(await namesIn('q=muller'), ['Müllerhaus'])
  assert.deepEqual(await namesIn('q=linz'), ['Old Mill'])
  assert.deepEqual(await namesIn('city=graz'), ['Müllerhaus'])
  assert.deepEqual(await namesIn('guests=12'), ['Müllerhaus'])
  assert.deepEqual(await namesIn('guests=13'), [])
  assert.deepEqual(await namesIn(`owner_id=${players.owner.user_id}`), ['Lake House'])
  assert.deepEqual(await namesIn('is_active=false'), ['Old Mill'])
  assert.deepEqual(await namesIn('is_active=true&city=Linz'), [])
})

test('free_from and free_to leave properties that have all these nights free', async () => {
  const names = ['Arrival', 'Departure', 'Expired', 'Free', 'Held', 'Inside']
  const ids = await Promise.all(names.map((name) => newProperty(manager, { name, city: 'Graz' })))
  const [arrival, departure, expired, , held, inside] = ids as [string, string, string, string, string, string]
  await book(arrival, '2032-08-08', 2)
  await book(departure, '2032-07-30', 2)
  await book(inside, '2032-08-07', 5)
  await hold(held, '2032-08-03', 1)
  const { id } = await hold(expired, '2032-08-03', 1)
  await store.owner.query("update occupancies set expires_at = now() - interval '1 second' where hold_id = $1", [id])
  const free = 'city=Graz&free_from=2032-08-01&free_to=2032-08-08'
  assert.deepEqual(await namesIn(free), ['Arrival', 'Departure', 'Expired', 'Free'])
  assert.deepEqual(await namesIn('free_from=2032-08-01&free_to=2032-08-08&q=Free', accountant), ['Free'])
})

test('an accountant cannot search by what an accountant cannot see', async () => {
  await newProperty(manager, { name: 'Müllerhaus', city: 'Graz' })
  for (const [name, value] of [
    ['city', 'Graz'],
    ['guests', '2'],
    ['owner_id', players.owner.user_id],
  ]) {
    const reply = must(422, await accountant.get(`calendar?${july}&${name}=${value}`))
    assert.deepEqual(findings(reply), [`/query/${name} NOT_FOR_YOUR_ROLE`])
  }
  assert.deepEqual(await namesIn('q=graz', accountant), [])
  assert.deepEqual(await namesIn('q=muller', accountant), ['Müllerhaus'])
})

test('a range that is empty, too long or half given is refused with a JSON pointer', async () => {
  for (const [query, finding] of [
    ['from=2032-07-01&to=2032-07-01', '/query/to NOT_AFTER_FROM'],
    [`from=2032-01-01&to=${dayAfter('2032-01-01', 401)}`, '/query/to TOO_LONG'],
    [`${july}&free_from=2032-07-01`, '/query/free_from NOT_ALONE'],
    [`${july}&free_to=2032-07-01`, '/query/free_to NOT_ALONE'],
    [`${july}&free_from=2032-07-02&free_to=2032-07-01`, '/query/free_to NOT_AFTER_FREE_FROM'],
    [`${july}&free_from=2032-07-01&free_to=2034-07-01`, '/query/free_to TOO_LONG'],
  ] as const) {
    assert.deepEqual(findings(must(422, await manager.get(`calendar?${query}`))), [finding])
  }
  await read(manager, `from=2032-01-01&to=${dayAfter('2032-01-01', 400)}`)
})

test('more than 5000 properties are refused, and fewer by a filter are not', async () => {
  await store.owner.query(
    `insert into properties (agency_id, id, name, property_type, max_guests, currency, city)
     select $1, gen_random_uuid(), 'House ' || n, 'house', 4, 'EUR', 'City ' || n % 2 from generate_series(1, 4997) n`,
    [north],
  )
  assert.equal((await read(manager)).properties.id.length, 5000)
  await newProperty(manager)
  assert.deepEqual(findings(must(422, await manager.get(`calendar?${july}`))), ['/query TOO_MANY_PROPERTIES'])
  assert.equal((await namesIn('city=City%201')).length, 2499)
})

test('more than 60000 occupants are refused, and a shorter range is not', async () => {
  await store.owner.query(
    `with home as (
       insert into properties (agency_id, id, name, property_type, max_guests, currency)
       select $1, gen_random_uuid(), 'House ' || n, 'house', 4, 'EUR' from generate_series(1, 151) n returning agency_id, id)
     insert into occupancies (agency_id, id, property_id, kind, during)
     select h.agency_id, gen_random_uuid(), h.id, 'channel', daterange('2032-01-01'::date + d, '2032-01-02'::date + d)
     from home h, generate_series(0, 397) d`,
    [north],
  )
  const reply = must(422, await manager.get('calendar?from=2032-01-01&to=2033-02-02'))
  assert.deepEqual(findings(reply), ['/query/to TOO_LARGE'])
  assert.equal(reply.headers.etag, undefined)
  assert.equal((await read(manager, 'from=2032-01-01&to=2032-01-03')).occupants.id.length, 302)
})

test('more than 8 MB are refused', async () => {
  await store.owner.query(
    `insert into properties (agency_id, id, name, property_type, max_guests, currency, city)
     select $1, gen_random_uuid(), n || repeat('🏡', 250), 'house', 4, 'EUR', repeat('🏡', 100) from generate_series(1, 4900) n`,
    [north],
  )
  await store.owner.query(
    `insert into occupancies (agency_id, id, property_id, kind, during)
     select p.agency_id, gen_random_uuid(), p.id, 'channel', daterange('2032-07-01'::date + d, '2032-07-02'::date + d)
     from properties p, generate_series(0, 2) d where p.agency_id = $1`,
    [north],
  )
  assert.deepEqual(findings(must(422, await manager.get(`calendar?${july}`))), ['/query/to TOO_LARGE'])
})
