// People change their own name, language and e-mail address.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { north, password, players } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { mailsTo, tokenFor, with_mail_server } from '../../../test/outbox.ts'
import { codeOf, findings, must } from '../../../test/steps.ts'
import { findAccounts } from './accounts.ts'

const fixture = await castPerTest({ env: with_mail_server })
const { admin, anonymous, bothAgencies, outsider, staff, store } = fixture

const confirm = (token: string) => anonymous.post('auth/email-confirmations', { token })
const confirmationFor = (email: string) => tokenFor(fixture, 'email_confirmation', email)

test('name and language change at once, in every agency, with an entry that names the fields', async () => {
  const { body } = must(200, await bothAgencies.patch('me', { full_name: 'Kim Both', language: 'de' }))
  const { user_id: id, email } = players.bothAgencies
  assert.deepEqual(body, { id, email, full_name: 'Kim Both', language: 'de', pending_email: null })
  assert.deepEqual(must(200, await bothAgencies.get('me')).body.user, body)
  assert.equal(must(200, await admin.get(`team/${id}`)).body.full_name, 'Kim Both')
  const { rows } = await store.owner.query(
    `select a.after, actors.name from audit_log a join actors on actors.agency_id = a.agency_id and actors.id = a.actor_id
     where a.action = 'member.profile_changed' and a.entity_id = $1`,
    [id],
  )
  assert.deepEqual(rows, Array(2).fill({ after: { fields: ['full_name', 'language'] }, name: 'Kim Both' }))
  must(200, await bothAgencies.patch('me', { language: 'de' }))
  const { rows: same } = await store.owner.query(
    `select from audit_log where action = 'member.profile_changed' and entity_id = $1`,
    [id],
  )
  assert.equal(same.length, 2, 'nothing has changed')
})

test('a new address replaces the old one when it is confirmed, and the old one is told', async () => {
  const { email: old, user_id } = players.staff
  const email = `New.Staff@${north}.example`
  const changed = must(200, await staff.patch('me', { email, current_password: password })).body
  assert.deepEqual([changed.email, changed.pending_email], [old, email.toLowerCase()])
  must(200, await anonymous.post('auth/login', { email: old, password }))
  must(401, await anonymous.post('auth/login', { email, password }))
  const token = await confirmationFor(email.toLowerCase())
  must(204, await confirm(token))
  must(401, await anonymous.post('auth/login', { email: old, password }))
  must(200, await anonymous.post('auth/login', { email, password }))
  const { user } = must(200, await staff.get('me')).body
  assert.deepEqual([user.email, user.pending_email], [email.toLowerCase(), null])
  const [notice] = await mailsTo(fixture, old)
  assert.deepEqual([notice?.kind, notice?.params], ['email_changed', { new_email: email.toLowerCase() }])
  assert.equal(codeOf(must(404, await confirm(token))), 'LINK_NOT_FOUND')
  const { rows } = await store.owner.query(
    `select after from audit_log where action = 'member.email_changed' and entity_id = $1`,
    [user_id],
  )
  assert.deepEqual(rows, [{ after: {} }], 'no address')
})

test('a new address needs the present password', async () => {
  const email = `other@${north}.example`
  assert.deepEqual(findings(must(422, await staff.patch('me', { email }))), ['/current_password INVALID'])
  must(401, await staff.patch('me', { email, current_password: 'not the password' }))
  assert.match(
    findings(must(422, await staff.patch('me', { email: 'nobody', current_password: password }))).join(),
    /^\/email /,
  )
  assert.deepEqual(await mailsTo(fixture, email), [])
})

test('the answer does not tell whether the address has an account; the link of its owner does', async () => {
  const { email } = players.outsider
  const taken = must(200, await staff.patch('me', { email, current_password: password })).body
  assert.equal(taken.pending_email, email)
  const token = await confirmationFor(email)
  assert.equal(codeOf(must(409, await confirm(token))), 'CONFLICT')
  assert.equal(must(200, await staff.get('me')).body.user.email, players.staff.email)
  must(200, await outsider.get('me'))
})

test('a later request replaces the link, and five in an hour are the limit', async () => {
  const first = `first@${north}.example`
  must(200, await staff.patch('me', { email: first, current_password: password }))
  const token = await confirmationFor(first)
  for (let n = 2; n <= 5; n += 1) {
    must(200, await staff.patch('me', { email: `a${n}@${north}.example`, current_password: password }))
  }
  must(404, await confirm(token))
  must(429, await staff.patch('me', { email: `a6@${north}.example`, current_password: password }))
  must(204, await confirm(await confirmationFor(`a5@${north}.example`)))
})

test('a new password ends a pending change of the address', async () => {
  const email = `pending@${north}.example`
  const own = must(200, await anonymous.post('auth/login', { email: players.staff.email, password })).body
  must(200, await staff.patch('me', { email, current_password: password }))
  const change = { current_password: password, new_password: 'four words are enough' }
  must(200, await fixture.bearing(own.token).post('auth/password', change))
  must(404, await confirm(await confirmationFor(email)))
  assert.equal((await mailsTo(fixture, players.staff.email))[0]?.kind, 'password_changed')
})

test('an unproven account stays unproven: somebody else may have chosen its password', async () => {
  const [email, own] = [`unproven@${north}.example`, `own@${north}.example`]
  must(201, await admin.post('team', { email, role: 'staff' }))
  await store.owner.query('update team_invitations set is_mailed = false where email = $1', [email])
  const token = await tokenFor(fixture, 'invitation', email)
  const accepted = await anonymous.post('auth/invitations/accept', { token, password: 'four words are enough' })
  const client = fixture.bearing(must(200, accepted).body.token)
  must(200, await client.patch('me', { email: own, current_password: 'four words are enough' }))
  must(204, await confirm(await confirmationFor(own)))
  const [account] = await findAccounts(store.db, own)
  assert.equal(account?.email_proven_by, null)
  assert.ok(account?.local_agency_slug?.startsWith('north'))
})

test('an account of an identity provider keeps the address that the provider gives it', async () => {
  await store.owner.query('update users set password_hash = null, auth_subject = $2 where id = $1', [
    players.owner.user_id,
    `sso ${north}`,
  ])
  const reply = await fixture.owner.patch('me', { email: 'x@example.com', current_password: 'x' })
  assert.equal(codeOf(must(409, reply)), 'CONFLICT')
  must(200, await fixture.owner.patch('me', { full_name: 'Olive Owner' }))
})

test('malformed changes are refused', async () => {
  for (const body of [{}, { full_name: '  ' }, { language: 'fr' }, { role: 'admin' }, { email: null }]) {
    must(422, await staff.patch('me', body))
  }
})
