// A person sees their own sessions and ends one by its id.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { password, players } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { codeOf, must } from '../../../test/steps.ts'

const fixture = await castPerTest()
const { admin, anonymous, bearing, outsider, store } = fixture
const missing = '00000000-0000-7000-8000-00000000dead'

/** Signs in on two devices. */
async function signInTwice(email = players.staff.email) {
  const [phone, desk] = await Promise.all(
    ['Phone', 'Desk'].map(async (device) => {
      const reply = await anonymous.post('auth/login', { email, password }, { 'user-agent': device })
      return must(200, reply).body as { token: string; refresh_token: string }
    }),
  )
  if (phone === undefined || desk === undefined) throw new Error('no answer')
  return {
    phone: bearing(phone.token),
    desk: bearing(desk.token),
    of_phone: phone.refresh_token,
    of_desk: desk.refresh_token,
  }
}
type Listed = { id: string; user_agent: string; is_current: boolean; used_at: string; created_at: string }
const listOf = async (client: typeof admin) => must(200, await client.get('me/sessions')).body.items as Listed[]
const idOf = (items: Listed[], device: string) => items.find(({ user_agent }) => user_agent === device)?.id ?? ''

test('each session has its device and last use, and the one of the request is current', async () => {
  const { desk, phone, of_desk } = await signInTwice()
  const current = (items: Listed[]) => items.map(({ user_agent, is_current }) => [user_agent, is_current])
  assert.deepEqual(current(await listOf(desk)).sort(), [
    ['Desk', true],
    ['Phone', false],
  ])
  assert.deepEqual(current(await listOf(phone)).sort(), [
    ['Desk', false],
    ['Phone', true],
  ])
  const before = (await listOf(desk)).find(({ is_current }) => is_current)
  must(200, await anonymous.post('auth/refresh', { refresh_token: of_desk }))
  const after = (await listOf(desk)).find(({ is_current }) => is_current)
  assert.equal(after?.id, before?.id)
  assert.ok(String(after?.used_at) > String(before?.used_at))
  const { token } = await fixture.tokens.issue({ user_id: players.staff.user_id })
  assert.ok((await listOf(bearing(token))).every(({ is_current }) => !is_current))
})

test('ending one session ends its refresh and access tokens, and no other session', async () => {
  const { desk, phone, of_phone, of_desk } = await signInTwice()
  const id = idOf(await listOf(desk), 'Phone')
  assert.equal(must(204, await desk.delete(`me/sessions/${id}`)).text, '')
  assert.equal(codeOf(must(401, await phone.get('me'))), 'TOKEN_INVALID')
  assert.equal(
    codeOf(must(401, await anonymous.post('auth/refresh', { refresh_token: of_phone }))),
    'REFRESH_TOKEN_INVALID',
  )
  assert.deepEqual(
    (await listOf(desk)).map(({ user_agent }) => user_agent),
    ['Desk'],
  )
  must(200, await anonymous.post('auth/refresh', { refresh_token: of_desk }))
  const { rows } = await store.owner.query('select ended_by from sessions where id = $1', [id])
  assert.deepEqual(rows, [{ ended_by: 'sign_out' }])
  assert.equal(codeOf(must(404, await desk.delete(`me/sessions/${id}`))), 'SESSION_NOT_FOUND')
})

test("nobody ends or sees another person's session, in their agency or another", async () => {
  const { desk, phone } = await signInTwice()
  const items = await listOf(desk)
  for (const client of [admin, outsider, fixture.bothAgencies, anonymous]) {
    for (const { id } of items) {
      const reply = await client.delete(`me/sessions/${id}`)
      if (client === anonymous) assert.equal(codeOf(must(401, reply)), 'AUTH_REQUIRED')
      else assert.equal(codeOf(must(404, reply)), 'SESSION_NOT_FOUND')
      if (client !== anonymous) assert.ok(!(await listOf(client)).some((one) => one.id === id))
    }
  }
  must(200, await desk.get('me'))
  must(200, await phone.get('me'))
  assert.equal((await listOf(desk)).length, 2)
})

test('an unknown, expired or malformed id ends nothing', async () => {
  const { desk, phone } = await signInTwice()
  const id = idOf(await listOf(desk), 'Phone')
  await store.owner.query("update sessions set expires_at = now() - interval '1 second' where id = $1", [id])
  for (const unknown of [missing, id]) must(404, await desk.delete(`me/sessions/${unknown}`))
  must(422, await desk.delete('me/sessions/all'))
  must(200, await phone.get('me'))
})
