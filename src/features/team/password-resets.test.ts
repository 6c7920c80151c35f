// Lost passwords: the link, what it changes, and what nobody learns from it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { north, password, players } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { mailsTo, tokenFor, with_mail_server } from '../../../test/outbox.ts'
import { codeOf, findings, must } from '../../../test/steps.ts'
import { findAccounts } from './accounts.ts'
import { purgeLinks } from './password-resets.ts'

const fixture = await castPerTest({ env: with_mail_server })
const { admin, anonymous, bearing, manager, outsider, store } = fixture
const fresh = 'four words are enough'

const request = (email: string) => anonymous.post('auth/password-resets', { email })
const lookup = (token: string) => anonymous.post('auth/password-resets/lookup', { token })
const accept = (token: string, given = fresh) =>
  anonymous.post('auth/password-resets/accept', { token, password: given })
const signIn = (email: string, given: string, more: object = {}) =>
  anonymous.post('auth/login', { email, password: given, ...more })
const makeLink = (by: typeof admin, user_id: string) => by.post('team/password-resets', { user_id })
const tokenOf = (email: string) => tokenFor(fixture, 'password_reset', email)

/** An account for the address that belongs to the agency of `by`, with a password that its admin chose. */
async function takeAddress(by: typeof admin, email: string): Promise<void> {
  await by.post('team', { email, role: 'staff' })
  await store.owner.query('update team_invitations set is_mailed = false where email = $1', [email])
  const token = await tokenFor(fixture, 'invitation', email)
  must(200, await anonymous.post('auth/invitations/accept', { token, password: 'chosen by the admin' }))
}

test('a link sets a new password once, ends all sessions, and the person is told', async () => {
  const { email, user_id } = players.staff
  const session = must(200, await signIn(email, password)).body
  must(202, await request(` ${email.toUpperCase()}`))
  const token = await tokenOf(email)
  for (let n = 0; n < 2; n += 1) assert.deepEqual(must(200, await lookup(token)).body, { email })
  must(204, await accept(token))
  must(401, await bearing(session.token).get('me'))
  must(401, await anonymous.post('auth/refresh', { refresh_token: session.refresh_token }))
  must(401, await signIn(email, password))
  must(200, await signIn(email, fresh))
  for (const reply of [await accept(token, 'another four words'), await lookup(token)]) {
    assert.equal(codeOf(must(404, reply)), 'LINK_NOT_FOUND')
  }
  assert.deepEqual(
    (await mailsTo(fixture, email)).map(({ kind }) => kind),
    ['password_changed', 'password_reset'],
  )
  const { rows } = await store.owner.query(
    `select agency_id, actor_id, actor_role, after from audit_log where action = 'member.password_reset' and entity_id = $1`,
    [user_id],
  )
  assert.deepEqual(rows, [{ agency_id: north, actor_id: user_id, actor_role: 'staff', after: {} }])
})

test('a person in two agencies has an entry in the log of both', async () => {
  const { email, user_id } = players.bothAgencies
  must(202, await request(email))
  must(204, await accept(await tokenOf(email)))
  const { rows } = await store.owner.query(
    `select from audit_log where action = 'member.password_reset' and entity_id = $1`,
    [user_id],
  )
  assert.equal(rows.length, 2)
})

test('known, unknown, closed and provider accounts get the same answer, statements and rows', async () => {
  await store.owner.query('update users set is_active = false where id = $1', [players.former.user_id])
  await store.owner.query(`update users set password_hash = null, auth_subject = $2 where id = $1`, [
    players.owner.user_id,
    `sso ${north}`,
  ])
  const unknown = `nobody@${north}.example`
  const counted = async () => {
    const { rows } = await store.owner.query(
      'select (select count(*)::int from account_tokens) as links, (select count(*)::int from mail_messages) as mails',
    )
    return rows[0] as { links: number; mails: number }
  }
  const answers: string[] = []
  for (const email of [players.staff.email, players.former.email, players.owner.email, unknown]) {
    const before = await counted()
    const { text, headers } = must(202, await request(email))
    answers.push(`${text} ${headers['content-length']}`)
    const now = await counted()
    assert.deepEqual(now, { links: before.links + 1, mails: before.mails + 1 }, email)
  }
  assert.equal(new Set(answers).size, 1)
  for (const email of [players.former.email, players.owner.email, unknown]) {
    assert.deepEqual(await mailsTo(fixture, email), [], 'nothing is sent')
  }
})

test('an address gets at most five links in an hour, without another answer', async () => {
  const { email } = players.staff
  for (let n = 0; n < 7; n += 1) must(202, await request(email))
  assert.equal((await mailsTo(fixture, email)).length, 5)
  await store.owner.query("update account_tokens set created_at = now() - interval '61 minutes' where email = $1", [
    email,
  ])
  must(202, await request(email))
  assert.equal((await mailsTo(fixture, email)).length, 6)
})

test('a refused password leaves the link as it is; a link expires after an hour', async () => {
  const { email } = players.manager
  must(202, await request(email))
  const token = await tokenOf(email)
  for (const bad of ['short', 'password1234', email, 'north agency north']) {
    assert.match(findings(must(422, await accept(token, bad))).join(), /^\/password /, bad)
  }
  must(200, await lookup(token))
  await store.owner.query("update account_tokens set expires_at = now() - interval '1 second' where email = $1", [
    email,
  ])
  must(404, await accept(token))
  must(200, await signIn(email, password))
  assert.equal(await purgeLinks(store.db), 1)
})

test('malformed addresses are refused, unknown fields too', async () => {
  for (const email of ['nobody', 'a b@example.com', 'two@at@signs', '   ']) {
    assert.match(findings(must(422, await request(email))).join(), /^\/email /, email)
  }
  must(422, await anonymous.post('auth/password-resets', { email: 'a@example.com', agency: 'north' }))
})

test('the link ends other links of the address, and a pending change of the address', async () => {
  const { email } = players.staff
  const { token: access } = must(200, await signIn(email, password)).body
  must(202, await request(email))
  const first = await tokenOf(email)
  const change = { email: `new-${email}`, current_password: password }
  must(200, await bearing(access).patch('me', change))
  const confirmation = await tokenFor(fixture, 'email_confirmation', change.email)
  must(202, await request(email))
  must(204, await accept(await tokenOf(email)))
  must(404, await accept(first))
  must(404, await anonymous.post('auth/email-confirmations', { token: confirmation }))
})

test('a link sent to the address proves it and takes the account from who chose its password', async () => {
  const email = `taken@${north}.example`
  await takeAddress(admin, email)
  const [before] = await findAccounts(store.db, email)
  assert.equal(before?.local_agency_slug?.startsWith('north'), true)
  must(202, await request(email))
  must(204, await accept(await tokenOf(email)))
  const [account] = await findAccounts(store.db, email)
  assert.deepEqual([account?.local_agency_id, account?.email_proven_by], [null, 'link'])
  must(401, await signIn(email, 'chosen by the admin'))
  must(200, await signIn(email, fresh))
})

test('all accounts of the address get the password; only one of them is proven', async () => {
  const email = `twice@${north}.example`
  await takeAddress(admin, email)
  await takeAddress(outsider, email)
  must(202, await request(email))
  must(204, await accept(await tokenOf(email)))
  const accounts = await findAccounts(store.db, email)
  assert.deepEqual(
    accounts.map(({ local_agency_id }) => local_agency_id === null),
    [true, false],
  )
  for (const { active_slugs } of accounts) must(200, await signIn(email, fresh, { agency: active_slugs[0] }))
  must(401, await signIn(email, 'chosen by the admin'))
})

test('an admin has a link sent to a member and does not see it', async () => {
  const { email, user_id } = players.bothAgencies
  const { body } = must(201, await makeLink(admin, user_id))
  assert.deepEqual(Object.keys(body).sort(), ['delivery', 'expires_at'])
  assert.equal(body.delivery, 'mail')
  must(204, await accept(await tokenOf(email)))
  must(200, await signIn(email, fresh))
})

test('only an admin of the agency makes links, for active members with a password', async () => {
  const { user_id } = players.staff
  must(403, await makeLink(manager, user_id))
  must(404, await makeLink(outsider, user_id))
  must(404, await makeLink(admin, players.former.user_id))
  await store.owner.query(`update users set password_hash = null, auth_subject = $2 where id = $1`, [
    players.owner.user_id,
    `sso2 ${north}`,
  ])
  assert.equal(codeOf(must(409, await makeLink(admin, players.owner.user_id))), 'CONFLICT')
  for (let n = 0; n < 5; n += 1) must(201, await makeLink(admin, user_id))
  must(429, await makeLink(admin, user_id))
})
