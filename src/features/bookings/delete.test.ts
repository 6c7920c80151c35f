// Tests deleting bookings.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, localToday, must, newProperty, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, outsider, store } = await castPerTest()

async function book(property_id: string, check_in: string): Promise<Reply['body']> {
  return must(201, await staff.post('bookings', stay(property_id, check_in))).body
}

test('deleting a booking frees its nights at once', async () => {
  const property_id = await newProperty(manager)
  const { id } = await book(property_id, '2031-05-10')
  must(409, await staff.post('bookings', stay(property_id, '2031-05-10')))
  assert.equal(must(204, await manager.delete(`bookings/${id}`)).text, '')
  await book(property_id, '2031-05-10')
})

test('a deleted booking is not found; its row remains, as cancelled by the host', async () => {
  const { id } = await book(await newProperty(manager), '2031-05-10')
  must(204, await manager.delete(`bookings/${id}`))
  for (const client of [admin, manager, staff, owner, outsider]) {
    assert.equal(codeOf(must(404, await client.get(`bookings/${id}`))), 'BOOKING_NOT_FOUND')
  }
  assert.equal(codeOf(must(404, await manager.delete(`bookings/${id}`))), 'BOOKING_NOT_FOUND')
  must(404, await manager.patch(`bookings/${id}`, { internal_notes: 'x' }))
  const { rows } = await store.owner.query(
    `select status, cancelled_by, cancelled_at is not null as has_time, deleted_at is not null as is_deleted, version
     from bookings where id = $1`,
    [id],
  )
  assert.deepEqual(rows, [{ status: 'cancelled', cancelled_by: 'host', has_time: true, is_deleted: true, version: 2 }])
})

test('deleting a closed booking keeps its status', async () => {
  const property_id = await newProperty(manager)
  for (const [day, statuses] of [
    [localToday(-3), ['checked_in', 'checked_out']],
    [localToday(), ['no_show']],
  ] as const) {
    const { id } = await book(property_id, day)
    for (const status of statuses) must(200, await admin.patch(`bookings/${id}/status`, { status }))
    must(204, await admin.delete(`bookings/${id}`))
    const { rows } = await store.owner.query('select status, cancelled_by, cancelled_at from bookings where id = $1', [
      id,
    ])
    assert.deepEqual(rows, [{ status: statuses.at(-1), cancelled_by: null, cancelled_at: null }])
  }
  const { rows } = await store.owner.query('select 1 from occupancies where property_id = $1', [property_id])
  assert.deepEqual(rows, [])
})
