// The guest of a booking: linked by e-mail or id, with the name and contact that were given for the booking.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castPerTest } from '../../../test/harness.ts'
import { codeOf, findings, must, newProperty, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, outsider, store } = await castPerTest()
const missing = '00000000-0000-7000-8000-00000000dead'
const grace = { first_name: 'Grace', last_name: 'Hopper', email: 'grace@example.com', phone: '+1 555 0100 200' }
const stored = { ...grace, phone: '+15550100200', country: null }

let day = 0
async function book(more: object) {
  day += 1
  const check_in = new Date(Date.UTC(2031, 0, day)).toISOString().slice(0, 10)
  return must(201, await staff.post('bookings', stay(await newProperty(manager), check_in, 1, more))).body
}

const read = async (id: string) => must(200, await manager.get(`bookings/${id}`)).body

async function entriesOf(id: string): Promise<Record<string, unknown>[]> {
  const { rows } = await store.owner.query('select action, after from audit_log where entity_id = $1 order by id', [id])
  return rows
}

test('a second booking with the same e-mail has its own name and contact, and changes nobody', async () => {
  const first = await book({ guest: grace })
  const second = await book({ guest: { first_name: 'Vincent', last_name: 'Foster', email: 'Grace@Example.COM' } })
  const third = await book({ guest: { ...grace, phone: '030 1234567' } })
  const { id } = first.guest
  assert.deepEqual(first.guest, { id, ...stored })
  assert.deepEqual(second.guest, { id, ...stored, first_name: 'Vincent', last_name: 'Foster' }, 'phone of the guest')
  assert.deepEqual(third.guest, { id, ...stored, phone: '0301234567' })
  for (const booking of [first, second, third]) assert.deepEqual(await read(booking.id), booking)
  const { items } = must(200, await staff.get(`bookings?guest_id=${id}&sort=check_in`)).body
  assert.deepEqual(items, [first, second, third])
  const guest = must(200, await staff.get(`guests/${id}`)).body
  assert.deepEqual([guest.first_name, guest.phone, guest.version], ['Grace', stored.phone, 1])
  assert.deepEqual(await entriesOf(id), [{ action: 'guest.created', after: null }])
})

test('a phone number is added to a known guest who has none', async () => {
  const { phone: _, ...unreachable } = grace
  const { guest } = await book({ guest: unreachable })
  assert.equal((await book({ guest: grace })).guest.id, guest.id)
  const { phone, version } = must(200, await staff.get(`guests/${guest.id}`)).body
  assert.deepEqual([phone, version], [stored.phone, 2])
  assert.deepEqual((await entriesOf(guest.id)).at(-1), { action: 'guest.updated', after: { changed: ['phone'] } })
})

test('a booking for a guest_id has name and contact of that guest, and keeps them', async () => {
  const guest = must(201, await staff.post('guests', grace)).body
  const booking = await book({ guest_id: guest.id.toUpperCase() })
  assert.deepEqual(booking.guest, { id: guest.id, ...stored })
  must(200, await staff.patch(`guests/${guest.id}`, { last_name: 'Murray', email: null }))
  assert.deepEqual(await read(booking.id), booking)
  const current = { ...stored, last_name: 'Murray', email: null, id: guest.id }
  const renewed = must(200, await manager.patch(`bookings/${booking.id}`, { guest_id: guest.id })).body
  assert.deepEqual(renewed.guest, current)
  assert.deepEqual((await entriesOf(booking.id)).at(-1)?.after, {
    version: 2,
    updated_at: renewed.updated_at,
    guest_changed: ['last_name', 'email'],
  })
})

test('a hold converts for a guest_id', async () => {
  const guest = must(201, await staff.post('guests', grace)).body
  const hold = must(
    201,
    await staff.post('holds', {
      property_id: await newProperty(manager),
      check_in: '2031-01-01',
      check_out: '2031-01-02',
    }),
  ).body
  const converted = await staff.post(`holds/${hold.id}/booking`, { num_adults: 1, guest_id: guest.id })
  assert.equal(must(201, converted).body.guest.id, guest.id)
})

test('an unknown, foreign or anonymised guest_id, or one beside guest, changes nothing', async () => {
  const booking = await book({ guest: grace })
  const foreign = must(201, await outsider.post('guests', grace)).body.id
  const gone = must(201, await staff.post('guests', { first_name: 'A', last_name: 'B' })).body.id
  must(200, await admin.post(`guests/${gone}/anonymisation`))
  const cases: [status: number, code: string, found: string[], body: object][] = [
    [404, 'GUEST_NOT_FOUND', ['/guest_id NOT_FOUND'], { guest_id: missing }],
    [404, 'GUEST_NOT_FOUND', ['/guest_id NOT_FOUND'], { guest_id: foreign }],
    [422, 'VALIDATION_ERROR', ['/guest_id NOT_TOGETHER'], { guest_id: booking.guest.id, guest: grace }],
    [422, 'VALIDATION_ERROR', ['/guest_id INVALID'], { guest_id: '7' }],
  ]
  const property_id = await newProperty(manager)
  for (const [status, code, found, body] of cases) {
    const created = must(status, await staff.post('bookings', stay(property_id, '2031-01-01', 1, body)))
    const patched = must(status, await manager.patch(`bookings/${booking.id}`, body))
    for (const reply of [created, patched]) assert.deepEqual([codeOf(reply), findings(reply)], [code, found])
  }
  const refused = must(409, await manager.patch(`bookings/${booking.id}`, { guest_id: gone }))
  assert.deepEqual([codeOf(refused), refused.body.error.message], ['CONFLICT', 'The guest has been anonymised.'])
  assert.deepEqual(await read(booking.id), booking)
})

test('PATCH corrects the name on the booking; removing the guest removes name and contact', async () => {
  const booking = await book({ guest: grace })
  const guest = { ...grace, first_name: 'Grace B.' }
  const corrected = must(200, await manager.patch(`bookings/${booking.id}`, { guest })).body
  assert.deepEqual(corrected.guest, { ...booking.guest, first_name: 'Grace B.' })
  assert.equal(must(200, await staff.get(`guests/${booking.guest.id}`)).body.first_name, 'Grace')
  must(200, await manager.patch(`bookings/${booking.id}`, { guest: null }))
  const columns = 'guest_id, guest_first_name, guest_last_name, guest_email, guest_phone'
  const { rows } = await store.owner.query(`select ${columns} from bookings where id = $1`, [booking.id])
  assert.deepEqual(Object.values(rows[0] ?? {}), [null, null, null, null, null])
})

test('both parts of a split booking keep the name', async () => {
  const [property_id, other] = [await newProperty(manager), await newProperty(manager)]
  const guest = { first_name: 'Vincent', last_name: 'Foster', email: grace.email }
  await book({ guest: grace })
  const booking = must(201, await staff.post('bookings', stay(property_id, '2032-01-01', 4, { guest }))).body
  const split = { property_id: other, check_in: '2032-01-03' }
  const { first, second } = must(201, await manager.post(`bookings/${booking.id}/split`, split)).body
  assert.deepEqual([first.guest, second.guest], [booking.guest, booking.guest])
  assert.deepEqual((await read(second.id)).guest, booking.guest)
})

test('a booking is found by the name and e-mail on it, and by those of its guest', async () => {
  const { id: owner_id } = must(200, await owner.get('me')).body.user
  const property_id = await newProperty(manager, { owner_id })
  const guest = { first_name: 'Vincent', last_name: 'Foster', email: grace.email }
  await book({ guest: grace })
  const { id, guest: linked } = must(
    201,
    await staff.post('bookings', stay(property_id, '2032-01-01', 1, { guest })),
  ).body
  must(200, await staff.patch(`guests/${linked.id}`, { last_name: 'Murray', email: 'murray@example.com' }))
  const idsFor = async (q: string, client = staff) =>
    must(200, await client.get(`bookings?property_id=${property_id}&q=${q}`)).body.items.map(
      ({ id }: { id: string }) => id,
    )
  for (const q of ['vincent%20fos', 'GRACE@', 'murray', 'murray@example']) assert.deepEqual(await idsFor(q), [id], q)
  assert.deepEqual(await idsFor('vincent', owner), [], 'owners cannot search by guest')
  const [item] = must(200, await owner.get(`bookings?property_id=${property_id}`)).body.items
  assert.deepEqual(item.guest, { last_name: 'Foster', country: null })
  assert.deepEqual(must(200, await owner.get(`bookings/${id}`)).body.guest, { last_name: 'Foster', country: null })
})

test('a booking from before this release shows its guest, and is found by it', async () => {
  const booking = await book({ guest: grace })
  await store.owner.query(
    'update bookings set guest_first_name = null, guest_last_name = null, guest_email = null, guest_phone = null where id = $1',
    [booking.id],
  )
  const shown = await read(booking.id)
  assert.deepEqual(shown.guest, booking.guest)
  const { items } = must(200, await staff.get(`bookings?guest_id=${booking.guest.id}&q=hopper`)).body
  assert.deepEqual(items, [shown])
})

test('concurrent bookings with a new e-mail make one guest', async () => {
  const bookings = await Promise.all(
    ['Ada', 'Grace', 'Edsger'].map((first_name) => book({ guest: { ...grace, first_name } })),
  )
  assert.equal(new Set(bookings.map(({ guest }) => guest.id)).size, 1)
  assert.deepEqual(
    bookings.map(({ guest }) => guest.first_name),
    ['Ada', 'Grace', 'Edsger'],
  )
})
