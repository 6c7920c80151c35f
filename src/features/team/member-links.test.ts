// Links of an admin without a mail server: shown only for an account of the agency alone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { north, password, players } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { tokenFor } from '../../../test/outbox.ts'
import { must } from '../../../test/steps.ts'
import { findAccounts } from './accounts.ts'
import { proveMember } from './team.ts'

const fixture = await castPerTest({ env: { PUBLIC_URL: 'https://roost.example' } })
const { admin, anonymous, bearing, manager, store } = fixture
const fresh = 'four words are enough'

const accept = (token: string) => anonymous.post('auth/password-resets/accept', { token, password: fresh })
const makeLink = (by: typeof admin, user_id: string) => by.post('team/password-resets', { user_id })

/** A member whose account was created by an invitation of this agency. */
async function invited(email = `sam@${north}.example`): Promise<{ id: string; email: string }> {
  const { token } = must(201, await admin.post('team', { email, role: 'staff' })).body
  const pair = must(
    200,
    await anonymous.post('auth/invitations/accept', { token, password: 'the first password' }),
  ).body
  return { id: must(200, await bearing(pair.token).get('me')).body.user.id, email }
}

test('the admin gets the link for an account that their invitation created; it proves nothing', async () => {
  const { id, email } = await invited()
  const { body } = must(201, await makeLink(admin, id))
  assert.equal(body.delivery, 'link')
  assert.equal(body.link, `https://roost.example/password-reset?token=${body.token}`)
  must(204, await accept(body.token))
  must(404, await accept(body.token))
  must(200, await anonymous.post('auth/login', { email, password: fresh }))
  const [account] = await findAccounts(store.db, email)
  assert.equal(account?.email_proven_by, null, 'the admin has seen the link')
})

test('the operator gets the link for a proven account, in one agency or in several', async () => {
  const answers: string[] = []
  for (const { user_id, email } of [players.staff, players.bothAgencies]) {
    const { body } = must(201, await makeLink(admin, user_id))
    assert.deepEqual(Object.keys(body).sort(), ['delivery', 'expires_at'])
    answers.push(body.delivery)
    must(204, await accept(await tokenFor(fixture, 'password_reset', email)))
  }
  assert.deepEqual(answers, ['operator', 'operator'])
})

test('a link that an admin has seen ends with their right to invite and with the proof', async () => {
  const first = await invited()
  const { token } = must(201, await makeLink(admin, first.id)).body
  await proveMember(store.db, { email: first.email })
  must(404, await accept(token))
  const second = await invited(`kim@${north}.example`)
  await store.owner.query("update team_members set role = 'admin' where user_id = $1", [players.manager.user_id])
  const by_manager = must(201, await makeLink(manager, second.id)).body
  must(200, await admin.patch(`team/${players.manager.user_id}`, { role: 'manager' }))
  must(404, await accept(by_manager.token))
})

test('a link for one account leaves other accounts of the address as they are', async () => {
  const email = players.outsider.email
  const { id } = await invited(email)
  const { token } = must(201, await makeLink(admin, id)).body
  must(204, await accept(token))
  const own = must(200, await anonymous.post('auth/login', { email, password })).body
  const { agencies } = must(200, await bearing(own.token).get('me')).body
  assert.deepEqual(
    agencies.map(({ role }: { role: string }) => role),
    ['admin'],
  )
})

test('without a mail server requests for links are kept for the operator', async () => {
  const { email } = players.staff
  must(202, await anonymous.post('auth/password-resets', { email }))
  must(204, await accept(await tokenFor(fixture, 'password_reset', email)))
})
