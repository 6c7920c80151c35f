// Tests the audit entries of bookings: one per change, none when refused, no contact data.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, players, south } from '../../../test/cast.ts'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { localToday, must, newProperty, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, accountant, former, outsider, anonymous, store } = await castPerTest()
const guest = { first_name: 'Firstname', last_name: 'Lastname', email: 'contact@example.com', phone: '+43111222333' }

/** The audit entries written since the last call, oldest first. */
async function newEntries(): Promise<Record<string, unknown>[]> {
  const { rows } = await store.owner.query('select * from audit_log where not id = any($1) order by ctid', [
    [...seen_ids],
  ])
  for (const { id } of rows) seen_ids.add(id as string)
  return rows.map(({ id: _, created_at: __, xact_id: ___, ...row }) => row)
}
const seen_ids = new Set<string>()

const writtenBy = (name: 'admin' | 'manager' | 'staff', request_id: string) => ({
  agency_id: north,
  request_id,
  actor_id: players[name].user_id,
  actor_role: name,
})
const eventOf = (version: number | null, property_id: string | null) => ({
  version,
  property_id,
  former_property_id: null,
})
const requestId = (request_id: string) => ({ 'x-request-id': request_id })

/** A booking as stored in an audit entry: without the guest's data. */
function withoutGuest({ guest, ...booking }: Reply['body']): object {
  return { ...booking, guest_id: guest?.id ?? null }
}

test('a booking for a new guest writes one audit entry for the guest and one for the booking', async () => {
  const property_id = await newProperty(manager)
  await newEntries()
  const { body } = must(
    201,
    await staff.post('bookings', stay(property_id, '2031-01-01', 3, { guest }), requestId('req-1')),
  )
  assert.deepEqual(await newEntries(), [
    {
      ...writtenBy('staff', 'req-1'),
      action: 'guest.created',
      entity_type: 'guest',
      entity_id: body.guest.id,
      ...eventOf(1, null),
      before: null,
      after: null,
    },
    {
      ...writtenBy('staff', 'req-1'),
      action: 'booking.created',
      entity_type: 'booking',
      entity_id: body.id,
      ...eventOf(1, property_id),
      before: null,
      after: withoutGuest(body),
    },
  ])
})

test('a booking for a known guest or without a guest writes one entry', async () => {
  const property_id = await newProperty(manager)
  must(201, await admin.post('bookings', stay(property_id, '2030-12-01', 1, { guest })))
  await newEntries()
  const { body } = must(
    201,
    await admin.post('bookings', stay(property_id, '2031-01-01', 1, { guest }), requestId('req-2')),
  )
  must(201, await admin.post('bookings', stay(property_id, '2031-01-02', 1), requestId('req-3')))
  assert.deepEqual(
    (await newEntries()).map(({ action, entity_id, request_id, actor_id }) => [
      action,
      entity_id,
      request_id,
      actor_id,
    ]),
    [
      ['booking.created', body.id, 'req-2', players.admin.user_id],
      [
        'booking.created',
        must(200, await staff.get(`bookings?property_id=${property_id}&limit=1`)).body.items[0].id,
        'req-3',
        players.admin.user_id,
      ],
    ],
  )
})

test('an update writes one audit entry with the changed fields, before and after', async () => {
  const property_id = await newProperty(manager)
  const booking = must(201, await staff.post('bookings', stay(property_id, '2031-01-01', 3, { guest }))).body
  await newEntries()
  const patch = { check_out: '2031-01-05', payment_status: 'paid', num_adults: 2 }
  const changed = must(200, await manager.patch(`bookings/${booking.id}`, patch, requestId('req-4'))).body
  const names = [
    'check_out',
    'num_nights',
    'subtotal_cents',
    'total_cents',
    'paid_cents',
    'payment_status',
    'version',
    'updated_at',
  ]
  const pick = (from: Reply['body']) => Object.fromEntries(names.map((name) => [name, from[name]]))
  assert.deepEqual(await newEntries(), [
    {
      ...writtenBy('manager', 'req-4'),
      action: 'booking.updated',
      entity_type: 'booking',
      entity_id: booking.id,
      ...eventOf(2, property_id),
      before: pick(booking),
      after: pick(changed),
    },
  ])
})

test('a deletion writes one audit entry with the deleted booking', async () => {
  const property_id = await newProperty(manager)
  const booking = must(201, await staff.post('bookings', stay(property_id, '2031-01-01', 3, { guest }))).body
  await newEntries()
  must(204, await admin.delete(`bookings/${booking.id}`, requestId('req-5')))
  assert.deepEqual(await newEntries(), [
    {
      ...writtenBy('admin', 'req-5'),
      action: 'booking.deleted',
      entity_type: 'booking',
      entity_id: booking.id,
      ...eventOf(2, property_id),
      before: withoutGuest(booking),
      after: null,
    },
  ])
})

test('refused requests write no audit entries', async () => {
  const property_id = await newProperty(manager)
  const { id } = must(
    201,
    await staff.post('bookings', stay(property_id, '2031-01-01', 3, { source: 'airbnb', external_code: 'A' })),
  ).body
  must(201, await staff.post('bookings', stay(property_id, '2031-01-04', 3)))
  const deleted_id = must(201, await staff.post('bookings', stay(property_id, '2031-02-01', 3))).body.id
  must(204, await manager.delete(`bookings/${deleted_id}`))
  await newEntries()
  const body = (day: string, more: object = {}) => stay(property_id, day, 2, { guest, ...more })
  must(409, await staff.post('bookings', body('2031-01-02')))
  must(409, await staff.post('bookings', body('2031-03-01', { source: 'airbnb', external_code: 'A' })))
  must(422, await staff.post('bookings', body('2031-03-01', { num_adults: 5 })))
  must(422, await staff.post('bookings', body('2031-03-01', { guest: { ...guest, phone: '(------)' } })))
  must(422, await staff.post('bookings', body('2031-03-01', { total_cents: 1, tax_cents: 2 })))
  must(404, await staff.post('bookings', { ...body('2031-03-01'), property_id: castProperties.beach.id }))
  for (const client of [owner, accountant, former]) must(403, await client.post('bookings', body('2031-03-01')))
  must(401, await anonymous.post('bookings', body('2031-03-01')))
  must(409, await manager.patch(`bookings/${id}`, { check_out: '2031-01-05' }))
  must(422, await manager.patch(`bookings/${id}`, { total_cents: 1 }))
  must(403, await staff.patch(`bookings/${id}`, { num_adults: 1 }))
  must(403, await staff.delete(`bookings/${id}`))
  must(404, await outsider.patch(`bookings/${id}`, { num_adults: 1 }))
  must(404, await outsider.delete(`bookings/${id}`))
  must(404, await manager.delete(`bookings/${deleted_id}`))
  assert.deepEqual(await newEntries(), [])
  const { rows } = await store.owner.query('select count(*)::int as n from bookings where property_id = $1', [
    property_id,
  ])
  assert.deepEqual(rows, [{ n: 3 }])
})

test('audit entries belong to the agency of the caller', async () => {
  await newEntries()
  const { body } = must(201, await outsider.post('bookings', stay(castProperties.beach.id, '2031-01-01', 1, { guest })))
  const rows = await newEntries()
  assert.deepEqual(
    rows.map(({ agency_id, action }) => [agency_id, action]),
    [
      [south, 'guest.created'],
      [south, 'booking.created'],
    ],
  )
  assert.equal(rows[1]?.entity_id, body.id)
  assert.match(String(rows[0]?.request_id), /^[0-9a-f-]{36}$/, 'a request without an id is given one')
  assert.equal(rows[1]?.request_id, rows[0]?.request_id)
})

test('no audit entry contains the name, e-mail or phone number of a guest', async () => {
  const property_id = await newProperty(manager)
  const { body } = must(201, await staff.post('bookings', stay(property_id, localToday(), 1, { guest })))
  must(200, await manager.patch(`bookings/${body.id}`, { num_adults: 1, guest: { ...guest, last_name: 'Othername' } }))
  must(200, await manager.patch(`bookings/${body.id}/status`, { status: 'checked_in' }))
  must(204, await admin.delete(`bookings/${body.id}`))
  const { rows } = await store.owner.query('select a::text as line from audit_log a where agency_id = $1', [north])
  const all = rows.map(({ line }) => line).join('\n')
  assert.ok(rows.length >= 6, `${rows.length} rows`)
  for (const secret of [...Object.values(guest), 'Othername', '43111222333']) assert.ok(!all.includes(secret), secret)
})

test('a change is rolled back when its audit entry cannot be written', async (t) => {
  const property_id = await newProperty(manager)
  const { id } = must(201, await staff.post('bookings', stay(property_id, '2031-01-01'))).body
  await store.owner.query("alter table audit_log add constraint broken check (action not like 'booking.%') not valid")
  t.after(() => store.owner.query('alter table audit_log drop constraint broken'))
  const replies = [
    await staff.post(
      'bookings',
      stay(property_id, '2031-02-01', 1, { guest: { ...guest, email: 'unsaved@example.com' } }),
    ),
    await manager.patch(`bookings/${id}`, { num_adults: 1 }),
    await manager.delete(`bookings/${id}`),
  ]
  for (const { status } of replies) assert.ok(status >= 400, String(status))
  const { body } = must(200, await staff.get(`bookings/${id}`))
  assert.deepEqual([body.num_adults, body.version, body.status], [2, 1, 'confirmed'])
  const { rows } = await store.owner.query(
    `select (select count(*)::int from bookings where property_id = $1) as bookings,
       (select count(*)::int from occupancies where property_id = $1) as nights,
       (select count(*)::int from guests where email = 'unsaved@example.com') as guests`,
    [property_id],
  )
  assert.deepEqual(rows, [{ bookings: 1, nights: 1, guests: 0 }])
})
