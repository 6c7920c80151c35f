// The headers of every response of every route: caching, CSP, the challenge of a 401, and CORS.
// One engine is enough: the headers do not depend on it.
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { password, players } from '../cast.ts'
import { operationsIn } from '../erasure/document.ts'
import { type Client, cast, type Reply } from '../harness.ts'
import { exchange } from '../raw-socket.ts'
import { must } from '../steps.ts'

const origin = 'https://console.example'
const fixture = await cast({ env: { CORS_ORIGINS: origin } })
const { admin, anonymous, app, bearing } = fixture
const missing = '00000000-0000-7000-8000-00000000dead'
/** The pages for people have headers of their own: src/features/account-pages/pages.test.ts. */
const routes = app.declaredRoutes.filter(({ is_page }) => !is_page)
const urlOf = (url: string) => url.replaceAll(/:[a-z_]+/g, missing)

/** The operations that can return a secret. */
const secret = new Set(
  operationsIn((await anonymous.get('/openapi.json')).body)
    .filter(({ answers }) => JSON.stringify(answers).includes('"x-secret":true'))
    .map(({ name }) => name),
)

function assertHeaders(name: string, { headers, status }: Reply): void {
  const is_secret = secret.has(name.replace('/api/v1', ''))
  assert.equal(headers['cache-control'], is_secret ? 'no-store' : 'private, no-cache', name)
  assert.equal(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'", name)
  assert.match(String(headers.vary), /^Accept-Encoding/, name)
  assert.equal(headers['x-content-type-options'], 'nosniff', name)
  const challenge = status === 401 ? /^Bearer realm="roost"/ : /^undefined$/
  assert.match(String(headers['www-authenticate']), challenge, name)
}

test('there are routes, also with secrets', () => {
  assert.ok(routes.length > 40)
  assert.ok(secret.size >= 5, [...secret].join())
})

for (const { method, url, is_open } of routes) {
  const name = `${method} ${url}`

  test(`${name} answers with the headers of its kind, signed in or not`, async () => {
    // This operation ends the tokens of its caller.
    const signedIn = url.endsWith('/logout-everywhere') ? fixture.outsider : admin
    const callers: Client[] = [anonymous, signedIn, bearing('not.a.token')]
    for (const [i, client] of callers.entries()) {
      const reply = await client.request(method as 'GET', urlOf(url))
      assertHeaders(name, reply)
      if (i !== 1) assert.equal(reply.status === 401, !is_open, name)
      const tail = i === 2 ? ', error="invalid_token"' : ''
      if (reply.status === 401) assert.equal(reply.headers['www-authenticate'], `Bearer realm="roost"${tail}`)
    }
  })

  test(`${name} passes the preflight of a browser`, async () => {
    const asked = 'authorization, content-type, idempotency-key, if-match, x-agency-id'
    const { headers, statusCode } = await app.inject({
      method: 'OPTIONS',
      url: urlOf(url),
      headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': asked },
    })
    assert.equal(statusCode, 204)
    assert.equal(headers['access-control-allow-origin'], origin)
    assert.ok(String(headers['access-control-allow-methods']).split(', ').includes(method))
    assert.equal(headers['access-control-allow-headers'], asked)
  })
}

test('a browser may read every header that a client needs', async () => {
  const { headers } = await admin.get('me', { origin })
  const exposed = String(headers['access-control-expose-headers']).split(', ')
  for (const name of ['Content-Disposition', 'ETag', 'Location', 'Retry-After', 'WWW-Authenticate', 'X-Request-Id']) {
    assert.ok(exposed.includes(name), name)
  }
  assert.equal(headers.vary, 'Accept-Encoding, Origin')
})

test('tokens are returned under the names of RFC 6749, and no cache stores them', async () => {
  const login = must(200, await anonymous.post('auth/login', { email: players.staff.email, password }))
  const refreshed = must(200, await anonymous.post('auth/refresh', { refresh_token: login.body.refresh_token }))
  for (const [name, reply] of [
    ['POST /api/v1/auth/login', login],
    ['POST /api/v1/auth/refresh', refreshed],
  ] as const) {
    const { access_token, token, token_type, expires_in, refresh_token } = reply.body
    assert.deepEqual([token, token_type, expires_in, typeof refresh_token], [access_token, 'Bearer', 3600, 'string'])
    assert.equal(must(200, await bearing(access_token).get('me')).body.user.id, players.staff.user_id)
    assertHeaders(name, reply)
  }
})

test('a refused sign-in has a challenge without an error about a token', async () => {
  const reply = must(401, await anonymous.post('auth/login', { email: players.staff.email, password: 'wrong' }))
  assert.equal(reply.headers['www-authenticate'], 'Bearer realm="roost"')
})

test('responses to requests that the router or the parser refuses have the headers', async () => {
  for (const url of ['/castles', '/api/v1/bookings/%zz', `/${'x'.repeat(9000)}`]) {
    assertHeaders('GET unknown', await anonymous.get(url))
  }
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const { replies } = await exchange(port, { parts: ['hello there\r\n\r\n'] })
  assert.equal(replies[0]?.headers['cache-control'], 'private, no-cache')
  assert.match(String(replies[0]?.headers['content-security-policy']), /^default-src 'none'/)
})

test('the page at /docs works over plain http on any host', async () => {
  const { headers } = await anonymous.get('/docs/', { host: 'roost.local:3000' })
  const policy = String(headers['content-security-policy'])
  assert.match(policy, /^default-src 'self'/)
  assert.doesNotMatch(policy, /upgrade-insecure-requests|https?:/)
})
