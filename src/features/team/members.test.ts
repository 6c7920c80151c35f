// Members of an agency: list, roles, removal, and the last admin who cannot be removed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, players } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { codeOf, findings, must } from '../../../test/steps.ts'

const fixture = await castPerTest()
const { admin, manager, outsider, owner, staff, store } = fixture
const path = (name: keyof typeof players) => `team/${players[name].user_id}`
const emails = (items: { email: string }[]) => items.map(({ email }) => email.split('@')[0])

test("admins and managers see all members by name, former ones included, and no other agency's", async () => {
  for (const client of [admin, manager]) {
    const { body } = must(200, await client.get('team'))
    assert.deepEqual(emails(body.items), [
      'accountant',
      'admin',
      'both-agencies',
      'former',
      'manager',
      'other-owner',
      'owner',
      'staff',
    ])
    assert.deepEqual(Object.keys(body.items[0]), [
      'id',
      'email',
      'full_name',
      'role',
      'is_active',
      'version',
      'created_at',
    ])
  }
  assert.deepEqual(emails(must(200, await outsider.get('team')).body.items), ['both-agencies', 'outsider'])
  must(403, await staff.get('team'))
  must(403, await owner.get(path('owner')))
})

test('the filters find members by role, status, and part of name or e-mail', async () => {
  const find = async (query: string) => emails(must(200, await admin.get(`team?${query}`)).body.items)
  assert.deepEqual(await find('role=owner'), ['other-owner', 'owner'])
  assert.deepEqual(await find('is_active=false'), ['former'])
  assert.deepEqual(await find('q=OWNER%40'), ['other-owner', 'owner'])
  assert.deepEqual(await find('q=%25'), [])
  must(422, await admin.get('team?role=king'))
  must(422, await admin.get('team?agency_id=1'))
})

test('a page starts where the previous one ends', async () => {
  const first = must(200, await admin.get('team?limit=5')).body
  const second = must(200, await admin.get(`team?limit=5&cursor=${first.next_cursor}`)).body
  assert.equal(second.next_cursor, null)
  assert.equal(new Set([...emails(first.items), ...emails(second.items)]).size, 8)
})

test('a changed role applies to the next request, and the audit log has both roles', async () => {
  must(403, await staff.get('team'))
  assert.equal(must(200, await admin.patch(path('staff'), { role: 'manager' })).body.role, 'manager')
  must(200, await staff.get('team'))
  must(200, await admin.patch(path('staff'), { role: 'manager' }))
  must(200, await admin.patch(path('staff'), { role: 'staff', is_active: false }))
  must(403, await staff.get('me'))
  must(200, await admin.patch(path('staff'), { is_active: true }))
  const { rows } = await store.owner.query(
    "select action, before, after from audit_log where entity_id = $1 and entity_type = 'team_member' order by id",
    [players.staff.user_id],
  )
  assert.deepEqual(rows, [
    { action: 'member.role_changed', before: { role: 'staff' }, after: { role: 'manager' } },
    { action: 'member.role_changed', before: { role: 'manager' }, after: { role: 'staff' } },
    { action: 'member.deactivated', before: { is_active: true }, after: { is_active: false } },
    { action: 'member.reactivated', before: { is_active: false }, after: { is_active: true } },
  ])
})

test('an owner who is removed loses access and keeps the properties', async (t) => {
  t.after(async () => must(200, await admin.patch(path('owner'), { is_active: true })))
  must(204, await admin.delete(path('owner')))
  must(204, await admin.delete(path('owner')))
  must(403, await owner.get('me'))
  const { body } = must(200, await admin.get(`properties/${castProperties.lake.id}`))
  assert.equal(body.owner_id, players.owner.user_id)
  assert.equal(must(200, await admin.get(path('owner'))).body.is_active, false)
})

test('the last admin can be neither demoted nor removed; with a second admin both work', async () => {
  for (const reply of [
    await admin.patch(path('admin'), { role: 'manager' }),
    await admin.patch(path('admin'), { is_active: false }),
    await admin.patch(path('admin'), { role: 'staff', is_active: false }),
    await admin.delete(path('admin')),
    await admin.request('DELETE', path('admin'), undefined, { 'idempotency-key': 'last' }),
  ]) {
    assert.equal(codeOf(must(409, reply)), 'LAST_ADMIN')
  }
  must(200, await admin.patch(path('admin'), { role: 'admin', is_active: true }))
  must(200, await admin.patch(path('manager'), { role: 'admin' }))
  must(204, await admin.delete(path('admin')))
  must(403, await admin.get('me'))
  must(200, await manager.patch(path('admin'), { is_active: true }))
  must(200, await admin.patch(path('manager'), { role: 'manager' }))
})

test('invalid changes are refused with a pointer, and a member of another agency answers 404', async () => {
  assert.deepEqual(findings(must(422, await admin.patch(path('staff'), { role: 'king' }))), ['/role NOT_ALLOWED'])
  must(422, await admin.patch(path('staff'), {}))
  must(422, await admin.patch(path('staff'), { is_active: null }))
  must(422, await admin.patch(path('staff'), { email: 'new@example.com' }))
  must(422, await admin.get('team/nobody'))
  for (const reply of [
    await outsider.get(path('staff')),
    await outsider.patch(path('staff'), { role: 'admin' }),
    await outsider.delete(path('staff')),
  ]) {
    assert.equal(codeOf(must(404, reply)), 'MEMBER_NOT_FOUND')
  }
  assert.equal(must(200, await admin.get(path('staff'))).body.role, 'staff')
})
