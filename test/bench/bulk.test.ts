// Bulk loading restores the schema, and the benchmark data matches the computed ids.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type pg from 'pg'
import { withoutIndexes } from '../../proof/bench/bulk.ts'
import { agencyId, bookingId, fill, propertyId, userId } from '../../proof/bench/data.ts'
import { north } from '../cast.ts'
import { openTestStore } from '../engines.ts'

const store = await openTestStore()
const connection = await store.connectOwner()
after(async () => {
  void connection.release()
  await store.close()
})
const client = connection as unknown as pg.Client

async function catalog() {
  const { rows } = await client.query(
    `select conrelid::regclass::text as table, conname as name, pg_get_constraintdef(oid) as definition, convalidated
     from pg_constraint where contype in ('f', 'p', 'u', 'x') and connamespace = 'public'::regnamespace
     union all select tablename, indexname, indexdef, true from pg_indexes where schemaname = 'public' order by 1, 2, 3`,
  )
  return rows
}

test('the data is loaded with computed ids, and every key and index is restored', async () => {
  const before = await catalog()
  await fill(client, { agencies: 3, properties: 2, bookings: 4 })
  assert.deepEqual(await catalog(), before)
  const { rows } = await client.query(
    `select b.property_id, b.guest_id is not null as has_guest, o.id is not null as has_nights, m.user_id,
       (select count(*)::int from audit_log l where l.agency_id = b.agency_id and l.entity_id = b.id) as entries
     from bookings b join team_members m on m.agency_id = b.agency_id
     left join occupancies o on o.agency_id = b.agency_id and o.booking_id = b.id and o.during = daterange(b.check_in, b.check_out)
     where b.agency_id = $1 and b.id = $2`,
    [agencyId(3), bookingId(3, 2, 4)],
  )
  const expected = { property_id: propertyId(3, 2), has_guest: true, has_nights: true, user_id: userId(3), entries: 1 }
  assert.deepEqual(rows, [expected])
})

test('a load that violates a key is rejected', async () => {
  await client.query(
    `insert into guests (agency_id, id, first_name, last_name) values ($1, gen_random_uuid(), 'One', 'Guest')`,
    [north],
  )
  const copied = withoutIndexes(client, ['guests'], async () => {
    await client.query(`insert into guests (agency_id, id, first_name, last_name)
      select agency_id, id, first_name, last_name from guests limit 1`)
  })
  await assert.rejects(copied, /guests_(pkey|email_key)/)
})
