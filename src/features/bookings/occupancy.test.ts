// The database refuses a booking that differs from its occupancy, for the API's role and for the owner.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, players } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { must, newProperty, stay } from '../../../test/steps.ts'
import { occupyingStatuses } from '../availability/occupancies.ts'
import { statuses } from './schema.ts'

const { manager, staff, store } = await cast()
const property_id = await newProperty(manager)
const book = async (check_in: string, more: object = {}): Promise<string> =>
  must(201, await staff.post('bookings', stay(property_id, check_in, 3, more))).body.id
const booking = await book('2031-05-10')
const inquiry = await book('2031-06-10', { status: 'inquiry' })

/** The statements in one transaction; the SQLSTATE that it ends with. */
async function commit(role: 'roost_tenant' | 'owner', statements: readonly string[]): Promise<string> {
  const connection = await store.connectOwner()
  const claims = JSON.stringify({ sub: players.admin.user_id, agency_id: north, app_role: 'admin' })
  try {
    await connection.query('begin')
    if (role !== 'owner') {
      await connection.query("select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", [
        role,
        claims,
      ])
    }
    for (const statement of statements) await connection.query(statement)
    await connection.query('commit')
    return 'committed'
  } catch (error) {
    await connection.query('rollback')
    return (error as { code: string }).code
  } finally {
    await connection.release()
  }
}

const insertOccupancy = (id: string, during: string) =>
  `insert into occupancies (agency_id, id, property_id, kind, booking_id, during)
   values ('${north}', gen_random_uuid(), '${property_id}', 'booking', '${id}', '${during}')`

const disagreements: Readonly<Record<string, string>> = {
  'an occupancy with other dates': `update occupancies set during = '[2031-05-10,2031-05-12)' where booking_id = '${booking}'`,
  'an occupancy in another property': `update occupancies set property_id = '${castProperties.town.id}' where booking_id = '${booking}'`,
  'a booking without its occupancy': `delete from occupancies where booking_id = '${booking}'`,
  'a booking with other dates': `update bookings set check_out = '2031-05-14' where id = '${booking}'`,
  'a booking in another property': `update bookings set property_id = '${castProperties.town.id}' where id = '${booking}'`,
  'a cancelled booking with an occupancy': `update bookings set status = 'cancelled', cancelled_at = now() where id = '${booking}'`,
  'a deleted booking with an occupancy': `update bookings set deleted_at = now() where id = '${booking}'`,
  'an inquiry that is confirmed without an occupancy': `update bookings set status = 'confirmed' where id = '${inquiry}'`,
  'an inquiry with an occupancy': insertOccupancy(inquiry, '[2031-06-10,2031-06-13)'),
}

for (const [title, statement] of Object.entries(disagreements)) {
  test(`refused at COMMIT: ${title}`, async () => {
    assert.equal(await commit('roost_tenant', [statement]), '23503')
    assert.equal(await commit('owner', [statement]), '23503')
  })
}

test('both sides may be changed one after the other in a transaction', async () => {
  const statements = [
    `update bookings set status = 'confirmed' where id = '${inquiry}'`,
    insertOccupancy(inquiry, '[2031-06-10,2031-06-13)'),
  ]
  assert.equal(await commit('roost_tenant', statements), 'committed')
})

test('the statuses that take nights are the same in the database and in the code', async () => {
  const { rows } = await store.owner.query(
    `select pg_get_expr(d.adbin, d.adrelid) as expression from pg_attrdef d
     join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
     where d.adrelid = 'bookings'::regclass and a.attname in ('held_property', 'held_during')`,
  )
  assert.equal(rows.length, 2)
  for (const { expression } of rows) {
    const named = statuses.filter((status) => String(expression).includes(`'${status}'`))
    assert.deepEqual(named, occupyingStatuses)
  }
})
