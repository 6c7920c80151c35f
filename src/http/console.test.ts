// The console is served with a strict policy, and its files as the build has compressed them.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import fastify from 'fastify'
import type { Api } from './api.ts'
import { consolePaths, installConsole } from './console.ts'
import { installErrors } from './error-envelope.ts'
import { installResponseHeaders } from './response-headers.ts'

const script = `console.log('${'x'.repeat(2000)}')`
const folder = mkdtempSync(join(tmpdir(), 'roost-console-'))
mkdirSync(join(folder, 'assets'))
writeFileSync(join(folder, 'index.html'), '<meta name="csp-nonce" content="__CSP_NONCE__">')
writeFileSync(join(folder, 'assets', 'index-AbCd_123.js'), script)
writeFileSync(join(folder, 'assets', 'index-AbCd_123.js.br'), brotliCompressSync(script))
writeFileSync(join(folder, 'assets', 'index-AbCd_123.js.gz'), gzipSync(script))
writeFileSync(join(folder, 'assets', 'color-scheme.js'), '// short')

async function serve(from: string): Promise<Api> {
  const app = fastify({ routerOptions: { ignoreTrailingSlash: true } }) as unknown as Api
  installResponseHeaders(app)
  installErrors(app)
  await installConsole(app, from)
  return app
}
const app = await serve(folder)
rmSync(folder, { recursive: true })

test('each page of the console is the same document, also at a path below it', async () => {
  for (const url of [
    '/',
    ...consolePaths,
    '/settings/audit-log',
    '/guests/0190163d-8694-739b-aea5-966c26f8ad91',
    '/today/',
  ]) {
    const { statusCode, headers, body } = await app.inject(url)
    assert.equal(statusCode, 200, url)
    assert.equal(headers['content-type'], 'text/html; charset=utf-8')
    assert.equal(headers['cache-control'], 'no-store')
    assert.match(body, /csp-nonce/)
  }
})

test('each response has its own nonce, and the policy allows no other styles and scripts', async () => {
  const nonces = new Set<string>()
  for (let i = 0; i < 20; i += 1) {
    const { headers, body } = await app.inject('/today')
    const [, nonce = ''] = /content="([^"]+)"/.exec(body) ?? []
    assert.match(nonce, /^[A-Za-z0-9+/]{22}==$/)
    nonces.add(nonce)
    const policy = new Map(
      String(headers['content-security-policy'])
        .split('; ')
        .map((part) => [part.slice(0, part.indexOf(' ')), part.slice(part.indexOf(' ') + 1)]),
    )
    assert.equal(policy.get('default-src'), "'none'")
    assert.equal(policy.get('script-src'), "'self'")
    assert.equal(policy.get('style-src'), `'self' 'nonce-${nonce}'`)
    assert.equal(policy.get('frame-ancestors'), "'none'")
    assert.equal(policy.get('base-uri'), "'none'")
    assert.equal(policy.get('form-action'), "'self'")
  }
  assert.equal(nonces.size, 20)
})

test('files with a hash in their name are stored by browsers for a year, others are asked for', async () => {
  const hashed = await app.inject('/assets/index-AbCd_123.js')
  assert.equal(hashed.headers['cache-control'], 'public, max-age=31536000, immutable')
  const other = await app.inject('/assets/color-scheme.js')
  assert.equal(other.headers['cache-control'], 'no-cache')
  const again = await app.inject({
    url: '/assets/color-scheme.js',
    headers: { 'if-none-match': String(other.headers.etag) },
  })
  assert.equal(again.statusCode, 304)
  assert.equal(again.body, '')
})

test('a file is sent in the encoding that the client accepts, with a tag of its own', async () => {
  const tags = new Set<unknown>()
  for (const [accepted, encoding] of [
    ['br, gzip', 'br'],
    ['gzip', 'gzip'],
    ['identity', undefined],
  ]) {
    const response = await app.inject({ url: '/assets/index-AbCd_123.js', headers: { 'accept-encoding': accepted } })
    assert.equal(response.headers['content-encoding'], encoding)
    assert.equal(response.headers['content-type'], 'text/javascript; charset=utf-8')
    tags.add(response.headers.etag)
    if (encoding !== undefined) assert.ok(response.rawPayload.length < 200)
    else assert.equal(response.body, script)
  }
  assert.equal(tags.size, 3)
})

test('files that the build has not made, and paths out of the folder, are not found', async () => {
  for (const url of [
    '/assets/x.js',
    '/assets/..%2Findex.html',
    '/assets/index-AbCd_123.js.br',
    '/assets/__proto__',
    '/assets/',
  ]) {
    const { statusCode, headers } = await app.inject(url)
    assert.equal(statusCode, 404, url)
    assert.match(String(headers['content-type']), /^application\/json/)
  }
})

test('without a built console / leads to the documentation', async () => {
  const without = await serve(join(folder, 'missing'))
  for (const method of ['GET', 'HEAD'] as const) {
    const { statusCode, headers } = await without.inject({ method, url: '/' })
    assert.deepEqual([statusCode, headers.location], [302, '/docs'], method)
  }
  assert.equal((await without.inject('/today')).statusCode, 404)
})
