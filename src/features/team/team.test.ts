// Sign-in, membership and role per agency, cache lifetime, and rejected tokens.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { castProperties, north, password, players, south } from '../../../test/cast.ts'
import { openTestStore, type TestStore } from '../../../test/engines.ts'
import { cast, type Reply, secret } from '../../../test/harness.ts'
import { codeOf, findings, must } from '../../../test/steps.ts'
import { until } from '../../../test/until.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import { createIdentities } from '../../core/auth/memberships.ts'
import { listPermissions } from '../../core/auth/permissions.ts'
import { addMember } from './team.ts'

const fixture = await cast()
const { anonymous, staff, former, bothAgencies, store, tokens, bearing } = fixture
const missing = '00000000-0000-7000-8000-00000000dead'
const login = (email: string, given = password) => anonymous.post('auth/login', { email, password: given })
const withoutRequestId = (reply: Reply) => reply.text.replace(/"request_id":"[^"]*",?/, '')

/** Sets a column of a user for one test. */
async function set(table: 'users' | 'team_members', column: string, value: unknown, user_id: string): Promise<void> {
  const key = table === 'users' ? 'id' : 'user_id'
  await store.owner.query(`update ${table} set ${column} = $1 where ${key} = $2`, [value, user_id])
}

test('a sign-in returns a token that works', async () => {
  const { body } = must(200, await login(players.staff.email))
  assert.deepEqual(Object.keys(body).sort(), [
    'access_token',
    'expires_in',
    'refresh_expires_in',
    'refresh_token',
    'token',
    'token_type',
  ])
  assert.deepEqual([body.token_type, body.expires_in], ['Bearer', 3600])
  const me = must(200, await bearing(body.token as string).get('me'))
  assert.equal(me.body.user.id, players.staff.user_id)
})

test('an e-mail matches in upper case and with surrounding spaces; a password does not', async () => {
  must(200, await login(` ${players.staff.email.toUpperCase()}\t`))
  must(401, await login(players.staff.email, password.toUpperCase()))
  must(401, await login(players.staff.email, `${password} `))
  // A database may lower-case İ to i: the address must not match an account that the limits count separately.
  must(401, await login('adm\u0130n@example.com'))
})

test('wrong password, unknown person, inactive account and no password have the same response', async (t) => {
  const { user_id, email } = players.accountant
  const wrong = must(401, await login(email, 'not it'))
  assert.equal(codeOf(wrong), 'LOGIN_FAILED')
  const unknown = must(401, await login('nobody@example.com'))
  t.after(() => set('users', 'is_active', true, user_id))
  await set('users', 'is_active', false, user_id)
  const inactive = must(401, await login(email))
  await store.owner.query(
    `insert into users (id, email, full_name, auth_subject, email_proven_at, email_proven_by)
     values ($1, 'sso@example.com', 'Sso', 'sso', now(), 'operator')`,
    [missing],
  )
  const passwordless = must(401, await login('sso@example.com'))
  for (const reply of [unknown, inactive, passwordless]) {
    assert.equal(withoutRequestId(reply), withoutRequestId(wrong))
    assert.deepEqual(Object.keys(reply.headers), Object.keys(wrong.headers))
    assert.equal(reply.headers['content-length'], wrong.headers['content-length'])
  }
})

test('a malformed sign-in body is refused with pointers', async () => {
  const cases: [body: object, expected: string[]][] = [
    [{ email: 'a@b.example' }, ['/password REQUIRED']],
    [{ password }, ['/email REQUIRED']],
    [{ email: 5, password }, ['/email WRONG_TYPE']],
    [{ email: players.staff.email, password: null }, ['/password WRONG_TYPE']],
    [{ email: players.staff.email, password: 'nul \u0000' }, ['/password INVALID']],
    [{ email: players.staff.email, password, remember: true }, ['/remember UNKNOWN_FIELD']],
  ]
  for (const [body, expected] of cases) {
    assert.deepEqual(findings(must(422, await anonymous.post('auth/login', body))), expected)
  }
})

test('ten wrong passwords lock the account for this address, in any spelling, and no other', async (t) => {
  const limited = await cast({ env: { RATE_LIMIT: '6000' } }, t)
  const { email } = players.admin
  const spellings = [email, email.toUpperCase(), ` ${email}`, `${email}  `, `\u00a0${email}`, `\t${email}\n`]
  const attempt = (n: number) =>
    limited.anonymous.post('auth/login', { email: spellings[n % spellings.length], password: `wrong ${n}` })
  for (let n = 0; n < 10; n++) must(401, await attempt(n))
  const refused = must(429, await attempt(10))
  assert.equal(codeOf(refused), 'RATE_LIMITED')
  const seconds = Number(refused.headers['retry-after'])
  assert.ok(
    Number.isInteger(seconds) && seconds >= 1 && seconds <= 900,
    `Retry-After: ${refused.headers['retry-after']}`,
  )
  must(429, await limited.anonymous.post('auth/login', { email, password }))
  must(200, await limited.anonymous.post('auth/login', { email: players.staff.email, password }))
  const elsewhere = await limited.app.inject({
    method: 'POST',
    url: '/api/v1/auth/login',
    payload: { email, password },
    remoteAddress: '198.51.100.7',
  })
  assert.equal(elsewhere.statusCode, 200)
  must(200, await limited.admin.get('me'))
})

test('a correct password is not counted', async (t) => {
  const limited = await cast({ env: { RATE_LIMIT: '6000' } }, t)
  for (let n = 0; n < 12; n++) {
    must(200, await limited.anonymous.post('auth/login', { email: players.staff.email, password }))
  }
})

const agencyOf = (agency_id: string, role: string) => ({
  agency_id,
  agency_name: agency_id === north ? 'North' : 'South',
  agency_slug: agency_id === north ? 'north' : 'south',
  role,
})

test('GET /me has the role and permissions of a member of one agency', async () => {
  assert.deepEqual(must(200, await staff.get('me')).body, {
    user: {
      id: players.staff.user_id,
      email: players.staff.email,
      full_name: 'staff',
      language: null,
      pending_email: null,
    },
    agencies: [agencyOf(north, 'staff')],
    agency_id: north,
    role: 'staff',
    permissions: listPermissions('staff'),
    notices: [],
  })
})

test("a member of two agencies has no role until one is named, and then that one's", async () => {
  const agencies = [agencyOf(north, 'staff'), agencyOf(south, 'manager')]
  const unsaid = must(200, await bothAgencies.get('me')).body
  assert.deepEqual(unsaid.agencies, agencies)
  assert.deepEqual([unsaid.agency_id, unsaid.role, unsaid.permissions], [null, null, {}])
  for (const { agency_id, role } of agencies) {
    for (const header of [agency_id, agency_id.toUpperCase()]) {
      const { body } = must(200, await bothAgencies.get('me', { 'x-agency-id': header }))
      assert.deepEqual([body.agencies, body.agency_id, body.role], [agencies, agency_id, role])
    }
  }
  const refused = must(400, await bothAgencies.get('bookings'))
  assert.deepEqual(refused.body.error.meta.agencies, agencies)
})

test('an agency of others is refused like one that does not exist', async () => {
  const foreign = must(403, await staff.get('me', { 'x-agency-id': south }))
  for (const header of [missing, 'zzz', '', `${north}, ${south}`, `{${north}}`]) {
    assert.equal(
      withoutRequestId(must(403, await staff.get('me', { 'x-agency-id': header }))),
      withoutRequestId(foreign),
    )
  }
})

test('a former member and a caller without a token are refused', async () => {
  assert.equal(codeOf(must(403, await former.get('me'))), 'FORBIDDEN')
  assert.equal(codeOf(must(403, await former.get('properties', { 'x-agency-id': north }))), 'FORBIDDEN')
  assert.equal(codeOf(must(401, await anonymous.get('me'))), 'AUTH_REQUIRED')
})

test('a token for one agency works in that one only', async () => {
  const issue = async (user_id: string, agency_id: string) =>
    bearing((await tokens.issue({ user_id, agency_id })).token)
  const there = await issue(players.bothAgencies.user_id, south)
  assert.deepEqual(must(200, await there.get('me')).body.role, 'manager')
  assert.equal(must(200, await there.get('properties')).body.items[0].id, castProperties.beach.id)
  must(200, await there.get('properties', { 'x-agency-id': south }))
  must(403, await there.get('properties', { 'x-agency-id': north }))
  const stray = await issue(players.staff.user_id, south)
  must(403, await stray.get('me'))
  must(403, await stray.get('properties', { 'x-agency-id': north }))
})

/** A token for `sub` with further claims, signed by the test. */
function signed(sub: string, claims: object): string {
  const now = Math.floor(Date.now() / 1000)
  const whole = { iss: 'roost', aud: fixture.config.jwt_audience, sub, iat: now, exp: now + 600, ...claims }
  const input = [{ alg: 'HS256', typ: 'JWT' }, whole]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

test('the role is that of the membership, whatever the token claims', async () => {
  const claims = {
    role: 'service_role',
    app_role: 'admin',
    user_role: 'admin',
    is_admin: true,
    permissions: ['properties:delete'],
    app_metadata: { role: 'admin', app_role: 'admin' },
    user_metadata: { role: 'admin', app_role: 'admin' },
  }
  const client = bearing(signed(players.staff.user_id, claims))
  assert.equal(must(200, await client.get('me')).body.role, 'staff')
  must(403, await client.delete(`properties/${castProperties.town.id}`))
  must(403, await client.get('/ops/env-sanity'))
})

test('a changed role, a removed membership and a closed account apply to the next request', async (t) => {
  const { user_id } = players.manager
  const { manager } = fixture
  t.after(async () => {
    await set('team_members', 'role', 'manager', user_id)
    await set('team_members', 'is_active', true, user_id)
    await set('users', 'is_active', true, user_id)
  })
  const rename = () => manager.patch(`properties/${castProperties.town.id}`, { name: castProperties.town.name })
  must(200, await rename())
  await set('team_members', 'role', 'accountant', user_id)
  must(403, await rename())
  assert.equal((await manager.get('me')).body.role, 'accountant')
  await set('team_members', 'is_active', false, user_id)
  assert.equal(codeOf(must(403, await manager.get('me'))), 'FORBIDDEN')
  await set('users', 'is_active', false, user_id)
  assert.equal(codeOf(must(401, await manager.get('me'))), 'TOKEN_INVALID')
})

test('the members of a closed agency are refused', async (t) => {
  const close = (at: string) => store.owner.query(`update agencies set deleted_at = ${at} where id = $1`, [south])
  t.after(() => close('null'))
  await close('now()')
  must(403, await fixture.outsider.get('properties'))
  assert.equal(must(200, await bothAgencies.get('me')).body.role, 'staff', 'the other agency remains')
})

test('a membership is cached no longer than the given time', async (t) => {
  const ttl_ms = 400
  const identities = createIdentities(store.db, ttl_ms)
  const { user_id } = players.accountant
  const roleNow = async () => (await identities.find({ sub: user_id, is_own: true }))?.memberships[0]?.role
  t.after(() => set('team_members', 'role', 'accountant', user_id))
  const started = performance.now()
  assert.equal(await roleNow(), 'accountant')
  await set('team_members', 'role', 'owner', user_id)
  const first = await roleNow()
  if (performance.now() - started < ttl_ms) assert.equal(first, 'accountant', 'cached, without a query')
  await until(async () => (await roleNow()) === 'owner')
  t.diagnostic(`a changed role acted after ${Math.round(performance.now() - started)} ms (ttl ${ttl_ms} ms)`)
})

test('a failed membership lookup is not cached', async () => {
  let is_down = true
  const db: TestStore['db'] = {
    ...store.db,
    systemRead: (work) => (is_down ? Promise.reject(new Error('down')) : store.db.systemRead(work)),
  }
  const identities = createIdentities(db, 60_000)
  await assert.rejects(identities.find({ sub: players.staff.user_id, is_own: true }), /down/)
  is_down = false
  assert.equal((await identities.find({ sub: players.staff.user_id, is_own: true }))?.email, players.staff.email)
})

/** A request over a real socket with these header lines: [name, value, name, value, …]. */
function call(port: number, headers: string[]): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, path: '/api/v1/me', headers: ['Host', 'localhost', ...headers] }, (reply) => {
      let text = ''
      reply.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      reply.on('end', () => resolve({ status: reply.statusCode, text }))
    })
    sent.on('error', reject).end()
  })
}

test('two Authorization headers are refused, even when both are valid', async () => {
  await fixture.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = fixture.app.server.address() as AddressInfo
  const { token } = await tokens.issue({ user_id: players.staff.user_id })
  const good = ['Authorization', `Bearer ${token}`]
  assert.equal((await call(port, good)).status, 200)
  for (const second of [good, ['authorization', 'Bearer x'], ['AUTHORIZATION', '']]) {
    const reply = await call(port, [...good, ...second])
    assert.equal(reply.status, 401)
    assert.match(reply.text, /"TOKEN_INVALID"/)
  }
})

test('an invalid token, an unknown path and a wrong method never use the database', async (t) => {
  const inner = await openTestStore()
  let transactions = 0
  const counted =
    <A extends unknown[], R>(work: (...args: A) => R) =>
    (...args: A) => {
      transactions += 1
      return work(...args)
    }
  const { db } = inner
  const watched = {
    ...inner,
    db: {
      ...db,
      tenantTx: counted(db.tenantTx),
      tenantRead: counted(db.tenantRead),
      systemTx: counted(db.systemTx),
      systemRead: counted(db.systemRead),
    } as TestStore['db'],
  }
  const quiet = await cast({ store: watched }, t)
  const { token } = await tokens.issue({ user_id: players.admin.user_id })
  const { token: expired } = { token: signed(players.admin.user_id, { iat: 1_700_000_000, exp: 1_700_000_600 }) }
  const bad = ['x', `${token}x`, token.slice(0, -3), token.replace('.', '..'), expired, signed('', {})]
  for (const text of bad) {
    for (const path of ['me', 'properties', `bookings/${missing}`, '/ops/env-sanity']) {
      must(401, await quiet.bearing(text).get(path))
    }
    must(401, await quiet.bearing(text).post('bookings', { any: 'thing' }))
  }
  must(401, await quiet.anonymous.get('me'))
  must(404, await quiet.bearing(token).get('nowhere'))
  must(405, await quiet.bearing(token).request('PUT', 'properties', {}))
  assert.equal(transactions, 0)
  must(200, await quiet.bearing(token).get('properties'))
  assert.equal(transactions, 2, 'the membership and the list')
})

test('adding a member again sets the new role, keeps the password and reports both', async () => {
  const actor = operatorOf(south)
  const first = await addMember(store.db, actor, {
    email: ' New@Example.com ',
    role: 'staff',
    password: 'a long password',
  })
  assert.deepEqual([first.email, first.role, first.is_active], ['new@example.com', 'staff', true])
  const again = addMember(store.db, actor, { email: 'NEW@example.com', role: 'owner', password: 'another one' })
  await assert.rejects(again, /has an account with a password.*--reset-password/)
  const second = await addMember(store.db, actor, { email: 'NEW@example.com', role: 'owner' })
  assert.equal(first.before, undefined)
  assert.deepEqual([second.before?.id, second.before?.email_proven_by], [first.user_id, 'operator'])
  assert.deepEqual({ ...second, before: undefined }, { ...first, role: 'owner' })
  const { body } = must(200, await login('new@example.com', 'a long password'))
  assert.equal(must(200, await bearing(body.token as string).get('me')).body.role, 'owner')
  must(401, await login('new@example.com', 'another one'))
  const { rows } = await store.owner.query(
    'select agency_id, actor_id, actor_role, action, after from audit_log where entity_id = $1 order by created_at',
    [first.user_id],
  )
  const entry = { agency_id: south, actor_id: operatorOf(south).id, actor_role: 'operator', action: 'member.added' }
  assert.deepEqual(rows, [
    { ...entry, after: { role: 'staff', is_active: true } },
    { ...entry, after: { role: 'owner', is_active: true } },
  ])
  for (const email of ['', 'nobody', 'a b@example.com', `${'x'.repeat(250)}@b.c`]) {
    await assert.rejects(addMember(store.db, actor, { email, role: 'staff' }), /invalid values/)
  }
})

test("an outside provider's subject matches linked subjects only, never our user ids", async () => {
  const identities = createIdentities(store.db, 0)
  const sub = players.admin.user_id
  assert.equal(await identities.find({ sub, is_own: false }), undefined)
  await set('users', 'password_hash', null, players.staff.user_id)
  await set('users', 'auth_subject', 'provider|42', players.staff.user_id)
  const outside = await identities.find({ sub: 'provider|42', is_own: false })
  assert.equal(outside?.user_id, players.staff.user_id)
  await set('users', 'auth_subject', sub, players.staff.user_id)
  assert.equal((await identities.find({ sub, is_own: true }))?.user_id, sub, 'our own id has precedence')
  await set('users', 'auth_subject', null, players.staff.user_id)
})
