// Guests: create, find, change and list; the audit log never contains a guest's data.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, players } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { codeOf, dayAfter, findings, must, newProperty, readAllPages, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, accountant, outsider, store } = await castPerTest()
const missing = '00000000-0000-7000-8000-00000000dead'
const ada = { first_name: 'Ada', last_name: 'Lovelace', email: 'Ada@Example.com', phone: '+43 (1) 234-567' }

async function rowsOf(text: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

/** A new guest's data. */
async function newGuest(more: object = {}) {
  return must(201, await staff.post('guests', { first_name: 'Grace', last_name: 'Hopper', ...more })).body
}

const namesOf = async (query: string) =>
  must(200, await staff.get(`guests?${query}`)).body.items.map((item: Record<string, string>) => item.first_name)

test('a guest is created, read with the totals of their stays, and changed', async () => {
  const reply = must(201, await staff.post('guests', ada))
  const { id, created_at: _, updated_at: __, ...rest } = reply.body
  const person = {
    ...ada,
    email: 'ada@example.com',
    phone: '+431234567',
    country: null,
    anonymised_at: null,
    version: 1,
  }
  assert.deepEqual(rest, { ...person, num_stays: 0, first_check_in: null, last_check_out: null })
  assert.equal(reply.headers.location, `/api/v1/guests/${id}`)
  const property_id = await newProperty(manager)
  const book = (day: string, more: object = {}) =>
    staff.post('bookings', stay(property_id, day, 3, { guest: { ...ada, email: 'ada@example.com' }, ...more }))
  must(201, await book('2031-05-10'))
  must(201, await book('2029-05-10'))
  must(201, await book('2028-05-10', { status: 'inquiry' }))
  const cancelled = must(201, await book('2035-05-10')).body
  must(200, await manager.post(`bookings/${cancelled.id}/cancellation`, { cancelled_by: 'guest' }))
  must(204, await manager.delete(`bookings/${must(201, await book('2036-05-10')).body.id}`))
  const { body } = must(200, await staff.get(`guests/${id}`))
  assert.deepEqual(
    [body.num_stays, body.first_check_in, body.last_check_out],
    [2, '2029-05-10', '2031-05-13'],
    'inquiries, cancelled and deleted bookings are no stays',
  )
  const patch = { last_name: 'King', phone: null, email: 'KING@example.com' }
  const changed = must(200, await manager.patch(`guests/${id}`, patch)).body
  assert.deepEqual([changed.last_name, changed.phone, changed.email], ['King', null, 'king@example.com'])
  assert.equal(changed.version, 2)
})

test('the audit log has the names of changed fields and no value of a guest', async () => {
  const secret = {
    first_name: 'Secretfirst',
    last_name: 'Secretlast',
    email: 'secret@example.com',
    phone: '+4399999999',
  }
  const { id } = await newGuest(secret)
  must(200, await staff.patch(`guests/${id}`, { first_name: 'Secretother', phone: '+43 999 99999' }))
  must(200, await staff.patch(`guests/${id}`, { first_name: 'Secretother' }))
  const booked = stay(await newProperty(manager), '2031-01-01', 2, {
    guest: { ...secret, last_name: 'Secretthird', phone: '7777777' },
  })
  must(201, await staff.post('bookings', booked))
  const rows = await rowsOf(
    'select action, actor_id, before, after from audit_log where entity_id = $1 order by ctid',
    id,
  )
  const actor_id = players.staff.user_id
  assert.deepEqual(rows, [
    { action: 'guest.created', actor_id, before: null, after: null },
    { action: 'guest.updated', actor_id, before: null, after: { changed: ['first_name'] } },
  ])
  const [log] = await rowsOf("select string_agg(l::text, ' ') as text from audit_log l")
  assert.doesNotMatch(String(log?.text), /secret|9999999/i)
})

test("an e-mail in any spelling belongs to one guest; a conflict contains the guest's id", async () => {
  const { id } = await newGuest({ email: 'one@example.com' })
  const other = await newGuest({ email: 'two@example.com' })
  const replies = [
    await staff.post('guests', { first_name: 'A', last_name: 'B', email: 'One@Example.com' }),
    await staff.patch(`guests/${other.id}`, { email: 'ONE@example.com' }),
  ]
  for (const reply of replies) {
    assert.deepEqual([reply.status, codeOf(reply), findings(reply)], [409, 'CONFLICT', ['/email TAKEN']])
    assert.deepEqual(reply.body.error.meta, { guest_id: id })
  }
  must(200, await staff.patch(`guests/${other.id}`, { email: 'TWO@example.com' }))
  const theirs = must(201, await outsider.post('guests', { first_name: 'A', last_name: 'B', email: 'one@example.com' }))
  assert.notEqual(theirs.body.id, id)
})

test('of ten concurrent creations with one e-mail exactly one succeeds', async () => {
  const body = { first_name: 'R', last_name: 'G', email: 'race@example.com' }
  const replies = await Promise.all(Array.from({ length: 10 }, () => staff.post('guests', body)))
  const [winner, ...others] = replies.toSorted((a, b) => a.status - b.status)
  assert.equal(winner?.status, 201)
  for (const { status, body: answer } of others) {
    assert.equal(status, 409)
    assert.equal(answer.error.meta.guest_id, winner?.body.id)
  }
})

test('an invalid field is refused with a pointer, and nothing changes', async () => {
  const { id, ...guest } = await newGuest()
  const wrong: readonly [object, string][] = [
    [{ first_name: '' }, '/first_name'],
    [{ last_name: null }, '/last_name'],
    [{ email: 'nobody' }, '/email'],
    [{ phone: '()()()()' }, '/phone'],
    [{ phone: '123' }, '/phone'],
    [{ anonymised_at: null }, '/anonymised_at'],
  ]
  for (const [patch, pointer] of wrong) {
    const refused = must(422, await staff.patch(`guests/${id}`, patch))
    assert.equal(refused.body.error.details[0].pointer, pointer)
  }
  must(422, await staff.patch(`guests/${id}`, {}))
  const made = must(422, await staff.post('guests', { first_name: 'A', last_name: 'B', phone: '()()()()' }))
  assert.equal(made.body.error.details[0].pointer, '/phone')
  assert.deepEqual((await staff.get(`guests/${id}`)).body, { id, ...guest })
})

test('guests are found by part of name, e-mail or phone, by e-mail, and by change time', async () => {
  await newGuest({ first_name: 'Wanda', last_name: 'Fi_nd', email: 'wanda.find@example.org', phone: '+43 660 1234567' })
  await newGuest({ first_name: 'Willi', last_name: 'Findl', email: 'willi@example.org' })
  assert.deepEqual(await namesOf('q=wanda%20fi'), ['Wanda'])
  assert.deepEqual(await namesOf('q=fi_nd'), ['Wanda'], 'a wildcard is taken literally')
  assert.deepEqual(await namesOf('q=findl%20willi'), ['Willi'])
  assert.deepEqual(await namesOf('q=EXAMPLE.org'), ['Wanda', 'Willi'])
  assert.deepEqual(await namesOf('q=0660%2F123'), [], 'the stored number begins with the country code')
  assert.deepEqual(await namesOf('q=660%2F123'), ['Wanda'])
  assert.deepEqual(await namesOf('q=()'), [], 'a search without digits matches no number')
  assert.deepEqual(await namesOf('email=WILLI@example.org'), ['Willi'])
  assert.deepEqual(await namesOf('email=illi@example.org'), [])
  const [willi] = await rowsOf(
    `select to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as changed from guests
     where first_name = 'Willi'`,
  )
  assert.deepEqual(await namesOf(`updated_since=${willi?.changed}&q=find`), ['Willi'])
  must(422, await staff.get('guests?updated_since=yesterday'))
  must(422, await staff.get('guests?colour=red'))
})

test('guests are listed by last and first name, page by page, each once', async () => {
  const names = ['Zoe Adams', 'Amy Adams', 'Amy Adams', 'Bob Quill', 'Cy Zed']
  for (const name of names) {
    const [first_name, last_name] = name.split(' ')
    await newGuest({ first_name, last_name: `Pg${last_name}` })
  }
  const guests = await readAllPages(staff, 'guests?q=Pg&limit=2')
  const found = guests.map(({ first_name, last_name }) => `${first_name} ${last_name}`)
  assert.deepEqual(found, ['Amy PgAdams', 'Amy PgAdams', 'Zoe PgAdams', 'Bob PgQuill', 'Cy PgZed'])
  assert.equal(new Set(guests.map(({ id }) => id)).size, 5)
})

test("a guest's stays are listed latest first, with property, dates, status and total", async () => {
  const property_id = await newProperty(manager)
  const guest = { first_name: 'Stay', last_name: 'Often', email: 'often@example.com' }
  const bookings: Record<string, unknown>[] = []
  for (let i = 0; i < 4; i++) {
    const body = stay(property_id, dayAfter('2030-01-01', i * 10), 3, { guest })
    bookings.unshift(must(201, await staff.post('bookings', body)).body)
  }
  must(204, await manager.delete(`bookings/${bookings.shift()?.id}`))
  const { id } = must(200, await staff.get('guests?email=often@example.com')).body.items[0]
  const first = must(200, await staff.get(`guests/${id}/bookings?limit=2`)).body
  const second = must(
    200,
    await staff.get(`guests/${id.toUpperCase()}/bookings?limit=2&cursor=${first.next_cursor}`),
  ).body
  const expected = bookings.map((booking) => ({
    id: booking.id,
    reference: booking.reference,
    property_id,
    property_name: 'Home',
    check_in: booking.check_in,
    check_out: booking.check_out,
    num_nights: 3,
    status: 'confirmed',
    total_cents: 35_000,
    currency: 'EUR',
  }))
  assert.deepEqual([...first.items, ...second.items], expected)
  assert.equal(second.next_cursor, null)
  const other = await newGuest()
  const foreign = await staff.get(`guests/${other.id}/bookings?cursor=${first.next_cursor}`)
  assert.equal(codeOf(foreign), 'CURSOR_INVALID')
})

test('owners and accountants get 403, and another agency’s guests answer 404', async () => {
  const { id } = await newGuest({ email: 'north@example.com' })
  for (const client of [owner, accountant]) {
    must(403, await client.get('guests'))
    must(403, await client.get(`guests/${id}`))
    must(403, await client.get(`guests/${id}/bookings`))
    must(403, await client.post('guests', {}))
  }
  assert.deepEqual((await outsider.get('guests?email=north@example.com')).body.items, [])
  const lost = [
    await outsider.get(`guests/${id}`),
    await outsider.get(`guests/${id}/bookings`),
    await outsider.patch(`guests/${id}`, { phone: null }),
    await admin.get(`guests/${missing}`),
    await admin.get(`guests/${castProperties.lake.id}/bookings`),
  ]
  for (const reply of lost) assert.equal(codeOf(must(404, reply)), 'GUEST_NOT_FOUND')
})
