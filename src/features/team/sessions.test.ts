// Sessions: refresh tokens for one use, sign-out, sign-out everywhere, and password changes.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { north, type PlayerName, password, players, south } from '../../../test/cast.ts'
import { openTestStore, type TestStore } from '../../../test/engines.ts'
import { cast } from '../../../test/harness.ts'
import { noMedia } from '../../../test/no-media.ts'
import { codeOf, findings, must } from '../../../test/steps.ts'
import { startWorker } from '../../worker.ts'

const fixture = await cast()
const { anonymous, bearing, store, tokens } = fixture
const day_s = 24 * 3600

async function signIn(name: PlayerName, given = password) {
  const { body } = must(200, await anonymous.post('auth/login', { email: players[name].email, password: given }))
  return body as { token: string; refresh_token: string; refresh_expires_in: number }
}
const refresh = (refresh_token: string) => anonymous.post('auth/refresh', { refresh_token })
const hashOf = (secret: string) => createHash('sha256').update(secret).digest()

/** Moves the use of this refresh token so many seconds into the past. */
async function usedAgo(refresh_token: string, seconds: number): Promise<void> {
  await store.owner.query(
    "update refresh_tokens set used_at = clock_timestamp() - $2 * interval '1 second' where token_hash = $1",
    [hashOf(refresh_token), seconds],
  )
}

test('each refresh token gives the next pair, for 30 days in total', async () => {
  const first = await signIn('staff')
  assert.match(first.refresh_token, /^[\w-]{43}$/)
  assert.ok(Math.abs(first.refresh_expires_in - 30 * day_s) < 60, `${first.refresh_expires_in}`)
  let pair = first
  for (let n = 0; n < 3; n++) {
    const { body } = must(200, await refresh(pair.refresh_token))
    assert.notEqual(body.refresh_token, pair.refresh_token)
    assert.equal(must(200, await bearing(body.token).get('me')).body.user.id, players.staff.user_id)
    assert.ok(body.refresh_expires_in <= first.refresh_expires_in, 'the session is not extended')
    pair = body as typeof first
  }
})

test('only the hash of a refresh token is stored', async () => {
  const { refresh_token } = await signIn('staff')
  const { rows } = await store.owner.query('select to_jsonb(t)::text as row from refresh_tokens t')
  assert.ok(rows.length > 0 && rows.every(({ row }) => !String(row).includes(refresh_token)))
  const { rows: found } = await store.owner.query('select from refresh_tokens where token_hash = $1', [
    hashOf(refresh_token),
  ])
  assert.equal(found.length, 1)
})

test('a refresh token repeated within 10 s gives the same successor; later it ends the session', async () => {
  const { refresh_token } = await signIn('staff')
  const { body: next } = must(200, await refresh(refresh_token))
  assert.equal(must(200, await refresh(refresh_token)).body.refresh_token, next.refresh_token)
  await usedAgo(refresh_token, 9)
  assert.equal(must(200, await refresh(refresh_token)).body.refresh_token, next.refresh_token)
  must(200, await bearing(next.token).get('me'))
  await usedAgo(refresh_token, 11)
  assert.equal(codeOf(must(401, await refresh(refresh_token))), 'REFRESH_TOKEN_INVALID')
  assert.equal(codeOf(must(401, await refresh(next.refresh_token))), 'REFRESH_TOKEN_INVALID')
  assert.equal(codeOf(must(401, await bearing(next.token).get('me'))), 'TOKEN_INVALID')
  const { rows } = await store.owner.query(
    'select ended_by from sessions s join refresh_tokens t on t.session_id = s.id where t.token_hash = $1',
    [hashOf(refresh_token)],
  )
  assert.deepEqual(rows, [{ ended_by: 'reuse' }])
})

test('a token whose successor was used ends the session, also within ten seconds', async () => {
  const { refresh_token } = await signIn('bothAgencies')
  const { body: second } = must(200, await refresh(refresh_token))
  const { body: third } = must(200, await refresh(second.refresh_token))
  const other = await signIn('bothAgencies')
  must(401, await refresh(refresh_token))
  for (const dead of [second, third]) {
    must(401, await refresh(dead.refresh_token))
    must(401, await bearing(dead.token).get('me'))
  }
  must(200, await bearing(other.token).get('me'))
  must(200, await refresh(other.refresh_token))
})

test('a session from before token rotation has one live token after its next refresh', async () => {
  const { refresh_token } = await signIn('accountant')
  const fork = 'a second live token, as they were made before'
  await store.owner.query(
    `with s as (update sessions set live_hash = null
       where id = (select session_id from refresh_tokens where token_hash = $1) returning id)
     insert into refresh_tokens (token_hash, session_id) select $2, id from s`,
    [hashOf(refresh_token), hashOf(fork)],
  )
  const { body: next } = must(200, await refresh(refresh_token))
  must(401, await refresh(fork))
  must(401, await refresh(next.refresh_token))
})

test('a reuse is shown to the person and is in the audit log of each of their agencies', async () => {
  const clear = () => store.owner.query('delete from sessions where user_id = $1', [players.bothAgencies.user_id])
  await clear()
  const agent = { 'user-agent': 'Stolen Phone' }
  const reply = await anonymous.post('auth/login', { email: players.bothAgencies.email, password }, agent)
  const { refresh_token } = must(200, reply).body
  must(200, await refresh(refresh_token))
  await usedAgo(refresh_token, 11)
  must(401, await refresh(refresh_token))
  const { token } = await signIn('bothAgencies')
  const { notices } = must(200, await bearing(token).get('me')).body
  assert.deepEqual(
    notices.map(({ code, user_agent }: Record<string, string>) => [code, user_agent]),
    [['SESSION_ENDED_BY_REUSE', 'Stolen Phone']],
  )
  const { items } = must(200, await bearing(token).get('me/sessions')).body
  assert.deepEqual(
    items.map(({ ended_by }: { ended_by: string | null }) => ended_by),
    [null, 'reuse'],
  )
  assert.equal(items[1].ended_at, notices[0].at)
  const { rows } = await store.owner.query(
    `select agency_id, actor_id, actor_role, entity_type, after from audit_log
     where action = 'session.reuse_detected' and entity_id = $1 order by agency_id`,
    [items[1].id],
  )
  const entry = { actor_id: players.bothAgencies.user_id, entity_type: 'session', after: { ended_by: 'reuse' } }
  assert.deepEqual(rows, [
    { ...entry, agency_id: north, actor_role: 'staff' },
    { ...entry, agency_id: south, actor_role: 'manager' },
  ])
  const month = "update sessions set ended_at = now() - interval '31 days' where ended_by = 'reuse' and user_id = $1"
  await store.owner.query(month, [players.bothAgencies.user_id])
  assert.deepEqual(must(200, await bearing(token).get('me')).body.notices, [])
  assert.equal(must(200, await bearing(token).get('me/sessions')).body.items.length, 1)
  await clear()
})

test('reading my sessions writes nothing and takes no lock', async (t) => {
  const inner = await openTestStore()
  let writes = 0
  const { db } = inner
  const counted: TestStore['db'] = {
    ...db,
    systemTx: (work) => {
      writes += 1
      return db.systemTx(work)
    },
  }
  const quiet = await cast({ store: { ...inner, db: counted } }, t)
  must(200, await quiet.staff.get('me/sessions'))
  assert.equal(writes, 0)
})

test("malformed, expired and closed accounts' tokens are refused with 401", async (t) => {
  const { token, refresh_token } = await signIn('accountant')
  for (const given of ['x', token.slice(0, 200), 'A'.repeat(43), '💥', "' or 1=1 --"]) {
    assert.equal(codeOf(must(401, await refresh(given))), 'REFRESH_TOKEN_INVALID', given)
  }
  assert.deepEqual(findings(must(422, await anonymous.post('auth/refresh', {}))), ['/refresh_token REQUIRED'])
  assert.deepEqual(findings(must(422, await anonymous.post('auth/refresh', { refresh_token: 5 }))), [
    '/refresh_token WRONG_TYPE',
  ])
  const { user_id } = players.accountant
  const setActive = (is_active: boolean) =>
    store.owner.query('update users set is_active = $1 where id = $2', [is_active, user_id])
  t.after(() => setActive(true))
  await setActive(false)
  must(401, await refresh(refresh_token))
  await setActive(true)
  await store.owner.query("update sessions set expires_at = now() - interval '1 second' where user_id = $1", [user_id])
  must(401, await refresh(refresh_token))
})

test('signing out ends that session and its access tokens only, and always answers 204', async () => {
  const [here, there] = [await signIn('manager'), await signIn('manager')]
  for (const refresh_token of [here.refresh_token, here.refresh_token, 'nonsense']) {
    assert.equal(must(204, await anonymous.post('auth/logout', { refresh_token })).text, '')
  }
  must(401, await refresh(here.refresh_token))
  assert.equal(codeOf(must(401, await bearing(here.token).get('me'))), 'TOKEN_INVALID')
  must(200, await refresh(there.refresh_token))
  must(200, await bearing(there.token).get('me'))
})

test('signing out everywhere ends all sessions and tokens at once; new ones work', async () => {
  const [one, two] = [await signIn('manager'), await signIn('manager')]
  const { token: old } = await tokens.issue({ user_id: players.manager.user_id })
  must(200, await bearing(two.token).get('me'))
  assert.equal(must(204, await bearing(one.token).post('auth/logout-everywhere')).text, '')
  for (const token of [one.token, two.token, old]) {
    assert.equal(codeOf(must(401, await bearing(token).get('me'))), 'TOKEN_INVALID')
  }
  for (const { refresh_token } of [one, two]) must(401, await refresh(refresh_token))
  const again = await signIn('manager')
  must(200, await bearing(again.token).get('me'))
  const { body } = must(200, await refresh(again.refresh_token))
  must(200, await bearing(body.token).get('me'))
  must(200, await fixture.admin.get('me'))
})

test('a new password ends the old one and every other session and token', async () => {
  const fresh = 'a wholly new password'
  const [here, there] = [await signIn('otherOwner'), await signIn('otherOwner')]
  const { body: pair } = must(
    200,
    await bearing(here.token).post('auth/password', { current_password: password, new_password: fresh }),
  )
  for (const { token } of [here, there]) must(401, await bearing(token).get('me'))
  for (const { refresh_token } of [here, there]) must(401, await refresh(refresh_token))
  must(200, await bearing(pair.token).get('me'))
  must(200, await refresh(pair.refresh_token))
  must(401, await anonymous.post('auth/login', { email: players.otherOwner.email, password }))
  await signIn('otherOwner', fresh)
})

test('an easy password or a wrong current password is refused and changes nothing', async () => {
  const { token, refresh_token } = await signIn('owner')
  const change = (current_password: string, new_password: string) =>
    bearing(token).post('auth/password', { current_password, new_password })
  for (const easy of ['short', 'a'.repeat(12), 'x'.repeat(250) + 'y'.repeat(7)]) {
    assert.match(findings(must(422, await change(password, easy))).join(), /^\/new_password /)
  }
  assert.equal(codeOf(must(401, await change('not it', 'long enough to do'))), 'LOGIN_FAILED')
  must(200, await bearing(token).get('me'))
  must(200, await refresh(refresh_token))
  await signIn('owner')
})

test('wrong current passwords count like failed sign-ins, wrong refresh tokens per address', async (t) => {
  const limited = await cast({ env: { RATE_LIMIT: '6000' } }, t)
  const guess = () =>
    limited.owner.post('auth/password', { current_password: 'not it', new_password: 'long enough to do' })
  for (let n = 0; n < 10; n++) must(401, await guess())
  assert.equal(codeOf(must(429, await guess())), 'RATE_LIMITED')
  const replies = []
  for (let n = 0; n < 50; n++) {
    replies.push((await limited.anonymous.post('auth/refresh', { refresh_token: `wrong ${n}` })).status)
  }
  assert.equal(replies.at(0), 401)
  assert.equal(replies.at(-1), 429)
})

test('a person sees their own sessions only', async () => {
  const { rows } = await store.owner.query('delete from sessions where user_id = $1 returning id', [
    players.bothAgencies.user_id,
  ])
  assert.equal(rows.length, 0)
  const reply = await anonymous.post(
    'auth/login',
    { email: players.bothAgencies.email, password },
    { 'user-agent': `Firefox ${'x'.repeat(400)}` },
  )
  const gone = await signIn('bothAgencies')
  await anonymous.post('auth/logout', { refresh_token: gone.refresh_token })
  const { body } = must(200, await bearing(must(200, reply).body.token).get('me/sessions'))
  assert.deepEqual(Object.keys(body.items[0]).sort(), [
    'created_at',
    'ended_at',
    'ended_by',
    'expires_at',
    'id',
    'is_current',
    'used_at',
    'user_agent',
  ])
  assert.equal(body.items.length, 1)
  assert.equal(body.items[0].user_agent.length, 300)
})

test('sessions are deleted 30 days after their end, and active ones are not', async (t) => {
  const [old, recent, live] = [await signIn('outsider'), await signIn('outsider'), await signIn('outsider')]
  for (const [pair, days] of [
    [old, 31],
    [recent, 29],
  ] as const) {
    await store.owner.query(
      `update sessions set ended_at = now() - $2 * interval '1 day', ended_by = 'sign_out'
       where id = (select session_id from refresh_tokens where token_hash = $1)`,
      [hashOf(pair.refresh_token), days],
    )
  }
  const log = fixture.app.log as unknown as Parameters<typeof startWorker>[0]['log']
  const worker = await startWorker({ db: store.db, log, is_embedded: store.is_embedded, media: noMedia })
  t.after(() => worker.stop())
  await worker.runNow('sessions.purge')
  const isKnown = async ({ refresh_token }: { refresh_token: string }) =>
    (await store.owner.query('select from refresh_tokens where token_hash = $1', [hashOf(refresh_token)])).rows.length
  assert.deepEqual([await isKnown(old), await isKnown(recent), await isKnown(live)], [0, 1, 1])
  must(200, await refresh(live.refresh_token))
})
