// Tests the history of a booking: order, actors, pages, permissions, and that it has no free text.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { north, players } from '../../../test/cast.ts'
import { type Client, castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, findings, must, newProperty, stay } from '../../../test/steps.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import { reviseBookings } from './revise.ts'

const { admin, manager, staff, owner, accountant, outsider, store } = await castPerTest()
const missing = '00000000-0000-7000-8000-00000000dead'
const texts = ['my wheelchair', 'pays cash', 'a death in the family', 'another word', 'key under the mat']

type Entry = Reply['body']

async function book(more: object = {}): Promise<Reply['body']> {
  return must(201, await staff.post('bookings', stay(await newProperty(manager), '2031-05-10', 3, more))).body
}

/** All entries, page by page. */
async function historyOf(id: string, client: Client = admin, limit = 50): Promise<Entry[]> {
  const entries: Entry[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const more: string = cursor === '' ? '' : `&cursor=${cursor}`
    const reply: Reply = must(200, await client.get(`bookings/${id}/history?limit=${limit}${more}`))
    assert.ok(reply.body.items.length <= limit)
    entries.push(...reply.body.items)
    cursor = reply.body.next_cursor
  }
  return entries
}

test('the history has action, time, actor, role and request id of each change, oldest first', async () => {
  const booking = await book()
  const requestId = (request_id: string) => ({ 'x-request-id': request_id })
  must(200, await manager.patch(`bookings/${booking.id}`, { num_adults: 1, paid_cents: 5 }, requestId('req-a')))
  must(
    200,
    await admin.post(
      `bookings/${booking.id}/cancellation`,
      { cancelled_by: 'guest', refund_cents: 5 },
      requestId('req-b'),
    ),
  )
  const { items } = must(200, await admin.get(`bookings/${booking.id}/history`)).body
  const [created, updated, cancelled, ...others] = items
  assert.deepEqual(others, [])
  assert.deepEqual([created.action, created.actor_role, created.before], ['booking.created', 'staff', null])
  assert.deepEqual([created.after.id, created.after.status], [booking.id, 'confirmed'])
  const { id, created_at, before, after, ...rest } = updated
  assert.match(id, /^[0-9a-f]{8}-/)
  assert.match(created_at, /Z$/)
  assert.deepEqual(rest, {
    action: 'booking.updated',
    actor_id: players.manager.user_id,
    actor_kind: 'person',
    actor_name: 'manager',
    actor_role: 'manager',
    request_id: 'req-a',
  })
  assert.deepEqual(Object.keys(before).sort(), [
    'num_adults',
    'num_guests',
    'paid_cents',
    'payment_status',
    'updated_at',
    'version',
  ])
  assert.deepEqual([before.num_adults, after.num_adults, before.version, after.version], [2, 1, 1, 2])
  assert.deepEqual([cancelled.actor_name, cancelled.request_id, cancelled.after.refund_cents], ['admin', 'req-b', 5])
})

test('pages of the history contain every entry once, in order, while changes continue', async () => {
  const { id } = await book()
  for (let i = 0; i < 11; i++) must(200, await manager.patch(`bookings/${id}`, { num_pets: i + 1 }))
  const pets = (entries: Entry[]) => entries.slice(1).map(({ after }) => after.num_pets)
  assert.deepEqual(
    pets(await historyOf(id, manager, 5)),
    Array.from({ length: 11 }, (_, i) => i + 1),
  )
  const first = must(200, await manager.get(`bookings/${id}/history?limit=4`)).body
  must(200, await manager.patch(`bookings/${id}`, { num_pets: 50 }))
  const rest = must(200, await manager.get(`bookings/${id}/history?limit=50&cursor=${first.next_cursor}`)).body
  assert.deepEqual(pets([...first.items, ...rest.items]), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 50])
  const other = await book()
  const reply = await manager.get(`bookings/${other.id}/history?limit=4&cursor=${first.next_cursor}`)
  assert.equal(codeOf(must(400, reply)), 'CURSOR_INVALID')
  assert.deepEqual(findings(must(422, await manager.get(`bookings/${id}/history?limit=101`))), ['/query/limit INVALID'])
})

test('entries are in commit order, even when the last to commit began first', async () => {
  const { id } = await book()
  const waiting = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const later = store.db.tenantTx(operatorOf(north), async (tx) => {
    await tx.query(sql`select 1`)
    begun.resolve()
    await waiting.promise
    return reviseBookings(tx, [{ id, revision: { num_infants: 2 } }])
  })
  await begun.promise
  // The embedded database has one connection: there the second change waits for the first.
  const earlier = manager.patch(`bookings/${id}`, { num_infants: 1 })
  if (!store.is_embedded) must(200, await earlier)
  waiting.resolve()
  await Promise.all([later, earlier])
  const versions = (await historyOf(id)).map(({ after }) => after.version)
  assert.deepEqual(versions, [1, 2, 3])
})

test('the audit log contains no free text, only that there was some', async () => {
  const booking = await book({ guest_message: texts[0], internal_notes: texts[1] })
  const path = `bookings/${booking.id}`
  must(200, await manager.patch(path, { guest_message: texts[3], internal_notes: null }))
  must(200, await manager.patch(path, { internal_notes: texts[4] }))
  must(200, await admin.post(`${path}/cancellation`, { cancelled_by: 'guest', reason: texts[2] }))
  must(200, await admin.patch(`${path}/status`, { status: 'confirmed' }))
  await store.db.tenantTx(operatorOf(north), (tx) =>
    reviseBookings(tx, [{ id: booking.id, revision: { num_infants: 1, status: 'cancelled' } }]),
  )
  must(204, await admin.delete(path))
  const entries = await historyOf(booking.id)
  const textsOf = (columns: Entry) => [columns?.guest_message, columns?.internal_notes, columns?.cancellation_reason]
  assert.deepEqual(
    entries.map(({ action, before, after }) => [action, ...textsOf(before), ...textsOf(after)]),
    [
      ['booking.created', undefined, undefined, undefined, '[text]', '[text]', null],
      ['booking.updated', '[text]', '[text]', undefined, '[text]', null, undefined],
      ['booking.updated', undefined, null, undefined, undefined, '[text]', undefined],
      ['booking.cancelled', undefined, undefined, null, undefined, undefined, '[text]'],
      ['booking.confirmed', undefined, undefined, '[text]', undefined, undefined, null],
      ['booking.updated', undefined, undefined, undefined, undefined, undefined, undefined],
      ['booking.deleted', '[text]', '[text]', null, undefined, undefined, undefined],
    ],
  )
  const { rows } = await store.owner.query('select a::text as line from audit_log a')
  const log = rows.map(({ line }) => line).join('\n')
  for (const text of texts) assert.ok(!log.includes(text), text)
})

test('imports appear as operator, and a deleted booking keeps its history', async () => {
  const { id } = await book()
  await store.db.tenantTx(operatorOf(north), (tx) => reviseBookings(tx, [{ id, revision: { num_infants: 2 } }]))
  must(204, await manager.delete(`bookings/${id}`))
  must(404, await manager.get(`bookings/${id}`))
  const { items } = must(200, await manager.get(`bookings/${id}/history`)).body
  const [, imported, deleted] = items
  assert.deepEqual([imported.actor_role, imported.actor_kind, imported.actor_name], ['operator', 'operator', null])
  assert.deepEqual([deleted.action, deleted.actor_name, deleted.before.num_infants], ['booking.deleted', 'manager', 2])
})

test('only admins and managers of the agency can read the history', async () => {
  const { id } = await book()
  for (const client of [staff, owner, accountant]) must(403, await client.get(`bookings/${id}/history`))
  const reply = must(404, await outsider.get(`bookings/${id}/history`))
  assert.equal(codeOf(reply), 'BOOKING_NOT_FOUND')
  assert.equal(codeOf(must(404, await admin.get(`bookings/${missing}/history`))), 'BOOKING_NOT_FOUND')
  assert.deepEqual(
    (await historyOf(id.toUpperCase(), manager)).map(({ action }) => action),
    ['booking.created'],
  )
})
