// Invitations with a mail server: the link goes to the address only, and accepting proves it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { north, password, players } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { mailsTo, tokenFor, with_mail_server } from '../../../test/outbox.ts'
import { codeOf, must } from '../../../test/steps.ts'
import { findAccounts } from './accounts.ts'

const fixture = await castPerTest({ env: with_mail_server })
const { admin, anonymous, bearing, store } = fixture
const fresh = 'four words are enough'

async function invite(email: string, role = 'staff'): Promise<string> {
  must(201, await admin.post('team', { email, role }))
  return tokenFor(fixture, 'invitation', email)
}
const lookup = (token: string) => anonymous.post('auth/invitations/lookup', { token })
const accept = (token: string, given = fresh) => anonymous.post('auth/invitations/accept', { token, password: given })

test('the inviting admin does not see the link, and the message names agency and role', async () => {
  const email = `sam@${north}.example`
  const { body, text } = must(201, await admin.post('team', { email, role: 'manager' }))
  assert.deepEqual(Object.keys(body), ['id', 'email', 'full_name', 'role', 'expires_at', 'delivery'])
  const token = await tokenFor(fixture, 'invitation', email)
  assert.ok(!text.includes(token))
  const [message] = await mailsTo(fixture, email)
  assert.deepEqual(message?.params, { agency_name: 'North', role: 'manager' })
  const [listed] = must(200, await admin.get('team/invitations')).body.items
  assert.deepEqual([listed.delivery, listed.token], ['mail', undefined])
})

test('accepting proves the address of the new account', async () => {
  const email = `new@${north}.example`
  const token = await invite(email)
  assert.equal(must(200, await lookup(token)).body.has_account, false)
  must(200, await accept(token))
  const [account] = await findAccounts(store.db, email)
  assert.deepEqual([account?.local_agency_id, account?.email_proven_by], [null, 'link'])
  must(404, await accept(token))
})

test('a proven account joins with its own password, and no second account is made', async () => {
  const { email } = players.outsider
  const token = await invite(email, 'manager')
  assert.equal(must(200, await lookup(token)).body.has_account, true)
  assert.equal(codeOf(must(401, await accept(token, fresh))), 'LOGIN_FAILED')
  const own = { token, password, has_account: false }
  const { token: access } = must(200, await anonymous.post('auth/invitations/accept', own)).body
  assert.equal(must(200, await bearing(access).get('me')).body.agencies.length, 2)
  assert.equal((await findAccounts(store.db, email)).length, 1)
})

test('a former member whose account was never proven stays unproven', async () => {
  const email = `back@${north}.example`
  const first = await invite(email)
  await store.owner.query('update team_invitations set is_mailed = false where email = $1', [email])
  const { token: access } = must(200, await accept(first)).body
  const { id } = must(200, await bearing(access).get('me')).body.user
  must(204, await admin.delete(`team/${id}`))
  must(200, await accept(await invite(email)))
  const [account] = await findAccounts(store.db, email)
  assert.equal(account?.email_proven_by, null)
})

test('a proven account that is created while the invitation is open is not doubled', async () => {
  const email = `meanwhile@${north}.example`
  const token = await invite(email)
  const { rows } = await store.owner.query(
    `with made as (insert into users (id, email, full_name, email_proven_at, email_proven_by)
       values (gen_random_uuid(), $1, 'X', now(), 'operator') returning 1)
     select count(*) from made`,
    [email],
  )
  assert.equal(rows.length, 1)
  const { rows: outcome } = await store.owner.query(
    `select app.accept_invitation(sha256($1::text::bytea), gen_random_uuid(), 0, gen_random_uuid(), gen_random_uuid(), 'r', 'X', 'hash')
     as outcome`,
    [token],
  )
  assert.deepEqual(outcome, [{ outcome: 'refused' }])
})

test('a reused refresh token is reported to the person', async () => {
  const { email } = players.staff
  const { refresh_token } = must(200, await anonymous.post('auth/login', { email, password })).body
  must(200, await anonymous.post('auth/refresh', { refresh_token }))
  await store.owner.query("update refresh_tokens set used_at = used_at - interval '11 seconds'")
  must(401, await anonymous.post('auth/refresh', { refresh_token }))
  assert.deepEqual(
    (await mailsTo(fixture, email)).map(({ kind }) => kind),
    ['session_ended'],
  )
})
