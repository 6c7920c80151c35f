// Proves what moving a booking does beside the status: times, nights, cancellations taken back, versions and ETags.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, dayAfter, findings, must, newHome, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, accountant, outsider, store } = await castPerTest()

async function book(property_id: string, check_in: string, more: object = {}): Promise<Reply['body']> {
  return must(201, await staff.post('bookings', stay(property_id, check_in, 3, more))).body
}

const read = async (id: string) => must(200, await staff.get(`bookings/${id}`)).body
const move = async (id: string, status: string) =>
  must(200, await admin.patch(`bookings/${id}/status`, { status }), status).body
const cancel = (id: string, body: object = { cancelled_by: 'guest' }) =>
  manager.post(`bookings/${id}/cancellation`, body)

async function rowsOf(text: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

async function nightsOf(property_id: string): Promise<unknown[]> {
  const rows = await rowsOf('select during::text from occupancies where property_id = $1 order by during', property_id)
  return rows.map(({ during }) => during)
}

const actionsOf = async (id: string) =>
  (await rowsOf('select action from audit_log where entity_id = $1 order by id', id)).map(({ action }) => action)

test('each step of a stay is given its time once, and the steps before keep theirs', async () => {
  const { id } = await book(await newHome(manager), '2031-01-01', { status: 'inquiry' })
  const times = ['confirmed_at', 'checked_in_at', 'checked_out_at', 'declined_at', 'no_show_at', 'cancelled_at']
  const timesOf = (body: Reply['body']) => times.filter((name) => body[name] !== null)
  assert.deepEqual(timesOf(await read(id)), [])
  assert.deepEqual(timesOf(await move(id, 'pending')), [])
  const confirmed = await move(id, 'confirmed')
  assert.deepEqual(timesOf(confirmed), ['confirmed_at'])
  await move(id, 'cancelled')
  const again = await move(id, 'confirmed')
  assert.equal(again.confirmed_at, confirmed.confirmed_at, 'the first time')
  assert.deepEqual(timesOf(again), ['confirmed_at'])
  await move(id, 'checked_in')
  const left = await move(id, 'checked_out')
  assert.deepEqual(timesOf(left), ['confirmed_at', 'checked_in_at', 'checked_out_at'])
  assert.equal(left.version, 7)
  assert.deepEqual(await read(id), left)
  const steps = ['created', 'pending', 'confirmed', 'cancelled', 'confirmed', 'checked_in', 'checked_out']
  assert.deepEqual(
    await actionsOf(id),
    steps.map((step) => `booking.${step}`),
  )
})

test('cancelling, declining and a no-show free the nights at once', async () => {
  const home = await newHome(manager)
  const ways: [from: string, to: string][] = [
    ['confirmed', 'cancelled'],
    ['pending', 'declined'],
    ['confirmed', 'no_show'],
  ]
  for (const [status, to] of ways) {
    const { id } = await book(home, '2031-05-10', { status })
    must(409, await staff.post('bookings', stay(home, '2031-05-10')))
    await move(id, to)
    assert.deepEqual(await nightsOf(home), [])
    must(201, await staff.post('bookings', stay(home, '2031-05-10')), to)
    await store.owner.query('delete from occupancies where property_id = $1', [home])
  }
})

test('an inquiry takes its nights when it is promised, unless somebody has them by then', async () => {
  const home = await newHome(manager)
  const [first, second] = [
    await book(home, '2031-05-10', { status: 'inquiry' }),
    await book(home, '2031-05-12', { status: 'inquiry' }),
  ]
  assert.deepEqual(await nightsOf(home), [])
  await move(first.id, 'pending')
  assert.deepEqual(await nightsOf(home), ['[2031-05-10,2031-05-13)'])
  for (const status of ['pending', 'confirmed']) {
    const reply = must(409, await manager.patch(`bookings/${second.id}/status`, { status }))
    assert.equal(codeOf(reply), 'BOOKING_CONFLICT')
    assert.deepEqual(reply.body.error.meta.conflict, {
      kind: 'booking',
      check_in: '2031-05-10',
      check_out: '2031-05-13',
    })
  }
  assert.deepEqual(await read(second.id), second)
  await move(first.id, 'declined')
  await move(second.id, 'confirmed')
  assert.deepEqual(await nightsOf(home), ['[2031-05-12,2031-05-15)'])
})

test('a cancellation says who did, why and what is paid back, and taking it back clears all of that', async () => {
  const home = await newHome(manager)
  const { id, total_cents } = await book(home, '2031-05-10')
  const body = { cancelled_by: 'guest', reason: 'Flight „cancelled“ ✈️', refund_cents: total_cents }
  const reply = must(200, await cancel(id, body))
  const { status, cancelled_by, cancellation_reason, refund_cents, cancelled_at, version } = reply.body
  assert.deepEqual(
    { status, cancelled_by, reason: cancellation_reason, refund_cents, version },
    { status: 'cancelled', ...body, version: 2 },
  )
  assert.match(cancelled_at, /Z$/)
  assert.deepEqual(await nightsOf(home), [])
  assert.deepEqual(await read(id), reply.body)
  const back = await move(id, 'confirmed')
  const cleared = { cancelled_at: null, cancelled_by: null, cancellation_reason: null, refund_cents: null }
  for (const name of Object.keys(cleared)) assert.equal(back[name], null, name)
  assert.deepEqual(await nightsOf(home), ['[2031-05-10,2031-05-13)'])
})

test('without a word about the money nothing is said to be paid back; a plain move to cancelled is the host', async () => {
  const home = await newHome(manager)
  const one = await book(home, '2031-05-10')
  const cancelled = must(200, await cancel(one.id, { cancelled_by: 'platform' })).body
  assert.deepEqual(
    [cancelled.cancelled_by, cancelled.cancellation_reason, cancelled.refund_cents],
    ['platform', null, null],
  )
  const two = await book(home, '2031-05-10')
  assert.equal((await move(two.id, 'cancelled')).cancelled_by, 'host')
})

test('more than the stay costs is not paid back: refused by name, nothing changed', async () => {
  const home = await newHome(manager)
  const made = await book(home, '2031-05-10')
  const wrong: [body: object, expected: string][] = [
    [{ cancelled_by: 'guest', refund_cents: made.total_cents + 1 }, '/refund_cents TOO_LARGE'],
    [{ cancelled_by: 'guest', refund_cents: -1 }, '/refund_cents INVALID'],
    [{ cancelled_by: 'system' }, '/cancelled_by NOT_ALLOWED'],
    [{ refund_cents: 0 }, '/cancelled_by REQUIRED'],
    [{ cancelled_by: 'guest', reason: 'x'.repeat(1001) }, '/reason INVALID'],
    [{ cancelled_by: 'guest', status: 'cancelled' }, '/status UNKNOWN_FIELD'],
  ]
  for (const [body, expected] of wrong) {
    assert.deepEqual(findings(must(422, await cancel(made.id, body))), [expected])
  }
  assert.deepEqual(await read(made.id), made)
  assert.equal((await nightsOf(home)).length, 1)
})

test('what is cancelled cannot be cancelled again, and the first cancellation stands', async () => {
  const { id } = await book(await newHome(manager), '2031-05-10')
  const first = must(200, await cancel(id, { cancelled_by: 'guest', refund_cents: 1 })).body
  const reply = must(409, await cancel(id, { cancelled_by: 'host', refund_cents: 2 }))
  assert.equal(codeOf(reply), 'INVALID_STATUS_TRANSITION')
  assert.deepEqual(reply.body.error.meta, { from: 'cancelled', to: 'cancelled', allowed: ['confirmed'] })
  assert.deepEqual(await read(id), first)
})

test('a guest who is there is sent away by an admin only, also by deleting', async () => {
  const { id } = await book(await newHome(manager), '2031-05-10')
  await move(id, 'checked_in')
  const replies = [
    await cancel(id),
    await manager.patch(`bookings/${id}/status`, { status: 'cancelled' }),
    await manager.delete(`bookings/${id}`),
  ]
  for (const reply of replies) {
    assert.equal(codeOf(must(409, reply)), 'INVALID_STATUS_TRANSITION')
    assert.deepEqual(reply.body.error.meta, { from: 'checked_in', to: 'cancelled', allowed: ['checked_out'] })
  }
  must(200, await admin.post(`bookings/${id}/cancellation`, { cancelled_by: 'host' }))
  must(204, await manager.delete(`bookings/${id}`))
})

test('a cancellation is not taken back when the nights are gone, the home is closed or deleted', async () => {
  const home = await newHome(manager)
  const made = await book(home, '2031-05-10')
  const cancelled = must(200, await cancel(made.id)).body
  const other = await book(home, '2031-05-12')
  const back = () => manager.patch(`bookings/${made.id}/status`, { status: 'confirmed' })
  assert.equal(codeOf(must(409, await back())), 'BOOKING_CONFLICT')
  must(204, await manager.delete(`bookings/${other.id}`))
  must(200, await manager.patch(`properties/${home}`, { is_active: false }))
  assert.equal(codeOf(must(409, await back())), 'PROPERTY_UNAVAILABLE')
  must(204, await admin.delete(`properties/${home}`))
  assert.equal(codeOf(must(404, await back())), 'PROPERTY_NOT_FOUND')
  assert.deepEqual(await read(made.id), cancelled)
  assert.deepEqual(await nightsOf(home), [])
})

test('staff see the booking they move as they see it otherwise; those who may not move one are told so', async () => {
  const { id } = await book(await newHome(manager), '2031-05-10', { status: 'pending', internal_notes: 'key' })
  for (const client of [owner, accountant]) must(403, await client.patch(`bookings/${id}/status`, { status: 'x' }))
  must(404, await outsider.patch(`bookings/${id}/status`, { status: 'confirmed' }))
  const reply = must(200, await staff.patch(`bookings/${id}/status`, { status: 'confirmed' }))
  const again = must(200, await staff.get(`bookings/${id}`))
  assert.deepEqual(again.body, reply.body)
  assert.equal(again.headers.etag, reply.headers.etag)
  must(403, await staff.post(`bookings/${id}/cancellation`, { cancelled_by: 'guest' }))
})

test('If-Match with another version changes nothing, in every way to change a booking', async () => {
  const home = await newHome(manager)
  const other = await newHome(manager)
  const made = await book(home, '2031-05-10')
  const stale = { 'if-match': String((await staff.get(`bookings/${made.id}`)).headers.etag) }
  const now = must(200, await manager.patch(`bookings/${made.id}`, { num_adults: 1 }))
  const path = `bookings/${made.id}`
  const replies = [
    await manager.patch(path, { num_adults: 2 }, stale),
    await manager.patch(`${path}/status`, { status: 'checked_in' }, stale),
    await manager.patch(`${path}/status`, { status: 'confirmed' }, stale),
    await manager.post(`${path}/cancellation`, { cancelled_by: 'guest' }, stale),
    await manager.post(`${path}/split`, { property_id: other, check_in: '2031-05-11' }, stale),
    await manager.delete(path, stale),
  ]
  for (const reply of replies) {
    assert.equal(codeOf(must(412, reply)), 'VERSION_MISMATCH')
    assert.deepEqual(reply.body.error.meta, { current_version: 2 })
  }
  assert.deepEqual(await read(made.id), now.body)
  const fresh = { 'if-match': String(now.headers.etag) }
  must(200, await manager.patch(`${path}/status`, { status: 'checked_in' }, fresh))
})

test('a copy that is still true is not sent again; one whose guest has another name is', async () => {
  const home = await newHome(manager)
  const guest = { first_name: 'Ada', last_name: 'Byron', email: 'etag@example.com' }
  const { id } = await book(home, '2031-05-10', { guest })
  const first = must(200, await staff.get(`bookings/${id}`))
  const known = { 'if-none-match': String(first.headers.etag) }
  assert.equal(must(304, await staff.get(`bookings/${id}`, known)).text, '')
  await book(home, '2031-06-10', { guest: { ...guest, last_name: 'Lovelace' } })
  const second = must(200, await staff.get(`bookings/${id}`, known))
  assert.equal(second.body.version, first.body.version, 'the booking itself has not changed')
  assert.equal(second.body.guest.last_name, 'Lovelace')
  assert.notEqual(second.headers.etag, first.headers.etag)
  must(200, await manager.patch(`bookings/${id}`, { num_adults: 1 }, { 'if-match': String(first.headers.etag) }))
  must(200, await staff.get(`bookings/${id}`, { 'if-none-match': String(second.headers.etag) }))
})

test('a deleted booking does not move, and dates of a cancelled one cannot be changed before it comes back', async () => {
  const home = await newHome(manager)
  const gone = await book(home, '2031-05-10')
  must(204, await manager.delete(`bookings/${gone.id}`))
  assert.equal(
    codeOf(must(404, await admin.patch(`bookings/${gone.id}/status`, { status: 'confirmed' }))),
    'BOOKING_NOT_FOUND',
  )
  assert.equal(codeOf(must(404, await cancel(gone.id))), 'BOOKING_NOT_FOUND')
  const { id } = await book(home, '2031-05-10')
  must(200, await cancel(id))
  must(409, await manager.patch(`bookings/${id}`, { check_out: dayAfter('2031-05-10', 5) }))
  await move(id, 'confirmed')
  must(200, await manager.patch(`bookings/${id}`, { check_out: dayAfter('2031-05-10', 5) }))
})
