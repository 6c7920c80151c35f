// All transitions between statuses by every role: the API, the database and the document agree.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { listRolesWith, type Role, roles } from '../../src/core/auth/permissions.ts'
import { occupyingStatuses } from '../../src/features/availability/occupancies.ts'
import { statusTimes, transitions, transitionsFrom } from '../../src/features/bookings/lifecycle.ts'
import { type Status, statuses } from '../../src/features/bookings/schema.ts'
import { north, players } from '../cast.ts'
import { type Client, cast, type Reply } from '../harness.ts'
import { dayAfter, must, newProperty, stay } from '../steps.ts'

const fixture = await cast()
const { manager, staff, store } = fixture
const clients: Readonly<Record<Role, Client>> = fixture
let property_id = ''
let days = 0

before(async () => {
  property_id = await newProperty(manager)
})

async function rowsOf(text: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

/** A past booking with its own nights that has had this status for a moment, and its row. */
async function bookingIn(status: Status): Promise<string> {
  days += 2
  const { body } = must(201, await staff.post('bookings', stay(property_id, dayAfter('2020-01-01', days), 2)))
  await store.owner.query(
    `with freed as (delete from occupancies where booking_id = $1 and $2 <> all ($3::text[]))
     update bookings set status = $2, cancelled_at = case when $2 = 'cancelled' then now() end,
       checked_in_at = case when $2 = 'checked_in' then now() end,
       checked_out_at = case when $2 = 'checked_out' then now() end, no_show_at = case when $2 = 'no_show' then now() end,
       confirmed_at = case when $2 in ('inquiry', 'pending', 'declined') then null else confirmed_at end
     where id = $1`,
    [body.id, status, occupyingStatuses],
  )
  return body.id
}

interface Traces {
  readonly row: Record<string, unknown> | undefined
  readonly audit: Record<string, unknown>[]
  readonly nights: number
}

async function tracesOf(id: string): Promise<Traces> {
  const [row] = await rowsOf('select * from bookings where id = $1', id)
  const [counts] = await rowsOf('select count(*)::int as nights from occupancies where booking_id = $1', id)
  const audit = await rowsOf(
    'select action, actor_id, before, after from audit_log where entity_id = $1 order by id offset 1',
    id,
  )
  return { row, audit, nights: counts?.nights as number }
}

const statusIn = (columns: unknown) => (columns as { status?: string } | undefined)?.status

function checkMoved(reply: Reply, from: Status, to: Status, is: Traces): void {
  assert.deepEqual([reply.status, reply.body.status, reply.body.version], [200, to, 2], reply.text)
  assert.equal(is.row?.status, to)
  const stamp = statusTimes[to]
  if (stamp !== undefined) assert.ok(is.row?.[stamp], `${stamp} is set`)
  assert.equal(is.row?.cancelled_at !== null, to === 'cancelled')
  assert.equal(is.nights, occupyingStatuses.includes(to) ? 1 : 0)
  const [entry, ...others] = is.audit
  assert.deepEqual([entry?.action, others.length], [`booking.${to}`, 0])
  assert.deepEqual([statusIn(entry?.before), statusIn(entry?.after)], [from, to])
}

async function tryAll(role: Role, from: Status): Promise<void> {
  for (const to of statuses) {
    const id = await bookingIn(from)
    const was = await tracesOf(id)
    const reply = await clients[role].patch(`bookings/${id}/status`, { status: to })
    const is = await tracesOf(id)
    if (to !== from && transitionsFrom(from, role).includes(to)) {
      checkMoved(reply, from, to, is)
      assert.equal(is.audit[0]?.actor_id, players[role].user_id)
      continue
    }
    assert.deepEqual(is, was, `${from} to ${to}: nothing changed`)
    if (to === from) {
      assert.deepEqual([reply.status, reply.body.status, reply.body.version], [200, to, 1], reply.text)
    } else {
      assert.deepEqual([reply.status, reply.body.error.code], [409, 'INVALID_STATUS_TRANSITION'], reply.text)
      assert.deepEqual(reply.body.error.meta, { from, to, allowed: transitionsFrom(from, role) })
    }
  }
}

for (const role of listRolesWith('bookings:transition')) {
  for (const from of statuses) {
    test(`${role} changes ${from} only to ${transitionsFrom(from, role).join(', ') || 'nowhere'} or leaves it unchanged`, () =>
      tryAll(role, from))
  }
}

for (const role of roles.filter((one) => !listRolesWith('bookings:transition').includes(one))) {
  test(`${role} cannot change the status of a booking`, async () => {
    for (const from of statuses) {
      const id = await bookingIn(from)
      const was = await tracesOf(id)
      for (const status of statuses) must(403, await clients[role].patch(`bookings/${id}/status`, { status }))
      assert.deepEqual(await tracesOf(id), was)
    }
  })
}

test('the database has the same table of transitions', async () => {
  for (const role of [...roles, 'nobody', '']) {
    for (const from of statuses) {
      for (const to of statuses) {
        const [row] = await rowsOf('select app.may_move_booking($1, $2, $3) as may', from, to, role)
        const expected = transitions.some(
          (one) => one.from === from && one.to === to && one.roles.some((allowed) => allowed === role),
        )
        assert.equal(row?.may, expected, `${role || 'no role'}: ${from} to ${to}`)
      }
    }
  }
})

test('the operator may do any transition, in the code and in the database', async () => {
  for (const from of statuses) {
    assert.deepEqual(
      transitionsFrom(from, 'operator'),
      statuses.filter((to) => to !== from),
    )
    const [row] = await rowsOf("select app.may_move_booking($1, 'declined', 'operator') as may", from)
    assert.equal(row?.may, true)
  }
})

/** The database's response when this role updates a booking directly; rolled back. */
async function updateDirectly(role: Role, id: string, set: string): Promise<string> {
  const connection = await store.connectOwner()
  const claims = { sub: players[role].user_id, agency_id: north, app_role: role }
  try {
    await connection.query('begin')
    await connection.query(
      "select set_config('role', 'roost_tenant', true), set_config('request.jwt.claims', $1, true)",
      [JSON.stringify(claims)],
    )
    const { rows } = await connection.query(`update bookings set ${set} where id = $1 returning id`, [id])
    return `${rows.length} changed`
  } catch (error) {
    return (error as { code: string }).code
  } finally {
    await connection.query('rollback')
    await connection.release()
  }
}

test('direct updates: the database refuses other transitions, and other columns for staff', async () => {
  const id = await bookingIn('confirmed')
  assert.equal(await updateDirectly('admin', id, "status = 'inquiry'"), '23514')
  assert.equal(await updateDirectly('staff', id, "status = 'no_show', no_show_at = now()"), '23514')
  assert.equal(
    await updateDirectly('staff', id, 'total_cents = 0, subtotal_cents = 0, cleaning_fee_cents = 0'),
    '42501',
  )
  assert.equal(await updateDirectly('staff', id, "status = 'checked_in', internal_notes = 'x'"), '42501')
  assert.equal(
    await updateDirectly('staff', id, "status = 'checked_in', checked_in_at = now(), version = 2"),
    '1 changed',
  )
  assert.equal(await updateDirectly('manager', id, "internal_notes = 'x'"), '1 changed')
})

test('the document lists the transitions at the status operation', async () => {
  const { body } = await fixture.anonymous.get('/openapi.json')
  const operation = body.paths['/api/v1/bookings/{id}/status'].patch
  assert.deepEqual(operation['x-status-transitions'], transitions)
  for (const { from, to, roles: who } of transitions) {
    assert.ok(operation.description.includes(`| ${from} | ${to} | ${who.join(', ')} |`), `${from} to ${to}`)
  }
})
