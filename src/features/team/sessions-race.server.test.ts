// Proves what happens when one refresh token or one invitation is used many times at once.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { password, players } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { sentBeforeFirstAnswer, startRush } from '../../../test/races/rush.ts'
import { must } from '../../../test/steps.ts'
import { tally } from '../../commands/verify/overlap/counting.ts'

const stage = await cast()
const { token } = await stage.tokens.issue({ user_id: players.admin.user_id })
const rush = await startRush(stage.app, token)
after(() => rush.close())
const twenty = Array.from({ length: 20 }, (_, n) => n)

test('twenty refreshes with one token at once all count as its first use, and each pair works', async () => {
  const { body } = must(200, await stage.anonymous.post('auth/login', { email: players.staff.email, password }))
  const { refresh_token } = body
  const answers = await Promise.all(twenty.map(() => rush.send('POST', 'auth/refresh', { refresh_token })))
  assert.ok(sentBeforeFirstAnswer(answers) >= 10, 'they raced')
  assert.deepEqual(tally(answers), { '200': 20 })
  assert.equal(new Set(answers.map((answer) => answer.body.refresh_token)).size, 20)
  const { rows } = await stage.store.owner.query('select ended_at from sessions where user_id = $1', [
    players.staff.user_id,
  ])
  assert.deepEqual(rows, [{ ended_at: null }])
})

test('twenty who use a token that was used before all get nothing', async () => {
  const { body } = must(200, await stage.anonymous.post('auth/login', { email: players.owner.email, password }))
  const { refresh_token } = body
  must(200, await stage.anonymous.post('auth/refresh', { refresh_token }))
  await stage.store.owner.query("update refresh_tokens set used_at = used_at - interval '11 seconds'")
  const answers = await Promise.all(twenty.map(() => rush.send('POST', 'auth/refresh', { refresh_token })))
  assert.ok(sentBeforeFirstAnswer(answers) >= 10, 'they raced')
  assert.deepEqual(tally(answers), { '401 REFRESH_TOKEN_INVALID': 20 })
})

for (const [email, given] of [
  ['new@example.com', 'four words are enough'],
  [players.outsider.email, password],
] as const) {
  test(`of many who accept the invitation of ${email} at once, one gets in`, async () => {
    const { body } = must(201, await stage.admin.post('team', { email, role: 'staff' }))
    const acceptance = { token: body.token, password: given }
    const answers = await Promise.all(
      twenty.slice(0, 8).map(() => rush.send('POST', 'auth/invitations/accept', acceptance)),
    )
    assert.ok(sentBeforeFirstAnswer(answers) >= 4, 'they raced')
    assert.equal(answers.filter(({ status }) => status === 200).length, 1, JSON.stringify(tally(answers)))
    assert.ok(
      answers.every(({ status }) => [200, 401, 404].includes(status)),
      JSON.stringify(tally(answers)),
    )
    const { rows } = await stage.store.owner.query(
      "select from audit_log where action = 'member.joined' and after ->> 'invitation_id' = $1",
      [body.id],
    )
    assert.equal(rows.length, 1)
  })
}

test('twenty invitations of one e-mail at once leave one open', async () => {
  const answers = await Promise.all(
    twenty.map(() => rush.send('POST', 'team', { email: 'many@example.com', role: 'staff' })),
  )
  assert.ok(sentBeforeFirstAnswer(answers) >= 10, 'they raced')
  assert.deepEqual(tally(answers), { '201': 20 })
  const { rows } = await stage.store.owner.query(
    "select from team_invitations where email = 'many@example.com' and revoked_at is null and accepted_at is null",
  )
  assert.equal(rows.length, 1)
})
