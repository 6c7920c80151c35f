// Tests which fields of a booking each role sees, and the filters and pages of the list.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { castProperties, south } from '../../../test/cast.ts'
import { type Client, castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, dayAfter, must, newProperty, readAllPages, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, otherOwner, accountant, outsider, bothAgencies, store } = await castPerTest()
const secrets = ['Lovelace-Secret', 'Ada-Secret', 'ada-secret@example.com', '+43987654321', 'hidden note', 'dear host']
const guest = { first_name: secrets[1], last_name: secrets[0], email: secrets[2], phone: secrets[3] }
const notes = { internal_notes: secrets[4], guest_message: secrets[5] }
let booking_id = ''

beforeEach(async () => {
  const body = stay(castProperties.lake.id, '2031-07-01', 3, { guest, ...notes, num_children: 1, tax_cents: 100 })
  booking_id = must(201, await staff.post('bookings', body)).body.id
  must(201, await staff.post('bookings', stay(castProperties.forest.id, '2031-07-01')))
  must(201, await staff.post('bookings', stay(castProperties.town.id, '2031-07-01')))
})

// Listed by hand, so that the test fails when a column becomes visible by mistake.
const shared = [
  'check_in',
  'check_out',
  'currency',
  'id',
  'num_nights',
  'payment_status',
  'property_id',
  'property_name',
  'reference',
  'source',
  'status',
  'total_cents',
  'updated_at',
  'version',
]
const counts = ['num_adults', 'num_children', 'num_guests', 'num_infants', 'num_pets']
const refund = ['paid_cents', 'refund_cents']
const priceParts = [
  'channel_fee_cents',
  'cleaning_fee_cents',
  'nightly_rate_cents',
  'payout_cents',
  'subtotal_cents',
  'tax_cents',
]
const details = [
  'booked_on',
  'cancellation_reason',
  'cancelled_at',
  'cancelled_by',
  'checked_in_at',
  'checked_out_at',
  'confirmed_at',
  'created_at',
  'declined_at',
  'external_code',
  'guest_message',
  'internal_notes',
  'no_show_at',
  'refund_reason',
  'split_from_id',
]
const everything = [...shared, ...counts, ...priceParts, ...refund, ...details, 'guest'].sort()
const contact = ['country', 'email', 'first_name', 'id', 'last_name', 'phone']

const views: [
  role: string,
  client: Client,
  keys: string[],
  guest_keys: string[] | undefined,
  hidden: (string | undefined)[],
][] = [
  ['admin', admin, everything, contact, []],
  ['manager', manager, everything, contact, []],
  ['staff', staff, everything, contact, []],
  ['owner', owner, [...shared, ...counts, 'guest'].sort(), ['country', 'last_name'], secrets.slice(1)],
  ['accountant', accountant, [...shared, ...priceParts, ...refund].sort(), undefined, secrets],
]

for (const [role, client, keys, guest_keys, hidden] of views) {
  test(`${role} sees exactly the allowed fields, in one booking and in the list`, async () => {
    const one = must(200, await client.get(`bookings/${booking_id}`))
    const list = must(200, await client.get('bookings?limit=100'))
    const listed = list.body.items.find(({ id }: { id: string }) => id === booking_id)
    assert.deepEqual(Object.keys(one.body).sort(), keys)
    assert.deepEqual(listed, one.body)
    assert.deepEqual(one.body.guest === undefined ? undefined : Object.keys(one.body.guest).sort(), guest_keys)
    assert.equal(one.body.total_cents, 35_100)
    for (const secret of hidden) {
      assert.ok(!one.text.includes(secret ?? '-') && !list.text.includes(secret ?? '-'), `${role} reads ${secret}`)
    }
  })
}

type Item = { id: string; check_in: string; property_id: string; status: string }
const itemsOf = (reply: Reply): Item[] => must(200, reply).body.items

test('an owner sees only bookings of own properties, whatever the filter', async () => {
  assert.deepEqual(
    itemsOf(await owner.get('bookings')).map(({ property_id }) => property_id),
    [castProperties.lake.id],
  )
  assert.deepEqual(
    itemsOf(await otherOwner.get('bookings')).map(({ property_id }) => property_id),
    [castProperties.forest.id],
  )
  for (const path of [
    `bookings?property_id=${castProperties.lake.id}`,
    'bookings?status=pending',
    'bookings?check_in_to=2031-06-30',
  ]) {
    assert.deepEqual(itemsOf(await otherOwner.get(path)), [], path)
  }
  assert.equal(codeOf(must(404, await otherOwner.get(`bookings/${booking_id}`))), 'BOOKING_NOT_FOUND')
})

test('the bookings of a property are visible to its new owner only', async (t) => {
  const path = `properties/${castProperties.lake.id}`
  t.after(() => manager.patch(path, { owner_id: castProperties.lake.owner_id }))
  must(200, await manager.patch(path, { owner_id: castProperties.forest.owner_id }))
  must(404, await owner.get(`bookings/${booking_id}`))
  must(200, await otherOwner.get(`bookings/${booking_id}`))
})

test('pages return each booking once, latest arrival first, while others are created', async () => {
  const property_ids = [await newProperty(manager), await newProperty(manager), await newProperty(manager)]
  const earlier: string[] = []
  for (let i = 0; i < 45; i++) {
    // Three properties with the same arrivals: the id breaks the tie.
    const body = stay(property_ids[i % 3] ?? '', dayAfter('2040-01-01', Math.floor(i / 3)), 1)
    earlier.push(must(201, await staff.post('bookings', body)).body.id)
  }
  let day = 0
  const items = await readAllPages(staff, 'bookings?limit=7&check_in_from=2040-01-01', async () => {
    day += 1
    must(201, await staff.post('bookings', stay(property_ids[0] ?? '', dayAfter('2041-01-01', day), 1)))
    must(201, await staff.post('bookings', stay(property_ids[1] ?? '', dayAfter('2040-06-01', -day), 1)))
  })
  const ids = items.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length, 'no row twice')
  assert.deepEqual(
    earlier.filter((id) => !ids.includes(id)),
    [],
    'no row is missing',
  )
  const sorted = items.toSorted((a, b) =>
    a.check_in === b.check_in ? (a.id < b.id ? 1 : -1) : a.check_in < b.check_in ? 1 : -1,
  )
  assert.deepEqual(
    ids,
    sorted.map(({ id }) => id),
  )
})

test('filters by status and arrival, both dates included', async () => {
  const property_id = await newProperty(manager)
  for (const [day, status] of [
    ['2035-01-01', 'confirmed'],
    ['2035-01-05', 'pending'],
    ['2035-01-09', 'inquiry'],
  ] as const) {
    must(201, await staff.post('bookings', stay(property_id, day, 1, { status })))
  }
  const days = async (query: string) =>
    itemsOf(await staff.get(`bookings?property_id=${property_id}${query}`)).map(({ check_in }) => check_in.slice(-2))
  assert.deepEqual(await days(''), ['09', '05', '01'])
  assert.deepEqual(await days('&status=pending'), ['05'])
  assert.deepEqual(await days('&check_in_from=2035-01-05'), ['09', '05'])
  assert.deepEqual(await days('&check_in_to=2035-01-05'), ['05', '01'])
  assert.deepEqual(await days('&check_in_from=2035-01-05&check_in_to=2035-01-05'), ['05'])
})

test('invalid and unknown filters are refused with a JSON pointer', async () => {
  const wrong = [
    'status=open',
    'property_id=1',
    'check_in_from=2035-02-30',
    'check_in_to=today',
    'limit=101',
    'guest=ada',
  ]
  for (const query of wrong) {
    const reply = must(422, await staff.get(`bookings?${query}`))
    assert.deepEqual(
      reply.body.error.details.map(({ pointer }: { pointer: string }) => pointer),
      [`/query/${query.split('=')[0]}`],
    )
  }
})

test('a cursor is valid only for its agency, user and filters', async () => {
  for (const day of ['2036-01-01', '2036-01-02']) {
    must(201, await outsider.post('bookings', stay(castProperties.beach.id, day, 1)))
  }
  const cursorOf = async (client: Client, path: string, headers = {}): Promise<string> =>
    must(200, await client.get(path, headers)).body.next_cursor
  const cursor = await cursorOf(staff, 'bookings?limit=1')
  must(200, await staff.get(`bookings?limit=2&cursor=${cursor}`))
  const south_cursor = await cursorOf(bothAgencies, 'bookings?limit=1', { 'x-agency-id': south })
  const cases: [client: Client, path: string, headers?: Record<string, string>][] = [
    [admin, `bookings?limit=1&cursor=${cursor}`],
    [outsider, `bookings?limit=1&cursor=${cursor}`],
    [staff, `bookings?limit=1&status=confirmed&cursor=${cursor}`],
    [bothAgencies, `bookings?limit=1&cursor=${south_cursor}`, { 'x-agency-id': castProperties.lake.agency_id }],
  ]
  for (const [client, path, headers] of cases) {
    assert.equal(codeOf(must(400, await client.get(path, headers))), 'CURSOR_INVALID', path)
  }
})

test('a booking whose guest was erased is still listed, with guest null', async () => {
  const property_id = await newProperty(manager)
  const { id } = must(
    201,
    await staff.post(
      'bookings',
      stay(property_id, '2031-01-01', 1, { guest: { ...guest, email: 'gone@example.com' } }),
    ),
  ).body
  await store.owner.query("delete from guests where email = 'gone@example.com'")
  assert.equal(must(200, await staff.get(`bookings/${id}`)).body.guest, null)
  const { items } = must(200, await staff.get(`bookings?property_id=${property_id}`)).body
  assert.deepEqual(
    items.map((item: { guest: unknown }) => item.guest),
    [null],
  )
})
