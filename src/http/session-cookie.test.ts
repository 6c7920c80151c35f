// The session cookie: its attributes by scheme and host, and which pages may use it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify from 'fastify'
import { parseConfig } from '../config.ts'
import { AppError } from '../core/app-error.ts'
import { createSessionCookie, plain_cookie, secure_cookie } from './session-cookie.ts'

type Headers = Readonly<Record<string, string>>

/** A server with these settings that sets, reads and deletes the cookie, and says whether a page may use it. */
function serverWith(env: Record<string, string> = {}) {
  const config = parseConfig(env)
  const cookie = createSessionCookie(config)
  const app = fastify({ trustProxy: config.trust_proxy })
  app.post('/set', (request, reply) => {
    cookie.set(request, reply, 'abc', 60)
    return reply.send()
  })
  app.post('/clear', (request, reply) => {
    cookie.clear(request, reply)
    return reply.send()
  })
  app.post('/read', (request) => ({ token: cookie.read(request) ?? null }))
  app.post('/page', (request) => {
    try {
      cookie.requireOwnPage(request)
      return { answer: 'own' }
    } catch (error) {
      return { answer: error instanceof AppError ? error.code : String(error) }
    }
  })
  return (url: string, headers: Headers) => app.inject({ method: 'POST', url, headers })
}

const secure = `${secure_cookie}=abc; Max-Age=60; Path=/; HttpOnly; SameSite=Strict; Secure`
const plain = `${plain_cookie}=abc; Max-Age=60; Path=/; HttpOnly; SameSite=Strict`
const proxy = { TRUST_PROXY: '127.0.0.1' }
const https_url = { PUBLIC_URL: 'https://roost.example' }

for (const [why, env, headers, expected] of [
  ['http on another host', {}, { host: 'roost.lan:3000' }, plain],
  ['http at an address of the network', {}, { host: '192.168.1.5:3000' }, plain],
  ['http on localhost', {}, { host: 'localhost:3000' }, secure],
  ['http on a name below localhost', {}, { host: 'roost.localhost:3000' }, secure],
  ['http on 127.0.0.1', {}, { host: '127.0.0.1:3000' }, secure],
  ['http on [::1]', {}, { host: '[::1]:3000' }, secure],
  ['a name that only contains localhost', {}, { host: 'localhost.example' }, plain],
  ['a name that begins like loopback', {}, { host: '127.0.0.1.example' }, plain],
  ['https as a trusted proxy says', proxy, { host: 'roost.lan', 'x-forwarded-proto': 'https' }, secure],
  ['http as a trusted proxy says', proxy, { host: 'roost.lan', 'x-forwarded-proto': 'http' }, plain],
  ['https, as the last trusted proxy says', proxy, { host: 'roost.lan', 'x-forwarded-proto': 'http, HTTPS' }, secure],
  [
    'https in X-Forwarded-Proto without a trusted proxy',
    {},
    { host: 'roost.lan', 'x-forwarded-proto': 'https' },
    plain,
  ],
  [
    'https as another proxy says',
    { TRUST_PROXY: '10.0.0.1' },
    { host: 'roost.lan', 'x-forwarded-proto': 'https' },
    plain,
  ],
  ['loopback as a trusted proxy says', proxy, { host: 'roost.lan', 'x-forwarded-host': 'localhost' }, secure],
  ['an https PUBLIC_URL, also without a word from the proxy', https_url, { host: 'roost.lan' }, secure],
  ['an http PUBLIC_URL', { PUBLIC_URL: 'http://roost.lan' }, { host: 'roost.lan' }, plain],
  ['https as the page says', {}, { host: 'roost.lan', origin: 'https://roost.lan' }, secure],
  ['http as the page says', {}, { host: 'roost.lan', origin: 'http://roost.lan' }, plain],
  ['a request with the cookie that needs https', {}, { host: 'roost.lan', cookie: `${secure_cookie}=x` }, secure],
] as const) {
  test(`the cookie is ${expected === secure ? 'Secure' : 'not Secure'} for ${why}`, async () => {
    const { headers: answer } = await serverWith(env)('/set', headers)
    assert.equal(answer['set-cookie'], expected)
    assert.equal(answer['cache-control'], 'no-store')
  })
}

for (const [cookie, host, expected] of [
  [`${secure_cookie}=abc`, 'localhost', 'abc'],
  [`theme=dark; ${secure_cookie}=abc;a=b`, 'localhost', 'abc'],
  [`${secure_cookie}=abc`, 'roost.lan', 'abc'],
  [`${plain_cookie}=abc`, 'roost.lan', 'abc'],
  // A neighbouring host can set the cookie without prefix.
  [`${plain_cookie}=abc`, 'localhost', null],
  [`${plain_cookie}=planted; ${secure_cookie}=abc`, 'roost.lan', 'abc'],
  [`x${secure_cookie}=abc`, 'localhost', null],
  [`__host-roost_session=abc`, 'localhost', null],
  [`${secure_cookie}=`, 'localhost', null],
  [`${secure_cookie}="abc"`, 'localhost', null],
  [`${secure_cookie}=${'x'.repeat(201)}`, 'localhost', null],
  ['', 'localhost', null],
] as const) {
  test(`on ${host} the token of "${cookie.slice(0, 60)}" is ${expected}`, async () => {
    const reply = await serverWith()('/read', { host, cookie })
    assert.deepEqual(reply.json(), { token: expected })
  })
}

test('the cookie is deleted with the attributes it was set with, and only where it is', async () => {
  const send = serverWith()
  const over_http = await send('/clear', { host: 'roost.lan', cookie: `${plain_cookie}=abc` })
  assert.equal(over_http.headers['set-cookie'], plain.replace('abc', '').replace('60', '0'))
  const local = await send('/clear', { host: 'localhost', cookie: `${secure_cookie}=abc` })
  assert.equal(local.headers['set-cookie'], secure.replace('abc', '').replace('60', '0'))
  assert.equal((await send('/clear', { host: 'localhost' })).headers['set-cookie'], undefined)
})

const sites = ['same-origin', 'same-site', 'cross-site', 'none', 'SAME-ORIGIN', ''] as const
const origins = ['http://roost.lan:3000', 'http://evil.example', 'null', undefined] as const

for (const site of sites) {
  for (const origin of origins) {
    const is_own = site === 'same-origin'
    test(`Sec-Fetch-Site "${site}" with Origin ${origin} is ${is_own ? 'accepted' : 'refused'}`, async () => {
      const headers = { host: 'roost.lan:3000', 'sec-fetch-site': site, ...(origin !== undefined && { origin }) }
      const { answer } = (await serverWith()('/page', headers)).json()
      assert.equal(answer, is_own ? 'own' : 'SAME_ORIGIN_REQUIRED')
    })
  }
}

/** Without Sec-Fetch-Site: the origin decides. */
for (const [env, host, origin, is_own] of [
  [{}, 'roost.lan:3000', 'http://roost.lan:3000', true],
  // A proxy that ends TLS and does not say so.
  [{}, 'roost.lan', 'https://roost.lan', true],
  [{}, 'roost.lan:80', 'http://roost.lan', true],
  [{}, 'ROOST.lan', 'http://roost.lan', true],
  [{}, 'roost.lan:3000', 'http://roost.lan', false],
  [{}, 'roost.lan', 'http://roost.lan.evil.example', false],
  [{}, 'roost.lan', 'http://evil.example', false],
  [{}, 'roost.lan', 'http://other.roost.lan', false],
  [{}, 'roost.lan', 'null', false],
  [{}, 'roost.lan', 'file://', false],
  [{}, 'roost.lan', '', false],
  [{}, 'roost.lan', undefined, false],
  [{}, '', 'null', false],
  // A proxy that replaces Host.
  [https_url, '10.0.0.7:3000', 'https://roost.example', true],
  [https_url, 'roost.example', 'https://roost.example', true],
  [https_url, '127.0.0.1:3000', 'http://127.0.0.1:3000', true],
  [https_url, 'roost.example', 'http://roost.example', false],
  [https_url, 'roost.example:8080', 'http://roost.example:8080', false],
  [https_url, 'roost.example', 'https://evil.example', false],
  [{ PUBLIC_URL: 'https://example.com/roost' }, 'app:3000', 'https://example.com', true],
] as const) {
  test(`at "${host}"${'PUBLIC_URL' in env ? ` of ${env.PUBLIC_URL}` : ''} Origin ${origin} is ${is_own ? 'accepted' : 'refused'}`, async () => {
    const reply = await serverWith(env)('/page', { host, ...(origin !== undefined && { origin }) })
    assert.equal(reply.json().answer, is_own ? 'own' : 'SAME_ORIGIN_REQUIRED')
  })
}

test('behind a trusted proxy the forwarded host and scheme are the origin of the service', async () => {
  const forwarded = { host: 'app:3000', 'x-forwarded-host': 'roost.example', 'x-forwarded-proto': 'https' }
  const answerTo = async (env: Record<string, string>, origin: string) =>
    (await serverWith(env)('/page', { ...forwarded, origin })).json().answer
  assert.equal(await answerTo(proxy, 'https://roost.example'), 'own')
  assert.equal(await answerTo(proxy, 'http://roost.example'), 'SAME_ORIGIN_REQUIRED')
  assert.equal(await answerTo({}, 'https://roost.example'), 'SAME_ORIGIN_REQUIRED')
})
