// GDPR erasure and export of a guest: what is erased, what prevents it, and what an export contains.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, players } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { codeOf, dayAfter, must, newProperty, stay } from '../../../test/steps.ts'

const { admin, manager, staff, outsider, store } = await cast()
const words = { guest_message: 'Slartibartfast is allergic', internal_notes: 'Slartibartfast tips well' }

async function rowsOf(text: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

let people = 0

/** A guest with a stay on this day, booked from a hold. The day is one of the agency's time zone. */
async function guestWith(check_in: string, more: object = {}) {
  people += 1
  const guest = {
    first_name: 'Slartibartfast',
    last_name: 'Magrathea',
    email: `slarti${people}@example.com`,
    phone: '+4499887766',
  }
  const property_id = await newProperty(manager)
  const body = { property_id, check_in, check_out: dayAfter(check_in, 2), notes: 'Slartibartfast calls back' }
  const hold = must(201, await staff.post('holds', body)).body
  const booking = must(
    201,
    await staff.post(`holds/${hold.id}/booking`, { num_adults: 2, guest, ...words, ...more }),
  ).body
  return { id: booking.guest.id as string, booking, email: guest.email }
}

async function today(): Promise<string> {
  const [row] = await rowsOf("select to_char(now() at time zone 'Europe/Berlin', 'YYYY-MM-DD') as day")
  return String(row?.day)
}

test('an anonymised guest is in no row any more, and the bookings stay', async () => {
  const { id, booking, email } = await guestWith('2020-05-10')
  const cancelled = must(
    201,
    await staff.post(
      'bookings',
      stay(booking.property_id, '2031-01-01', 2, {
        guest: { first_name: 'Slartibartfast', last_name: 'Magrathea', email },
      }),
    ),
  ).body
  const why = { cancelled_by: 'guest', reason: 'Slartibartfast is ill' }
  must(200, await manager.post(`bookings/${cancelled.id}/cancellation`, why))
  const { version } = (await admin.get(`bookings/${booking.id}`)).body
  const { body } = must(200, await admin.post(`guests/${id}/anonymisation`))
  assert.deepEqual(
    [body.first_name, body.last_name, body.email, body.phone, body.num_stays],
    ['Anonymised', 'Guest', null, null, 1],
  )
  assert.ok(Date.parse(body.anonymised_at) > 0)
  const after = must(200, await admin.get(`bookings/${booking.id}`)).body
  assert.deepEqual([after.guest_message, after.internal_notes, after.total_cents], [null, null, booking.total_cents])
  assert.equal(after.version, version + 1)
  for (const table of ['guests', 'bookings', 'holds', 'audit_log', 'occupancies']) {
    const found = await rowsOf(`select x::text from ${table} x where x::text ~* 'slarti|magrathea|99887766'`)
    assert.deepEqual(found, [], table)
  }
  const log = await rowsOf(
    'select actor_id, before, after from audit_log where entity_id = $1 and action = $2',
    id,
    'guest.anonymised',
  )
  assert.deepEqual(log, [{ actor_id: players.admin.user_id, before: null, after: null }])
})

test('a second anonymisation changes nothing, and the record cannot be filled again', async () => {
  const { id, booking, email } = await guestWith('2020-05-10')
  const first = must(200, await admin.post(`guests/${id}/anonymisation`))
  const second = must(200, await admin.post(`guests/${id}/anonymisation`))
  assert.equal(second.text, first.text)
  assert.equal((await admin.get(`bookings/${booking.id}`)).body.version, 2)
  const refused = must(409, await admin.patch(`guests/${id}`, { email }))
  assert.deepEqual([codeOf(refused), refused.body.error.message], ['CONFLICT', 'The guest has been anonymised.'])
  const again = must(201, await staff.post('guests', { first_name: 'A', last_name: 'B', email }))
  assert.notEqual(again.body.id, id)
})

test('a current or upcoming stay, the day of departure and an open inquiry prevent erasure', async () => {
  const day = await today()
  for (const [check_in, more] of [
    ['2031-05-10', {}],
    ['2031-05-10', { status: 'pending' }],
    [dayAfter(day, -1), {}],
    [dayAfter(day, -2), {}],
  ] as const) {
    const { id, booking } = await guestWith(check_in, more)
    const refused = must(409, await admin.post(`guests/${id}/anonymisation`), check_in)
    assert.equal(codeOf(refused), 'CONFLICT')
    assert.match(refused.body.error.message, /has a current or upcoming stay/)
    assert.equal(refused.body.error.meta.booking.reference, booking.reference)
    assert.equal((await admin.get(`guests/${id}`)).body.first_name, 'Slartibartfast')
    assert.equal((await admin.get(`bookings/${booking.id}`)).body.guest_message, words.guest_message)
  }
  const there = await guestWith('2020-05-10')
  await rowsOf("update bookings set status = 'checked_in' where id = $1", there.booking.id)
  must(409, await admin.post(`guests/${there.id}/anonymisation`))
  const gone = await guestWith(dayAfter(day, -3))
  must(200, await admin.post(`guests/${gone.id}/anonymisation`))
  const inquiry = stay(castProperties.town.id, '2031-05-10', 2, {
    status: 'inquiry',
    guest: { first_name: 'I', last_name: 'Q' },
  })
  const asking = must(201, await staff.post('bookings', inquiry)).body.guest.id
  must(409, await admin.post(`guests/${asking}/anonymisation`))
})

test('texts of a booking are erased with its former guest', async () => {
  const { id, booking } = await guestWith('2020-05-10')
  const other = { first_name: 'Arthur', last_name: 'Dent', email: 'arthur@example.com' }
  const { guest } = must(200, await manager.patch(`bookings/${booking.id}`, { guest: other })).body
  must(200, await admin.post(`guests/${id}/anonymisation`))
  const after = must(200, await admin.get(`bookings/${booking.id}`)).body
  assert.deepEqual([after.guest_message, after.internal_notes], [null, null])
  assert.deepEqual([after.guest.id, after.guest.last_name], [guest.id, 'Dent'])
  const [hold] = await rowsOf('select notes from holds where booking_id = $1', booking.id)
  assert.equal(hold?.notes, null)
})

test('texts of a booking without a guest are erased with the guest that it had', async () => {
  const { id, booking } = await guestWith('2020-05-10')
  must(200, await manager.patch(`bookings/${booking.id}`, { guest: null }))
  must(200, await manager.patch(`bookings/${booking.id}`, { guest: { first_name: 'A', last_name: 'B' } }))
  must(200, await admin.post(`guests/${id}/anonymisation`))
  const { guest_message, internal_notes } = must(200, await admin.get(`bookings/${booking.id}`)).body
  assert.deepEqual([guest_message, internal_notes], [null, null])
})

test('an erasure clears stored responses of every person about the guest, and no others', async () => {
  const keyed = (client: typeof staff, path: string, body: object, key: string) =>
    client.post(path, body, { 'idempotency-key': key })
  const ada = { first_name: 'Trillian', last_name: 'Astra', email: 'trillian@example.com' }
  const made = must(201, await keyed(staff, 'guests', ada, 'same-key')).body
  const stranger = { ...ada, first_name: 'Tricia', email: 'tricia@example.com' }
  const kept = must(201, await keyed(manager, 'guests', stranger, 'same-key'))
  const elsewhere = must(201, await keyed(outsider, 'guests', ada, 'same-key'))
  const mine = must(200, await keyed(admin, `guests/${made.id}/anonymisation`, {}, 'erase'))
  const { meta } = must(410, await keyed(staff, 'guests', ada, 'same-key')).body.error
  assert.deepEqual(meta, { reason: 'erased', status: 201, location: `/api/v1/guests/${made.id}` })
  assert.equal((await keyed(manager, 'guests', stranger, 'same-key')).text, kept.text)
  assert.equal((await keyed(outsider, 'guests', ada, 'same-key')).text, elsewhere.text)
  assert.equal((await keyed(admin, `guests/${made.id}/anonymisation`, {}, 'erase')).text, mine.text)
  const [row] = await rowsOf(
    "select length(fingerprint) as print, body, headers from idempotency_keys where key = 'same-key' and actor_id = $1",
    players.staff.user_id,
  )
  assert.deepEqual(row, { print: 0, body: null, headers: { location: `/api/v1/guests/${made.id}` } })
})

test('stored responses of the previous release, without record ids, are cleared by any erasure', async () => {
  const { id } = await guestWith('2020-05-10')
  const keyed = () => staff.post('guests', { first_name: 'Ford', last_name: 'Prefect' }, { 'idempotency-key': 'old' })
  const first = must(201, await keyed())
  await rowsOf("update idempotency_keys set entity_ids = null, actor_role = null where key = 'old'")
  assert.equal((await keyed()).text, first.text)
  must(200, await admin.post(`guests/${id}/anonymisation`))
  must(410, await keyed())
})

test('an export has every column of the guest, bookings, holds and history; the log has the fact', async () => {
  const { id, booking, email } = await guestWith('2020-05-10')
  must(204, await manager.delete(`bookings/${booking.id}`))
  const { body } = must(200, await admin.post(`guests/${id.toUpperCase()}/export`))
  const columns = async (table: string) => {
    const rows = await rowsOf(
      "select column_name from information_schema.columns where table_schema = 'public' and table_name = $1",
      table,
    )
    return (
      rows
        .map(({ column_name }) => String(column_name))
        // The ids of former guests belong to other people; the last two repeat name and contact.
        .filter((name) => !['agency_id', 'former_guest_ids', 'search_text', 'sort_name'].includes(name))
        .sort()
    )
  }
  assert.deepEqual(Object.keys(body.guest).sort(), await columns('guests'))
  assert.deepEqual(Object.keys(body.bookings[0]).sort(), [...(await columns('bookings')), 'property_name'].sort())
  assert.deepEqual(Object.keys(body.holds[0]).sort(), await columns('holds'))
  assert.deepEqual([body.guest.email, body.bookings.length, body.holds.length], [email, 1, 1])
  assert.equal(body.bookings[0].guest_message, words.guest_message)
  assert.deepEqual(
    body.history.map(({ action, by }: Record<string, string>) => [action, by]),
    [
      ['guest.created', 'staff'],
      ['guest.exported', 'admin'],
    ],
  )
  const log = await rowsOf(
    'select before, after from audit_log where entity_id = $1 and action = $2',
    id,
    'guest.exported',
  )
  assert.deepEqual(log, [{ before: null, after: null }])
})

test('only an admin of the agency can anonymise or export a guest', async () => {
  const { id } = await guestWith('2020-05-10')
  for (const step of ['anonymisation', 'export']) {
    must(403, await manager.post(`guests/${id}/${step}`))
    must(403, await staff.post(`guests/${id}/${step}`))
    assert.equal(codeOf(must(404, await outsider.post(`guests/${id}/${step}`))), 'GUEST_NOT_FOUND')
  }
  assert.equal((await admin.get(`guests/${id}`)).body.first_name, 'Slartibartfast')
})
