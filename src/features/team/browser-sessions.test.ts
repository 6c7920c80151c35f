// Browser sessions: the refresh token is in a cookie that only pages of the service can use.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { password, players } from '../../../test/cast.ts'
import { cast, castPerTest, type Reply } from '../../../test/harness.ts'
import { recordingLog } from '../../../test/recording-log.ts'
import { codeOf, findings, must } from '../../../test/steps.ts'
import { secure_cookie } from '../../http/session-cookie.ts'

const recording = recordingLog()
const allowed_origin = 'https://console.example'
const fixture = await castPerTest({ env: { CORS_ORIGINS: allowed_origin }, log: recording.log })
const { admin, anonymous, bearing, store } = fixture

const page = { 'sec-fetch-site': 'same-origin' }
const by_cookie = { session: 'cookie' }
const hashOf = (secret: string) => createHash('sha256').update(secret).digest()

/** The token that a response sets as the cookie; '' when it deletes the cookie, undefined without the header. */
function setBy({ headers }: Reply): string | undefined {
  const [first = ''] = String(headers['set-cookie'] ?? '').split(';')
  return first.startsWith(`${secure_cookie}=`) ? first.slice(secure_cookie.length + 1) : undefined
}

/** A request of a page that has this token in its cookie. */
const post = (
  path: string,
  token: string | undefined,
  body: unknown = by_cookie,
  headers: Record<string, string> = page,
) => anonymous.post(path, body, { ...headers, ...(token !== undefined && { cookie: `${secure_cookie}=${token}` }) })
const refresh = (token: string | undefined) => post('auth/refresh', token)

async function signIn(email = players.staff.email) {
  const reply = must(200, await post('auth/login', undefined, { email, password, ...by_cookie }))
  return { reply, cookie: setBy(reply) ?? '', token: String(reply.body.access_token) }
}

const usedAgo = (token: string, seconds: number) =>
  store.owner.query(
    "update refresh_tokens set used_at = clock_timestamp() - $2 * interval '1 second' where token_hash = $1",
    [hashOf(token), seconds],
  )

/** How the session of this token ended; null while it is active. */
async function endOf(token: string): Promise<string | null> {
  const { rows } = await store.owner.query(
    'select ended_by from sessions s join refresh_tokens t on t.session_id = s.id where t.token_hash = $1',
    [hashOf(token)],
  )
  return rows[0]?.ended_by as string | null
}

const isUsed = async (token: string) =>
  (await store.owner.query('select from refresh_tokens where token_hash = $1 and used_at is not null', [hashOf(token)]))
    .rows.length === 1

const body_members = ['access_token', 'expires_in', 'refresh_expires_in', 'token', 'token_type']

test('signing in with the cookie keeps the refresh token out of the body', async () => {
  const { reply, cookie, token } = await signIn()
  assert.match(cookie, /^[\w-]{43}$/)
  assert.deepEqual(Object.keys(reply.body).sort(), body_members)
  assert.ok(!reply.text.includes(cookie))
  const max_age = /Max-Age=(\d+)/.exec(String(reply.headers['set-cookie']))?.[1]
  assert.equal(Number(max_age), reply.body.refresh_expires_in, 'the cookie lives as long as the session')
  assert.equal(reply.headers['cache-control'], 'no-store')
  must(200, await bearing(token).get('me'))
})

test('a refresh rotates the cookie and keeps the refresh token out of the body', async () => {
  let { cookie } = await signIn()
  const seen = new Set([cookie])
  for (let n = 0; n < 3; n++) {
    const reply = must(200, await refresh(cookie))
    cookie = setBy(reply) ?? ''
    assert.match(cookie, /^[\w-]{43}$/)
    seen.add(cookie)
    assert.deepEqual(Object.keys(reply.body).sort(), body_members)
    assert.equal(reply.headers['cache-control'], 'no-store')
    assert.equal(must(200, await bearing(reply.body.access_token).get('me')).body.user.id, players.staff.user_id)
  }
  assert.equal(seen.size, 4)
})

test('two tabs that refresh at once get one successor, and the session goes on', async () => {
  const { cookie } = await signIn()
  const answers = await Promise.all([refresh(cookie), refresh(cookie)])
  const next = answers.map((reply) => setBy(must(200, reply)))
  assert.equal(next[0], next[1])
  for (const { body } of answers) must(200, await bearing(body.access_token).get('me'))
  await usedAgo(cookie, 9)
  assert.equal(setBy(must(200, await refresh(cookie))), next[0])
  assert.equal(await endOf(cookie), null)
  must(200, await refresh(next[0]))
})

test('an old cookie that is used again ends the session and is deleted', async () => {
  const { cookie } = await signIn()
  const next = must(200, await refresh(cookie))
  await usedAgo(cookie, 11)
  const reused = must(401, await refresh(cookie))
  assert.deepEqual([codeOf(reused), setBy(reused)], ['REFRESH_TOKEN_INVALID', ''])
  assert.match(String(reused.headers['set-cookie']), /^__Host-roost_session=; Max-Age=0; Path=\/; HttpOnly; .*Secure$/)
  assert.equal(await endOf(cookie), 'reuse')
  must(401, await refresh(setBy(next)))
  must(401, await bearing(next.body.access_token).get('me'))
})

test('a page without a cookie gets 401 and nothing to delete', async () => {
  const reply = must(401, await refresh(undefined))
  assert.deepEqual([codeOf(reply), reply.headers['set-cookie']], ['REFRESH_TOKEN_INVALID', undefined])
  assert.equal(reply.headers['cache-control'], 'no-store')
})

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'
for (const [type, site, origin, status] of [
  [json, 'same-origin', 'http://localhost', 200],
  [json, 'same-origin', undefined, 200],
  [json, undefined, 'http://localhost', 200],
  [json, undefined, undefined, 403],
  [json, undefined, 'null', 403],
  [json, undefined, 'https://evil.example', 403],
  [json, undefined, allowed_origin, 403],
  [json, 'cross-site', 'https://evil.example', 403],
  [json, 'cross-site', 'http://localhost', 403],
  [json, 'cross-site', allowed_origin, 403],
  [json, 'same-site', 'http://other.localhost', 403],
  [json, 'none', undefined, 403],
  [form, 'cross-site', 'https://evil.example', 415],
  [form, 'same-origin', 'http://localhost', 415],
  ['text/plain', 'cross-site', 'https://evil.example', 415],
  ['text/plain', 'same-origin', 'http://localhost', 415],
  ['multipart/form-data; boundary=x', 'same-site', 'http://other.localhost', 415],
] as const) {
  const sender = `${type.split(';')[0]?.split('/')[1]}, ${site}, Origin ${origin}`
  test(`${sender}: ${status === 200 ? 'refreshes' : `${status} and nothing changes`}`, async () => {
    const { cookie } = await signIn()
    const headers = {
      'content-type': type,
      ...(site !== undefined && { 'sec-fetch-site': site }),
      ...(origin !== undefined && { origin }),
    }
    const text = type === form ? 'session=cookie' : JSON.stringify(by_cookie)
    for (const path of ['auth/refresh', 'auth/logout']) {
      if (status === 200 && path === 'auth/logout') continue
      const reply = must(status, await post(path, cookie, text, headers))
      assert.equal(setBy(reply) !== undefined, status === 200)
      assert.equal(reply.headers['access-control-allow-credentials'], undefined)
      if (status === 403) assert.equal(codeOf(reply), 'SAME_ORIGIN_REQUIRED')
    }
    assert.equal(await isUsed(cookie), status === 200)
    assert.equal(await endOf(cookie), null)
    if (status !== 200) must(200, await refresh(cookie))
  })
}

test('a request without a body or with an empty one never uses the cookie', async () => {
  const { cookie } = await signIn()
  for (const path of ['auth/refresh', 'auth/logout']) {
    assert.equal(must(422, await post(path, cookie, {})).headers['set-cookie'], undefined)
    assert.equal(must(422, await post(path, cookie, null)).headers['set-cookie'], undefined)
  }
  const empty = { ...page, cookie: `${secure_cookie}=${cookie}` }
  must(422, await anonymous.request('POST', 'auth/refresh', undefined, empty))
  assert.deepEqual([await isUsed(cookie), await endOf(cookie)], [false, null])
})

test('no other site can sign a browser in: the cookie of its own account is not set', async () => {
  const { email, user_id } = players.staff
  const { rows: before } = await store.owner.query('select id from sessions where user_id = $1', [user_id])
  const others = [{}, { 'sec-fetch-site': 'cross-site' }, { origin: allowed_origin }, { 'sec-fetch-site': 'same-site' }]
  for (const headers of others) {
    const reply = must(403, await anonymous.post('auth/login', { email, password, ...by_cookie }, headers))
    assert.deepEqual([codeOf(reply), reply.headers['set-cookie']], ['SAME_ORIGIN_REQUIRED', undefined])
  }
  const { rows: after } = await store.owner.query('select id from sessions where user_id = $1', [user_id])
  assert.deepEqual(after, before)
})

test('clients that keep their refresh token get it in the body, and their cookie is ignored', async () => {
  const { cookie } = await signIn()
  const { email } = players.staff
  const signed_in = must(200, await post('auth/login', cookie, { email, password }, {}))
  const refreshed = must(200, await post('auth/refresh', cookie, { refresh_token: signed_in.body.refresh_token }, {}))
  for (const { body, headers } of [signed_in, refreshed]) {
    assert.deepEqual(Object.keys(body).sort(), [...body_members, 'refresh_token'].sort())
    assert.equal(headers['set-cookie'], undefined)
  }
  must(401, await post('auth/refresh', cookie, { refresh_token: 'x'.repeat(43) }, page))
  const { refresh_token } = refreshed.body
  assert.equal(must(204, await post('auth/logout', cookie, { refresh_token })).headers['set-cookie'], undefined)
  assert.deepEqual([await isUsed(cookie), await endOf(cookie), await endOf(refresh_token)], [false, null, 'sign_out'])
})

test('a request names the token or the cookie, not both or none', async () => {
  for (const path of ['auth/refresh', 'auth/logout']) {
    const both = { refresh_token: 'x'.repeat(43), ...by_cookie }
    assert.deepEqual(findings(must(422, await post(path, 'x', both))), ['/session INVALID'])
    assert.deepEqual(findings(must(422, await post(path, 'x', {}))), ['/refresh_token REQUIRED'])
    assert.deepEqual(findings(must(422, await post(path, 'x', { session: 'body' }))), ['/session NOT_ALLOWED'])
  }
})

test('signing out ends the session of the cookie and deletes it, also an unknown one', async () => {
  const [here, there] = [await signIn(), await signIn()]
  for (const cookie of [here.cookie, here.cookie, 'unknown']) {
    const reply = must(204, await post('auth/logout', cookie))
    assert.deepEqual([reply.text, setBy(reply), reply.headers['cache-control']], ['', '', 'no-store'])
  }
  assert.equal(must(204, await post('auth/logout', undefined)).headers['set-cookie'], undefined)
  assert.equal(await endOf(here.cookie), 'sign_out')
  must(401, await bearing(here.token).get('me'))
  must(401, await refresh(here.cookie))
  must(200, await refresh(there.cookie))
})

test('signing out everywhere ends all sessions and deletes the cookie', async () => {
  const [here, there] = [await signIn(), await signIn()]
  const headers = { ...page, cookie: `${secure_cookie}=${here.cookie}` }
  const reply = must(204, await bearing(here.token).post('auth/logout-everywhere', undefined, headers))
  assert.equal(setBy(reply), '')
  for (const { cookie, token } of [here, there]) {
    must(401, await refresh(cookie))
    must(401, await bearing(token).get('me'))
  }
})

test('ending a session by its id deletes the cookie of that session only', async () => {
  const [here, there] = [await signIn(), await signIn()]
  const headers = { ...page, cookie: `${secure_cookie}=${here.cookie}` }
  const { items } = must(200, await bearing(here.token).get('me/sessions')).body
  const idOf = (is_current: boolean) =>
    items.find((one: { is_current: boolean }) => one.is_current === is_current)?.id as string
  const other = must(204, await bearing(here.token).delete(`me/sessions/${idOf(false)}`, headers))
  assert.equal(other.headers['set-cookie'], undefined)
  must(401, await refresh(there.cookie))
  const own = must(204, await bearing(here.token).delete(`me/sessions/${idOf(true).toUpperCase()}`, headers))
  assert.equal(setBy(own), '')
  must(401, await refresh(here.cookie))
})

test('a new password gives a new cookie, and the old one is refused', async () => {
  const { cookie, token } = await signIn()
  const change = { current_password: password, new_password: 'four words are enough', ...by_cookie }
  must(403, await bearing(token).post('auth/password', change))
  const reply = must(200, await bearing(token).post('auth/password', change, page))
  assert.deepEqual(Object.keys(reply.body).sort(), body_members)
  must(401, await refresh(cookie))
  must(200, await refresh(setBy(reply)))
})

test('an accepted invitation can start a session with the cookie', async () => {
  const { body: invited } = must(201, await admin.post('team', { email: `new-${players.admin.email}`, role: 'staff' }))
  const acceptance = { token: invited.token, password: 'four words are enough', ...by_cookie }
  must(403, await anonymous.post('auth/invitations/accept', acceptance))
  const reply = must(200, await anonymous.post('auth/invitations/accept', acceptance, page))
  assert.deepEqual(Object.keys(reply.body).sort(), body_members)
  must(200, await refresh(setBy(reply)))
})

test('a session that was closed, has expired or has an inactive person deletes the cookie', async () => {
  for (const [table, change] of [
    ['sessions s', "expires_at = now() - interval '1 second'"],
    ['users u', 'is_active = false'],
  ] as const) {
    const { cookie } = await signIn()
    const key = table === 'users u' ? 'id' : 'user_id'
    await store.owner.query(`update ${table} set ${change} where ${key} = $1`, [players.staff.user_id])
    assert.equal(setBy(must(401, await refresh(cookie))), '')
  }
})

test('pages without a cookie use up no attempts, wrong cookies do', async (t) => {
  const limited = await cast({ env: { RATE_LIMIT: '6000' }, store: { ...store, close: async () => {} } }, t)
  const ask = (headers: Record<string, string>) =>
    limited.anonymous.post('auth/refresh', by_cookie, { ...page, ...headers })
  for (let n = 0; n < 60; n++) must(401, await ask({}))
  const { cookie } = await signIn()
  for (let n = 0; n < 50; n++) must(401, await ask({ cookie: `${secure_cookie}=wrong${n}` }))
  const refused = must(429, await ask({ cookie: `${secure_cookie}=${cookie}` }))
  assert.equal(codeOf(refused), 'RATE_LIMITED')
  assert.equal(refused.headers['set-cookie'], undefined, 'the cookie is kept for later')
})

test('no log line has a token of a browser session', async () => {
  const { cookie, token } = await signIn()
  const reply = must(200, await refresh(cookie))
  await post('auth/refresh', cookie, by_cookie, {})
  await usedAgo(cookie, 11)
  must(401, await refresh(cookie))
  fixture.app.log.warn({ headers: { cookie, 'set-cookie': cookie }, given: { refresh_token: cookie } }, 'careless')
  const lines = JSON.stringify(recording.lines)
  assert.match(lines, /careless/)
  for (const secret of [cookie, token, setBy(reply) ?? '-', reply.body.access_token]) {
    assert.ok(!lines.includes(secret))
  }
})
