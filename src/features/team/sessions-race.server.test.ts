// Concurrent use of one refresh token or invitation, and races with the inviter's demotion.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { password, players } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { startClients } from '../../../test/races/clients.ts'
import { must } from '../../../test/steps.ts'
import { until } from '../../../test/until.ts'
import { countByKind } from '../../commands/verify/overlap/statistics.ts'

const fixture = await cast()
const { token } = await fixture.tokens.issue({ user_id: players.admin.user_id })
const clients = await startClients(fixture.app, token)
after(() => clients.close())

test('twenty concurrent refreshes with one token get the same successor', async () => {
  const { body } = must(200, await fixture.anonymous.post('auth/login', { email: players.staff.email, password }))
  const { refresh_token } = body
  const answers = await clients.together(20, () => clients.send('POST', 'auth/refresh', { refresh_token }))
  assert.deepEqual(countByKind(answers), { '200': 20 })
  const [successor, ...others] = new Set(answers.map((answer) => String(answer.body.refresh_token)))
  assert.deepEqual(others, [])
  must(200, await fixture.anonymous.post('auth/refresh', { refresh_token: successor }))
  const { rows } = await fixture.store.owner.query('select ended_at from sessions where user_id = $1', [
    players.staff.user_id,
  ])
  assert.deepEqual(rows, [{ ended_at: null }])
})

test('twenty concurrent uses of an already used token all get 401', async () => {
  const { body } = must(200, await fixture.anonymous.post('auth/login', { email: players.owner.email, password }))
  const { refresh_token } = body
  must(200, await fixture.anonymous.post('auth/refresh', { refresh_token }))
  await fixture.store.owner.query("update refresh_tokens set used_at = used_at - interval '11 seconds'")
  const answers = await clients.together(20, () => clients.send('POST', 'auth/refresh', { refresh_token }))
  assert.deepEqual(countByKind(answers), { '401 REFRESH_TOKEN_INVALID': 20 })
})

for (const [email, given, has_account] of [
  ['new@example.com', 'four words are enough', false],
  [players.outsider.email, password, true],
] as const) {
  test(`of many concurrent acceptances of the invitation of ${email} one succeeds`, async () => {
    const { body } = must(201, await fixture.admin.post('team', { email, role: 'staff' }))
    const acceptance = { token: body.token, password: given, has_account }
    const answers = await clients.together(8, () => clients.send('POST', 'auth/invitations/accept', acceptance))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1, JSON.stringify(countByKind(answers)))
    assert.ok(
      answers.every(({ status }) => [200, 404].includes(status)),
      JSON.stringify(countByKind(answers)),
    )
    const { rows } = await fixture.store.owner.query(
      "select from audit_log where action = 'member.joined' and after ->> 'invitation_id' = $1",
      [body.id],
    )
    assert.equal(rows.length, 1)
  })
}

test('twenty concurrent invitations of one e-mail leave one open', async () => {
  const answers = await clients.together(20, () =>
    clients.send('POST', 'team', { email: 'many@example.com', role: 'staff' }),
  )
  assert.deepEqual(countByKind(answers), { '201': 20 })
  const { rows } = await fixture.store.owner.query(
    "select from team_invitations where email = 'many@example.com' and revoked_at is null and accepted_at is null",
  )
  assert.equal(rows.length, 1)
})

test("an acceptance during its inviter's demotion succeeds completely or not at all", async () => {
  const { admin, manager } = players
  const demotions = [{ role: 'staff' }, { is_active: false }]
  await fixture.store.owner.query("update team_members set role = 'admin' where user_id = $1", [manager.user_id])
  const { token: by_manager } = await fixture.tokens.issue({ user_id: manager.user_id })
  for (let round = 0; round < 12; round += 1) {
    await fixture.store.owner.query(
      "update team_members set role = 'admin', is_active = true where user_id = any ($1)",
      [[admin.user_id, manager.user_id]],
    )
    const invited = must(
      201,
      await fixture.bearing(by_manager).post('team', { email: `r${round}@example.com`, role: 'admin' }),
    )
    const accept = { token: invited.body.token, password: 'four words are enough' }
    const demote = () => clients.send('PATCH', `team/${manager.user_id}`, demotions[round % 2])
    const join = () => clients.send('POST', 'auth/invitations/accept', accept)
    const [joined, demoted] =
      round % 4 < 2 ? await Promise.all([join(), demote()]) : (await Promise.all([demote(), join()])).reverse()
    assert.equal(demoted?.status, 200)
    const { rows } = await fixture.store.owner.query(
      "select from audit_log where action = 'member.joined' and after ->> 'invitation_id' = $1",
      [invited.body.id],
    )
    assert.ok([200, 404].includes(joined?.status ?? 0), JSON.stringify(joined?.body))
    assert.equal(rows.length, joined?.status === 200 ? 1 : 0)
    must(404, await fixture.anonymous.post('auth/invitations/lookup', { token: invited.body.token }))
  }
})

test('a demotion in progress when an invitation is accepted revokes the invitation', async () => {
  const { manager } = players
  for (const change of ["role = 'staff'", 'is_active = false']) {
    await fixture.store.owner.query("update team_members set role = 'admin', is_active = true where user_id = $1", [
      manager.user_id,
    ])
    const { token: by_manager } = await fixture.tokens.issue({ user_id: manager.user_id })
    const email = `held-${change.length}@example.com`
    const { body } = must(201, await fixture.bearing(by_manager).post('team', { email, role: 'admin' }))
    const demotion = await fixture.store.connectOwner()
    try {
      await demotion.query('begin')
      await demotion.query(`update team_members set ${change} where user_id = $1`, [manager.user_id])
      const acceptance = clients.send('POST', 'auth/invitations/accept', {
        token: body.token,
        password: 'four words are enough',
      })
      await until(async () => {
        const { rows } = await fixture.store.owner.query(
          "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%accept_invitation%'",
        )
        return rows.length > 0
      })
      await demotion.query('commit')
      assert.equal((await acceptance).status, 404)
    } finally {
      await demotion.release()
    }
    const { rows } = await fixture.store.owner.query('select from users where email = $1', [email])
    assert.equal(rows.length, 0, 'no account was created')
  }
})
