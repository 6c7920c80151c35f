// An export while the service changes rows.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { north } from '../../../test/cast.ts'
import { openTestStore } from '../../../test/engines.ts'
import { withSnapshot } from './snapshot.ts'
import { exportedTables } from './tables.ts'

const store = await openTestStore()
after(() => store.close())

const insertGuest = `insert into guests (agency_id, id, first_name, last_name) values ($1, gen_random_uuid(), 'A', 'Guest')`

test('all files show the moment at which the export began', async () => {
  const connection = await store.connectOwner()
  await store.owner.query(insertGuest, [north])
  const guests = exportedTables.find(({ table }) => table === 'guests')
  assert.ok(guests)
  const count = await withSnapshot(connection, north, async (snapshot) => {
    await store.owner.query(insertGuest, [north])
    let rows = 0
    for await (const batch of snapshot.rows(guests)) rows += batch.length
    return rows
  }).finally(() => connection.release())
  assert.equal(count, 1)
})
