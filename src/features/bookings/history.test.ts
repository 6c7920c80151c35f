// Proves the history of a booking: every change in the order in which it happened, who did it, and nobody's words.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { north, players } from '../../../test/cast.ts'
import { type Client, castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, findings, must, newHome, stay } from '../../../test/steps.ts'
import { operatorOf } from '../agencies/agencies.ts'
import { reviseBooking } from './revision.ts'

const { admin, manager, staff, owner, accountant, outsider, store } = await castPerTest()
const missing = '00000000-0000-7000-8000-00000000dead'
const words = ['my wheelchair', 'pays cash', 'a death in the family', 'another word', 'key under the mat']

type Entry = Reply['body']

async function book(more: object = {}): Promise<Reply['body']> {
  return must(201, await staff.post('bookings', stay(await newHome(manager), '2031-05-10', 3, more))).body
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

test('the history tells what was done, when, by whom, as what, in which request, oldest first', async () => {
  const made = await book()
  const called = (request_id: string) => ({ 'x-request-id': request_id })
  must(200, await manager.patch(`bookings/${made.id}`, { num_adults: 1 }, called('req-a')))
  must(
    200,
    await admin.post(`bookings/${made.id}/cancellation`, { cancelled_by: 'guest', refund_cents: 5 }, called('req-b')),
  )
  const { items } = must(200, await admin.get(`bookings/${made.id}/history`)).body
  const [created, updated, cancelled, ...others] = items
  assert.deepEqual(others, [])
  assert.deepEqual([created.action, created.actor_role, created.before], ['booking.created', 'staff', null])
  assert.deepEqual([created.after.id, created.after.status], [made.id, 'confirmed'])
  const { id, created_at, before, after, ...rest } = updated
  assert.match(id, /^[0-9a-f]{8}-/)
  assert.match(created_at, /Z$/)
  assert.deepEqual(rest, {
    action: 'booking.updated',
    actor_id: players.manager.user_id,
    actor_name: 'manager',
    actor_role: 'manager',
    request_id: 'req-a',
  })
  assert.deepEqual(Object.keys(before).sort(), ['num_adults', 'num_guests', 'updated_at', 'version'])
  assert.deepEqual([before.num_adults, after.num_adults, before.version, after.version], [2, 1, 1, 2])
  assert.deepEqual([cancelled.actor_name, cancelled.request_id, cancelled.after.refund_cents], ['admin', 'req-b', 5])
})

test('pages of the history hold every entry once, in order, also while it goes on', async () => {
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
  const stolen = await manager.get(`bookings/${other.id}/history?limit=4&cursor=${first.next_cursor}`)
  assert.equal(codeOf(must(400, stolen)), 'CURSOR_INVALID')
  assert.deepEqual(findings(must(422, await manager.get(`bookings/${id}/history?limit=101`))), ['/query/limit INVALID'])
})

test('whoever waited for a change is told behind it, even when its transaction began first', async () => {
  const { id } = await book()
  const gate = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const late = store.db.tenantTx(operatorOf(north), async (tx) => {
    await tx.query(sql`select 1`)
    begun.resolve()
    await gate.promise
    return reviseBooking(tx, id, { num_infants: 2 })
  })
  await begun.promise
  // On the embedded database there is one connection, and the second change waits for the first one anyway.
  const early = manager.patch(`bookings/${id}`, { num_infants: 1 })
  if (!store.is_embedded) must(200, await early)
  gate.resolve()
  await Promise.all([late, early])
  const versions = (await historyOf(id)).map(({ after }) => after.version)
  assert.deepEqual(versions, [1, 2, 3])
})

test('no words anybody wrote are in the log: that there were some is', async () => {
  const made = await book({ guest_message: words[0], internal_notes: words[1] })
  const path = `bookings/${made.id}`
  must(200, await manager.patch(path, { guest_message: words[3], internal_notes: null }))
  must(200, await manager.patch(path, { internal_notes: words[4] }))
  must(200, await admin.post(`${path}/cancellation`, { cancelled_by: 'guest', reason: words[2] }))
  must(200, await admin.patch(`${path}/status`, { status: 'confirmed' }))
  await store.db.tenantTx(operatorOf(north), (tx) =>
    reviseBooking(tx, made.id, { num_infants: 1, status: 'cancelled' }),
  )
  must(204, await admin.delete(path))
  const entries = await historyOf(made.id)
  const texts = (columns: Entry) => [columns?.guest_message, columns?.internal_notes, columns?.cancellation_reason]
  assert.deepEqual(
    entries.map(({ action, before, after }) => [action, ...texts(before), ...texts(after)]),
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
  for (const word of words) assert.ok(!log.includes(word), word)
})

test('an import is told as the operator; a deleted booking keeps its history', async () => {
  const { id } = await book()
  await store.db.tenantTx(operatorOf(north), (tx) => reviseBooking(tx, id, { num_infants: 2 }))
  must(204, await manager.delete(`bookings/${id}`))
  must(404, await manager.get(`bookings/${id}`))
  const { items } = must(200, await manager.get(`bookings/${id}/history`)).body
  const [, imported, deleted] = items
  assert.deepEqual([imported.actor_role, imported.actor_id, imported.actor_name], ['operator', null, null])
  assert.deepEqual([deleted.action, deleted.actor_name, deleted.before.num_infants], ['booking.deleted', 'manager', 2])
})

test('only admins and managers read it, of their own agency; an id of nobody has none', async () => {
  const { id } = await book()
  for (const client of [staff, owner, accountant]) must(403, await client.get(`bookings/${id}/history`))
  const foreign = must(404, await outsider.get(`bookings/${id}/history`))
  assert.equal(codeOf(foreign), 'BOOKING_NOT_FOUND')
  assert.equal(codeOf(must(404, await admin.get(`bookings/${missing}/history`))), 'BOOKING_NOT_FOUND')
  assert.deepEqual(
    (await historyOf(id.toUpperCase(), manager)).map(({ action }) => action),
    ['booking.created'],
  )
})
