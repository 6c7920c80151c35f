// Invitations: accepted once by the invited person, and no takeover of an existing account.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { north, password, players } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { codeOf, findings, must } from '../../../test/steps.ts'

const fixture = await cast()
const { admin, anonymous, bearing, manager, outsider, store } = fixture
const fresh = 'four words are enough'

async function invite(email: string, role = 'staff', more: object = {}) {
  return must(201, await admin.post('team', { email, role, ...more })).body as { id: string; token: string }
}
const lookup = (token: string) => anonymous.post('auth/invitations/lookup', { token })
const accept = (token: string, given = fresh, more: object = {}) =>
  anonymous.post('auth/invitations/accept', { token, password: given, ...more })

test('an invited person looks the invitation up, accepts and is signed in; only a hash is stored', async () => {
  const { body } = must(201, await admin.post('team', { email: ' Sam@Example.com', role: 'manager', full_name: 'Sam' }))
  assert.deepEqual(Object.keys(body), ['id', 'email', 'full_name', 'role', 'expires_at', 'delivery', 'token', 'link'])
  assert.match(body.token, /^[\w-]{43}$/)
  assert.equal(body.link, `http://127.0.0.1:3000/invitations?token=${body.token}`)
  const days = (Date.parse(body.expires_at) - Date.now()) / 86_400_000
  assert.ok(days > 6.9 && days <= 7.1, `${days}`)
  assert.deepEqual(must(200, await lookup(body.token)).body, {
    agency_name: 'North',
    email: 'sam@example.com',
    full_name: 'Sam',
    role: 'manager',
    was_member: false,
    has_account: false,
  })
  const pair = must(200, await accept(body.token)).body
  const me = must(200, await bearing(pair.token).get('me')).body
  assert.deepEqual([me.user.email, me.user.full_name, me.role], ['sam@example.com', 'Sam', 'manager'])
  must(200, await anonymous.post('auth/refresh', { refresh_token: pair.refresh_token }))
  must(200, await anonymous.post('auth/login', { email: 'sam@example.com', password: fresh }))
  const { rows } = await store.owner.query(
    `select (select string_agg(i::text, '') from team_invitations i) || (select string_agg(a::text, '') from audit_log a) as all`,
  )
  assert.ok(!String(rows[0]?.all).includes(body.token))
})

test('an invitation can be accepted once', async () => {
  const { token } = await invite('once@example.com')
  must(200, await accept(token))
  for (const reply of [await accept(token), await lookup(token)]) {
    assert.equal(codeOf(must(404, reply)), 'INVITATION_NOT_FOUND')
  }
})

test('an existing account joins with its own password, and no other password can be set', async () => {
  const { token } = await invite(players.outsider.email, 'manager')
  const own = { has_account: true }
  assert.equal(codeOf(must(401, await accept(token, fresh, own))), 'LOGIN_FAILED')
  must(401, await anonymous.post('auth/login', { email: players.outsider.email, password: fresh }))
  const { token: access } = must(200, await accept(token, password, own)).body
  const agencies = must(200, await bearing(access).get('me')).body.agencies
  assert.deepEqual(
    agencies.map(({ role }: { role: string }) => role),
    ['manager', 'admin'],
  )
  must(204, await admin.delete(`team/${players.outsider.user_id}`))
})

test('a closed account and one without a password are not reactivated by an invitation', async () => {
  await store.owner.query(
    `insert into users (id, email, full_name, is_active, auth_subject, email_proven_at, email_proven_by) values
       ('00000002-0000-7000-8000-0000000000a1', 'closed@example.com', 'Closed', false, null, now(), 'operator'),
       ('00000002-0000-7000-8000-0000000000a2', 'sso@example.com', 'Sso', true, 'sso', now(), 'operator')`,
  )
  await store.owner.query(
    `insert into team_members (agency_id, id, user_id, role, is_active)
     select $1, id, id, 'staff', false from users where email in ('closed@example.com', 'sso@example.com')`,
    [north],
  )
  for (const email of ['closed@example.com', 'sso@example.com']) {
    const { token } = await invite(email)
    assert.equal(must(200, await lookup(token)).body.was_member, true)
    for (const more of [{}, { has_account: true }]) {
      assert.equal(codeOf(must(401, await accept(token, fresh, more))), 'LOGIN_FAILED', email)
    }
  }
  const { rows: hashes } = await store.owner.query(
    "select password_hash from users where email in ('closed@example.com', 'sso@example.com')",
  )
  assert.deepEqual(hashes, [{ password_hash: null }, { password_hash: null }])
})

test('a former member returns with the role of the invitation; an active one cannot be invited', async (t) => {
  t.after(async () => must(204, await admin.delete(`team/${players.former.user_id}`)))
  const { token } = await invite(players.former.email, 'accountant')
  const { token: access } = must(200, await accept(token, password)).body
  assert.equal(must(200, await bearing(access).get('me')).body.role, 'accountant')
  const refused = must(409, await admin.post('team', { email: players.former.email.toUpperCase(), role: 'admin' }))
  assert.deepEqual([codeOf(refused), ...findings(refused)], ['CONFLICT', '/email ALREADY_A_MEMBER'])
})

test('a person who became a member meanwhile keeps their role', async () => {
  const { token } = await invite('meanwhile@example.com', 'staff')
  const first = must(200, await accept(token)).body
  const { id } = must(200, await bearing(first.token).get('me')).body.user
  must(204, await admin.delete(`team/${id}`))
  const again = await invite('meanwhile@example.com', 'accountant')
  must(200, await admin.patch(`team/${id}`, { is_active: true, role: 'owner' }))
  must(200, await accept(again.token))
  assert.equal(must(200, await admin.get(`team/${id}`)).body.role, 'owner')
})

test('inviting again replaces the open invitation; revoked and expired ones are not accepted', async () => {
  const first = await invite('again@example.com')
  const second = await invite('AGAIN@example.com', 'manager')
  must(404, await accept(first.token))
  assert.equal(must(200, await lookup(second.token)).body.role, 'manager')
  const listed = must(200, await admin.get('team/invitations')).body.items
  const ours = listed.filter(({ email }: { email: string }) => email === 'again@example.com')
  assert.deepEqual(
    ours.map(({ id }: { id: string }) => id),
    [second.id],
  )
  assert.deepEqual(Object.keys(ours[0]).sort(), [
    'created_at',
    'delivery',
    'email',
    'expires_at',
    'full_name',
    'id',
    'invited_by',
    'role',
  ])
  must(204, await admin.delete(`team/invitations/${second.id}`))
  assert.equal(codeOf(must(404, await admin.delete(`team/invitations/${second.id}`))), 'INVITATION_NOT_FOUND')
  must(404, await accept(second.token))
  const third = await invite('again@example.com')
  await store.owner.query("update team_invitations set expires_at = now() - interval '1 second' where id = $1", [
    third.id,
  ])
  must(404, await lookup(third.token))
  must(404, await accept(third.token))
  must(404, await admin.delete(`team/invitations/${third.id}`))
  await invite('again@example.com')
})

test('invitations belong to the admins of one agency', async () => {
  const { id } = await invite('mine@example.com')
  must(403, await manager.get('team/invitations'))
  must(403, await manager.post('team', { email: 'x@example.com', role: 'admin' }))
  assert.deepEqual(must(200, await outsider.get('team/invitations')).body.items, [])
  must(404, await outsider.delete(`team/invitations/${id}`))
  const pages = must(200, await admin.get('team/invitations?limit=1')).body
  assert.ok(pages.next_cursor)
  assert.notEqual(
    must(200, await admin.get(`team/invitations?limit=1&cursor=${pages.next_cursor}`)).body.items[0].id,
    pages.items[0].id,
  )
})

test('invalid invitations, passwords and tokens are refused with a pointer', async () => {
  for (const email of ['nobody', 'a b@example.com', 'two@at@signs', '\u0000@x.y', `${'x'.repeat(251)}@b.c`, '   ']) {
    const reply = await admin.post('team', { email, role: 'staff' })
    assert.match(findings(must(422, reply)).join(), /^\/email /, email)
  }
  must(422, await admin.post('team', { email: 'a@example.com', role: 'operator' }))
  must(422, await admin.post('team', { email: 'a@example.com', role: 'staff', full_name: '  ' }))
  const { token } = await invite('picky@example.com')
  assert.match(findings(must(422, await accept(token, 'short'))).join(), /^\/password /)
  must(422, await accept(token, fresh, { role: 'admin' }))
  must(422, await accept(token, fresh, { full_name: '' }))
  for (const wrong of ['x', '💥', token.toUpperCase(), `${token}=`]) must(404, await accept(wrong))
  must(200, await accept(token, fresh, { full_name: 'Picky' }))
})

test('the audit log names inviter and accepter of an invitation, and no address', async () => {
  const { id, token } = await invite('audited@example.com', 'owner')
  const { token: access } = must(200, await accept(token)).body
  const user_id = must(200, await bearing(access).get('me')).body.user.id
  const { rows } = await store.owner.query(
    'select agency_id, actor_id, actor_role, action, after from audit_log where entity_id in ($1, $2) order by id',
    [id, user_id],
  )
  assert.deepEqual(rows, [
    {
      agency_id: north,
      actor_id: players.admin.user_id,
      actor_role: 'admin',
      action: 'member.invited',
      after: { role: 'owner' },
    },
    {
      agency_id: north,
      actor_id: user_id,
      actor_role: 'owner',
      action: 'member.joined',
      after: { role: 'owner', invitation_id: id, invited_by: players.admin.user_id },
    },
  ])
})
