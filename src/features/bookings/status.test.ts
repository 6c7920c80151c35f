// Tests status transitions: times, occupancy, cancellation and reinstatement, versions, ETags.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, dayAfter, findings, localToday, must, newProperty, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, accountant, outsider, store } = await castPerTest()

async function book(property_id: string, check_in: string, more: object = {}): Promise<Reply['body']> {
  return must(201, await staff.post('bookings', stay(property_id, check_in, 3, more))).body
}

const read = async (id: string) => must(200, await staff.get(`bookings/${id}`)).body
const setStatus = async (id: string, status: string) =>
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

test('each transition sets its time once and keeps the earlier ones', async () => {
  const { id } = await book(await newProperty(manager), localToday(-3), { status: 'inquiry' })
  const times = ['confirmed_at', 'checked_in_at', 'checked_out_at', 'declined_at', 'no_show_at', 'cancelled_at']
  const timesOf = (body: Reply['body']) => times.filter((name) => body[name] !== null)
  assert.deepEqual(timesOf(await read(id)), [])
  assert.deepEqual(timesOf(await setStatus(id, 'pending')), [])
  const confirmed = await setStatus(id, 'confirmed')
  assert.deepEqual(timesOf(confirmed), ['confirmed_at'])
  await setStatus(id, 'cancelled')
  const again = await setStatus(id, 'confirmed')
  assert.equal(again.confirmed_at, confirmed.confirmed_at, 'the first time')
  assert.deepEqual(timesOf(again), ['confirmed_at'])
  await setStatus(id, 'checked_in')
  const checked_out = await setStatus(id, 'checked_out')
  assert.deepEqual(timesOf(checked_out), ['confirmed_at', 'checked_in_at', 'checked_out_at'])
  assert.equal(checked_out.version, 7)
  assert.deepEqual(await read(id), checked_out)
  const steps = ['created', 'pending', 'confirmed', 'cancelled', 'confirmed', 'checked_in', 'checked_out']
  assert.deepEqual(
    await actionsOf(id),
    steps.map((step) => `booking.${step}`),
  )
})

test('cancelled, declined and no_show free the nights at once', async () => {
  const property_id = await newProperty(manager)
  const transitions: [from: string, to: string][] = [
    ['confirmed', 'cancelled'],
    ['pending', 'declined'],
    ['confirmed', 'no_show'],
  ]
  for (const [status, to] of transitions) {
    const { id } = await book(property_id, localToday(), { status })
    must(409, await staff.post('bookings', stay(property_id, localToday())))
    await setStatus(id, to)
    assert.deepEqual(await nightsOf(property_id), [])
    const { body } = must(201, await staff.post('bookings', stay(property_id, localToday())), to)
    await setStatus(body.id, 'cancelled')
  }
})

test('an inquiry takes its nights when it becomes pending or confirmed, if they are free', async () => {
  const property_id = await newProperty(manager)
  const [first, second] = [
    await book(property_id, '2031-05-10', { status: 'inquiry' }),
    await book(property_id, '2031-05-12', { status: 'inquiry' }),
  ]
  assert.deepEqual(await nightsOf(property_id), [])
  await setStatus(first.id, 'pending')
  assert.deepEqual(await nightsOf(property_id), ['[2031-05-10,2031-05-13)'])
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
  await setStatus(first.id, 'declined')
  await setStatus(second.id, 'confirmed')
  assert.deepEqual(await nightsOf(property_id), ['[2031-05-12,2031-05-15)'])
})

test('a cancellation stores who, why and the refund; reinstating keeps only the refund', async () => {
  const property_id = await newProperty(manager)
  const { id, total_cents } = await book(property_id, '2031-05-10', { payment_status: 'paid' })
  const body = { cancelled_by: 'guest', reason: 'Flight „cancelled“ ✈️', refund_cents: total_cents }
  const reply = must(200, await cancel(id, body))
  const { status, cancelled_by, cancellation_reason, refund_cents, cancelled_at, version } = reply.body
  assert.deepEqual(
    { status, cancelled_by, reason: cancellation_reason, refund_cents, version },
    { status: 'cancelled', ...body, version: 2 },
  )
  assert.match(cancelled_at, /Z$/)
  assert.deepEqual(await nightsOf(property_id), [])
  assert.deepEqual(await read(id), reply.body)
  const reinstated = await setStatus(id, 'confirmed')
  const cleared = { cancelled_at: null, cancelled_by: null, cancellation_reason: null }
  for (const name of Object.keys(cleared)) assert.equal(reinstated[name], null, name)
  assert.deepEqual([reinstated.refund_cents, reinstated.payment_status], [total_cents, 'refunded'])
  assert.deepEqual(await nightsOf(property_id), ['[2031-05-10,2031-05-13)'])
})

test('refund_cents defaults to null; setting the status cancelled cancels as host', async () => {
  const property_id = await newProperty(manager)
  const one = await book(property_id, '2031-05-10')
  const cancelled = must(200, await cancel(one.id, { cancelled_by: 'platform' })).body
  assert.deepEqual(
    [cancelled.cancelled_by, cancelled.cancellation_reason, cancelled.refund_cents],
    ['platform', null, null],
  )
  const two = await book(property_id, '2031-05-10')
  assert.equal((await setStatus(two.id, 'cancelled')).cancelled_by, 'host')
})

test('an invalid cancellation is refused with a JSON pointer and changes nothing', async () => {
  const property_id = await newProperty(manager)
  const booking = await book(property_id, '2031-05-10')
  const cases: [body: object, expected: string][] = [
    [{ cancelled_by: 'guest', refund_cents: booking.total_cents + 1 }, '/refund_cents TOO_LARGE'],
    [{ cancelled_by: 'guest', refund_cents: -1 }, '/refund_cents INVALID'],
    [{ cancelled_by: 'system' }, '/cancelled_by NOT_ALLOWED'],
    [{ refund_cents: 0 }, '/cancelled_by REQUIRED'],
    [{ cancelled_by: 'guest', reason: 'x'.repeat(1001) }, '/reason INVALID'],
    [{ cancelled_by: 'guest', status: 'cancelled' }, '/status UNKNOWN_FIELD'],
  ]
  for (const [body, expected] of cases) {
    assert.deepEqual(findings(must(422, await cancel(booking.id, body))), [expected])
  }
  assert.deepEqual(await read(booking.id), booking)
  assert.equal((await nightsOf(property_id)).length, 1)
})

test('a cancelled booking cannot be cancelled again and keeps its cancellation', async () => {
  const { id } = await book(await newProperty(manager), '2031-05-10', { paid_cents: 2 })
  const first = must(200, await cancel(id, { cancelled_by: 'guest', refund_cents: 1 })).body
  const reply = must(409, await cancel(id, { cancelled_by: 'host', refund_cents: 2 }))
  assert.equal(codeOf(reply), 'INVALID_STATUS_TRANSITION')
  assert.deepEqual(reply.body.error.meta, { from: 'cancelled', to: 'cancelled', allowed: ['confirmed'] })
  assert.deepEqual(await read(id), first)
})

test('only an admin can cancel or delete a checked-in booking', async () => {
  const { id } = await book(await newProperty(manager), localToday())
  await setStatus(id, 'checked_in')
  const replies = [
    await cancel(id),
    await manager.patch(`bookings/${id}/status`, { status: 'cancelled' }),
    await manager.delete(`bookings/${id}`),
  ]
  for (const reply of replies) {
    assert.equal(codeOf(must(409, reply)), 'INVALID_STATUS_TRANSITION')
    assert.deepEqual(reply.body.error.meta, {
      from: 'checked_in',
      to: 'cancelled',
      allowed: ['checked_out', 'confirmed'],
    })
  }
  must(200, await admin.post(`bookings/${id}/cancellation`, { cancelled_by: 'host' }))
  must(204, await manager.delete(`bookings/${id}`))
})

test('a booking is not reinstated on taken nights or in an inactive or deleted property', async () => {
  const property_id = await newProperty(manager)
  const booking = await book(property_id, '2031-05-10')
  const cancelled = must(200, await cancel(booking.id)).body
  const other = await book(property_id, '2031-05-12')
  const reinstate = () => manager.patch(`bookings/${booking.id}/status`, { status: 'confirmed' })
  assert.equal(codeOf(must(409, await reinstate())), 'BOOKING_CONFLICT')
  must(204, await manager.delete(`bookings/${other.id}`))
  must(200, await manager.patch(`properties/${property_id}`, { is_active: false }))
  assert.equal(codeOf(must(409, await reinstate())), 'PROPERTY_UNAVAILABLE')
  must(204, await admin.delete(`properties/${property_id}`))
  assert.equal(codeOf(must(404, await reinstate())), 'PROPERTY_NOT_FOUND')
  assert.deepEqual(await read(booking.id), cancelled)
  assert.deepEqual(await nightsOf(property_id), [])
})

test('a transition answers with the booking as the role sees it; other roles get 403', async () => {
  const { id } = await book(await newProperty(manager), '2031-05-10', { status: 'pending', internal_notes: 'key' })
  for (const client of [owner, accountant]) must(403, await client.patch(`bookings/${id}/status`, { status: 'x' }))
  must(404, await outsider.patch(`bookings/${id}/status`, { status: 'confirmed' }))
  const reply = must(200, await staff.patch(`bookings/${id}/status`, { status: 'confirmed' }))
  const again = must(200, await staff.get(`bookings/${id}`))
  assert.deepEqual(again.body, reply.body)
  assert.equal(again.headers.etag, reply.headers.etag)
  must(403, await staff.post(`bookings/${id}/cancellation`, { cancelled_by: 'guest' }))
})

test('a stale If-Match answers 412 to every request that changes a booking', async () => {
  const property_id = await newProperty(manager)
  const other = await newProperty(manager)
  const booking = await book(property_id, localToday())
  const stale = { 'if-match': String((await staff.get(`bookings/${booking.id}`)).headers.etag) }
  const now = must(200, await manager.patch(`bookings/${booking.id}`, { num_adults: 1 }))
  const path = `bookings/${booking.id}`
  const replies = [
    await manager.patch(path, { num_adults: 2 }, stale),
    await manager.patch(`${path}/status`, { status: 'checked_in' }, stale),
    await manager.patch(`${path}/status`, { status: 'confirmed' }, stale),
    await manager.post(`${path}/cancellation`, { cancelled_by: 'guest' }, stale),
    await manager.post(`${path}/split`, { property_id: other, check_in: localToday(1) }, stale),
    await manager.delete(path, stale),
  ]
  for (const reply of replies) {
    assert.equal(codeOf(must(412, reply)), 'VERSION_MISMATCH')
    assert.deepEqual(reply.body.error.meta, { current_version: 2 })
  }
  assert.deepEqual(await read(booking.id), now.body)
  const fresh = { 'if-match': String(now.headers.etag) }
  must(200, await manager.patch(`${path}/status`, { status: 'checked_in' }, fresh))
})

test('If-None-Match answers 304 until the booking changes', async () => {
  const property_id = await newProperty(manager)
  const { id } = await book(property_id, '2031-05-10')
  const first = must(200, await staff.get(`bookings/${id}`))
  const known = { 'if-none-match': String(first.headers.etag) }
  assert.equal(must(304, await staff.get(`bookings/${id}`, known)).text, '')
  must(200, await manager.patch(`bookings/${id}`, { num_adults: 1 }, { 'if-match': String(first.headers.etag) }))
  const second = must(200, await staff.get(`bookings/${id}`, known))
  assert.notEqual(second.headers.etag, first.headers.etag)
})

test('If-None-Match sees a renamed property; If-Match still matches', async () => {
  const property_id = await newProperty(manager)
  const { id } = await book(property_id, '2031-05-10')
  const first = must(200, await staff.get(`bookings/${id}`))
  must(200, await manager.patch(`properties/${property_id}`, { name: 'Renamed' }))
  const second = must(200, await staff.get(`bookings/${id}`, { 'if-none-match': String(first.headers.etag) }))
  assert.deepEqual([second.body.version, second.body.property_name], [first.body.version, 'Renamed'])
  must(200, await manager.patch(`bookings/${id}`, { num_adults: 1 }, { 'if-match': String(first.headers.etag) }))
})

test('a deleted booking has no transitions; a cancelled one keeps its dates', async () => {
  const property_id = await newProperty(manager)
  const deleted = await book(property_id, '2031-05-10')
  must(204, await manager.delete(`bookings/${deleted.id}`))
  assert.equal(
    codeOf(must(404, await admin.patch(`bookings/${deleted.id}/status`, { status: 'confirmed' }))),
    'BOOKING_NOT_FOUND',
  )
  assert.equal(codeOf(must(404, await cancel(deleted.id))), 'BOOKING_NOT_FOUND')
  const { id } = await book(property_id, '2031-05-10')
  must(200, await cancel(id))
  must(409, await manager.patch(`bookings/${id}`, { check_out: dayAfter('2031-05-10', 5) }))
  await setStatus(id, 'confirmed')
  must(200, await manager.patch(`bookings/${id}`, { check_out: dayAfter('2031-05-10', 5) }))
})
