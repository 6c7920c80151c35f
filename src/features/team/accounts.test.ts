// Accounts with the same e-mail: no takeover across agencies, and no admin learns whether one exists.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { north, password, players, south } from '../../../test/cast.ts'
import { cast, type Reply } from '../../../test/harness.ts'
import { codeOf, must } from '../../../test/steps.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import { findAccounts } from './accounts.ts'
import { addMember, proveMember } from './team.ts'

const fixture = await cast()
const { admin, anonymous, bearing, outsider, store } = fixture
const chosen = 'chosen by the inviting admin'
const fresh = 'four words are enough'

const invite = async (by: typeof admin, email: string, role = 'staff'): Promise<string> =>
  must(201, await by.post('team', { email, role })).body.token
const accept = (token: string, given: string, more: object = {}) =>
  anonymous.post('auth/invitations/accept', { token, password: given, ...more })
const signIn = (email: string, given: string, more: object = {}) =>
  anonymous.post('auth/login', { email, password: given, ...more })
const agenciesOf = async (pair: Reply): Promise<string[]> => {
  const { agencies } = must(200, await bearing(must(200, pair).body.token).get('me')).body
  return agencies.map(({ agency_slug }: { agency_slug: string }) => agency_slug)
}
const sqlstate = (text: string, values: unknown[]) =>
  store.owner.query(text, values).then(
    () => '',
    (error: { constraint?: string }) => error.constraint,
  )

/** An account for another person's address: the admin of north accepts the invitation themselves. */
async function takeAddress(email: string): Promise<string> {
  const { token } = must(200, await accept(await invite(admin, email, 'admin'), chosen)).body
  return token
}

test("an invited account's password does not open an agency that adds the address later", async () => {
  const email = 'victim@example.com'
  const access = await takeAddress(email)
  const added = await addMember(store.db, operatorOf(south), { email, role: 'admin', password: fresh })
  assert.equal(added.before, undefined, 'a new account')
  assert.deepEqual(
    added.others.map(({ local_agency_slug }) => local_agency_slug),
    ['north'],
  )
  assert.deepEqual(await agenciesOf(await signIn(email, chosen)), ['north'])
  assert.deepEqual(await agenciesOf(await signIn(email, fresh)), ['south'])
  must(403, await bearing(access).get('properties', { 'x-agency-id': south }))
})

test("an invited account's password does not accept another agency's invitation", async () => {
  const email = 'both@example.com'
  await takeAddress(email)
  const token = await invite(outsider, email)
  assert.equal(codeOf(must(401, await accept(token, chosen, { has_account: true }))), 'LOGIN_FAILED')
  assert.deepEqual(await agenciesOf(await accept(token, fresh)), ['south'])
  assert.deepEqual(await agenciesOf(await signIn(email, chosen)), ['north'])
  assert.deepEqual(await agenciesOf(await signIn(email, fresh)), ['south'])
})

test('of several accounts with one password the named agency selects one', async () => {
  const email = 'same@example.com'
  must(200, await accept(await invite(admin, email), fresh))
  must(200, await accept(await invite(outsider, email), fresh))
  assert.deepEqual(await agenciesOf(await signIn(email, fresh)), ['north'])
  for (const agency of ['north', 'south']) {
    assert.deepEqual(await agenciesOf(await signIn(email, fresh, { agency })), [agency])
  }
  must(401, await signIn(email, fresh, { agency: 'elsewhere' }))
  must(401, await signIn(email, chosen, { agency: 'south' }))
})

test('the database refuses an unproven account as a member of another agency', async () => {
  const email = 'local@example.com'
  await takeAddress(email)
  const [account] = await findAccounts(store.db, email)
  const insert = "insert into team_members (agency_id, id, user_id, role) values ($1, gen_random_uuid(), $2, 'staff')"
  assert.equal(await sqlstate(insert, [south, account?.id]), 'team_members_local_account')
  const prove = "update users set email_proven_at = now(), email_proven_by = 'link' where id = $1"
  assert.equal(await sqlstate(prove, [account?.id]), 'users_email_proven_check')
  const nobody = "insert into users (id, email, full_name) values (gen_random_uuid(), 'x@example.com', 'X')"
  assert.equal(await sqlstate(nobody, []), 'users_email_proven_check')
})

test('an unproven account already in another agency no longer acts there', async () => {
  const email = 'legacy@example.com'
  const access = await takeAddress(email)
  const [account] = await findAccounts(store.db, email)
  await store.owner.query(
    "insert into team_members (agency_id, id, user_id, role, is_active) values ($1, gen_random_uuid(), $2, 'admin', false)",
    [south, account?.id],
  )
  await store.owner.query('alter table team_members disable trigger refuse_foreign_local_account')
  await store.owner.query('update team_members set is_active = true where agency_id = $1 and user_id = $2', [
    south,
    account?.id,
  ])
  await store.owner.query('alter table team_members enable trigger refuse_foreign_local_account')
  assert.deepEqual(await agenciesOf(await signIn(email, chosen)), ['north'])
  must(403, await bearing(access).get('team', { 'x-agency-id': south }))
  const again = addMember(store.db, operatorOf(south), { email, role: 'admin' })
  await assert.rejects(again, /created by an invitation of north and was never proven.*--reset-password.*member prove/s)
  await addMember(store.db, operatorOf(south), { email, role: 'staff', password: fresh, reset_password: true })
  must(401, await bearing(access).get('me'))
  must(401, await signIn(email, chosen))
  assert.deepEqual(await agenciesOf(await signIn(email, fresh)), ['north', 'south'])
})

test('the operator proves an account, with its password or a new one that ends its sessions', async () => {
  for (const [email, reset] of [
    ['kept@example.com', false],
    ['reset@example.com', true],
  ] as const) {
    const access = await takeAddress(email)
    await proveMember(store.db, { email, ...(reset && { password: fresh }) })
    const [account] = await findAccounts(store.db, email)
    assert.deepEqual([account?.email_proven_by, account?.local_agency_id], ['operator', null])
    const { rows } = await store.owner.query(
      "select agency_id, actor_role, after from audit_log where action = 'member.address_proven' and entity_id = $1",
      [account?.id],
    )
    const after = { email_proven_by: 'operator', keeps_password: !reset }
    assert.deepEqual(rows, [{ agency_id: north, actor_role: 'operator', after }])
    must(reset ? 401 : 200, await bearing(access).get('me'))
    must(reset ? 401 : 200, await signIn(email, chosen))
    const added = await addMember(store.db, operatorOf(south), { email, role: 'staff' })
    assert.equal(added.before?.id, account?.id)
    assert.deepEqual(await agenciesOf(await signIn(email, reset ? fresh : chosen)), ['north', 'south'])
    await assert.rejects(proveMember(store.db, { email }), /already has a proven account/)
  }
})

test('the operator selects which of several accounts is proven, and only one can be', async () => {
  const email = 'several@example.com'
  await takeAddress(email)
  must(200, await accept(await invite(outsider, email), fresh))
  await assert.rejects(proveMember(store.db, { email }), /north, south: choose one with --agency/)
  await proveMember(store.db, { email, agency_id: south })
  await assert.rejects(proveMember(store.db, { email, agency_id: north }), /already has a proven account/)
  await assert.rejects(proveMember(store.db, { email: 'nobody@example.com' }), /has no account/)
})

test('setting a subject removes the password, ends its sessions and proves the address', async () => {
  const email = 'sso@example.com'
  const access = await takeAddress(email)
  const { refresh_token } = must(200, await signIn(email, chosen)).body
  await addMember(store.db, operatorOf(north), { email, role: 'staff', subject: 'provider|1' })
  must(401, await signIn(email, chosen))
  must(401, await bearing(access).get('me'))
  must(401, await anonymous.post('auth/refresh', { refresh_token }))
  const [account] = await findAccounts(store.db, email)
  assert.deepEqual([account?.password_hash, account?.email_proven_by], [null, 'operator'])
  const give = { email, role: 'staff' } as const
  for (const [more, text] of [
    [{ password: fresh }, /cannot have a password/],
    [{ password: fresh, reset_password: true }, /cannot have a password/],
    [{ subject: 'provider|2' }, /another subject/],
    [{ subject: 'provider|1', password: fresh }, /cannot have a password/],
  ] as const) {
    await assert.rejects(addMember(store.db, operatorOf(north), { ...give, ...more }), text)
  }
  const taken = { email: 'other-sso@example.com', role: 'staff', subject: 'provider|1' } as const
  await assert.rejects(addMember(store.db, operatorOf(north), taken), /Another account is linked to this subject/)
  await addMember(store.db, operatorOf(north), { ...give, subject: 'provider|1' })
})

/** What an admin can see of an invitation, from the request to the member list, without ids and times. */
async function seen(email: string, more: object): Promise<string> {
  const invited = await admin.post('team', { email, role: 'staff' })
  const token = invited.body.token
  const lookup = await anonymous.post('auth/invitations/lookup', { token })
  const wrong = await accept(token, 'too easy')
  const first = await accept(token, chosen, more)
  const second = await accept(token, chosen)
  const session = await signIn(email, chosen)
  const me = first.status === 200 ? await bearing(first.body.token).get('me') : first
  const team = await admin.get(`team?q=${encodeURIComponent(email)}`)
  const replies = [invited, lookup, wrong, first, second, session, me, team]
  const text = JSON.stringify(replies.map(({ status, text: body, headers }) => [status, body, Object.keys(headers)]))
  return text
    .replaceAll(email, '<email>')
    .replaceAll(email.split('@')[0] ?? '', '<name>')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}|[\w-]{43}|eyJ[\w.-]+|\d{4}-\d\d-\d\dT[\d:.]+Z|\\"req[^,]*/g, '<x>')
}

test('an admin sees the same whether an invited address has an account elsewhere or not', async () => {
  await addMember(store.db, operatorOf(south), { email: 'known-a@example.com', role: 'staff', password: fresh })
  await addMember(store.db, operatorOf(south), { email: 'known-b@example.com', role: 'staff', password: fresh })
  must(200, await accept(await invite(outsider, 'known-c@example.com'), fresh))
  const closed = await addMember(store.db, operatorOf(south), { email: 'known-d@example.com', role: 'staff' })
  await store.owner.query('update users set is_active = false where id = $1', [closed.user_id])
  await addMember(store.db, operatorOf(south), { email: 'known-e@example.com', role: 'staff', subject: 'elsewhere' })
  const unknown = {
    new: await seen('knows-a@example.com', {}),
    own: await seen('knows-b@example.com', { has_account: true }),
  }
  assert.equal(await seen('known-a@example.com', {}), unknown.new)
  assert.equal(await seen('known-b@example.com', { has_account: true }), unknown.own)
  assert.equal(await seen('known-c@example.com', {}), unknown.new)
  assert.equal(await seen('known-d@example.com', {}), unknown.new)
  assert.equal(await seen('known-e@example.com', {}), unknown.new)
  assert.deepEqual(
    await agenciesOf(await signIn('known-a@example.com', fresh)),
    ['south'],
    'the other account is unchanged',
  )
})

test('all accounts of an address share their salt, so that sign-in hashes once', async () => {
  const { rows } = await store.owner.query(
    `select email, count(*)::int as accounts, count(distinct split_part(password_hash, '$', 5))::int as salts
     from users where password_hash is not null group by email having count(*) > 1`,
  )
  assert.ok(rows.length >= 4, `${rows.length}`)
  for (const row of rows) assert.equal(row.salts, 1, JSON.stringify(row))
})

test('a new password is set for one account of the address only', async () => {
  const email = 'change@example.com'
  await takeAddress(email)
  await addMember(store.db, operatorOf(south), { email, role: 'staff', password: fresh })
  const { token } = must(200, await signIn(email, fresh)).body
  const body = { current_password: chosen, new_password: 'a wholly new password' }
  must(401, await bearing(token).post('auth/password', body), 'the password of the other account')
  must(200, await bearing(token).post('auth/password', { ...body, current_password: fresh }))
  assert.deepEqual(await agenciesOf(await signIn(email, 'a wholly new password')), ['south'])
  assert.deepEqual(await agenciesOf(await signIn(email, chosen)), ['north'])
})

test('an invitation is revoked when its inviter may no longer invite, and stays revoked', async (t) => {
  const { manager } = players
  const path = `team/${manager.user_id}`
  const close = (is_active: boolean) =>
    store.owner.query('update users set is_active = $1 where id = $2', [is_active, manager.user_id])
  const endings: Record<string, [end: () => Promise<unknown>, undo: () => Promise<unknown>]> = {
    demoted: [() => admin.patch(path, { role: 'manager' }), () => admin.patch(path, { role: 'admin' })],
    deactivated: [() => admin.patch(path, { is_active: false }), () => admin.patch(path, { is_active: true })],
    removed: [() => admin.delete(path), () => admin.patch(path, { is_active: true })],
    'demoted by the operator': [
      () => addMember(store.db, operatorOf(north), { email: manager.email, role: 'owner' }),
      () => admin.patch(path, { role: 'admin' }),
    ],
  }
  t.after(async () => must(200, await admin.patch(path, { role: 'manager', is_active: true })))
  must(200, await admin.patch(path, { role: 'admin' }))
  const gone = async (token: string) => {
    for (const reply of [await accept(token, fresh), await anonymous.post('auth/invitations/lookup', { token })]) {
      assert.equal(codeOf(must(404, reply)), 'INVITATION_NOT_FOUND')
    }
  }
  for (const [name, [end, undo]] of Object.entries(endings)) {
    const email = `by-${name.replaceAll(' ', '-')}@example.com`
    const token = await invite(fixture.manager, email, 'admin')
    await end()
    await gone(token)
    const { items } = must(200, await admin.get('team/invitations?limit=100')).body
    assert.ok(!items.some((one: { email: string }) => one.email === email), name)
    await undo()
    await gone(token)
    assert.deepEqual(await findAccounts(store.db, email), [], name)
  }
  const token = await invite(fixture.manager, 'closed-inviter@example.com', 'admin')
  await close(false)
  await gone(token)
  await close(true)
})

test('an account that is closed or changes its password during acceptance does not join', async () => {
  const { email, user_id } = players.former
  const token = await invite(admin, email)
  const change = 'update users set token_generation = token_generation + 1 where id = $1'
  const [before] = await findAccounts(store.db, email)
  await store.owner.query(change, [user_id])
  const { rows } = await store.owner.query(
    `select app.accept_invitation(sha256($1::text::bytea), $2, $3, gen_random_uuid(), gen_random_uuid(), 'r', 'x', null) as outcome`,
    [token, user_id, before?.token_generation],
  )
  assert.deepEqual(rows, [{ outcome: 'refused' }])
  must(200, await accept(token, password))
  must(204, await admin.delete(`team/${user_id}`))
})
