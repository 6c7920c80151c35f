// The OpenAPI document is serialised once and can be cached by clients.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliDecompressSync } from 'node:zlib'
import { cast } from '../../test/harness.ts'

const { app } = await cast()
const paths = ['/openapi.json', '/docs/json', '/docs/yaml']
const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers })

test('the document is serialised once for all requests', async (t) => {
  const first = await get('/openapi.json')
  const isDocument = (value: unknown) => typeof value === 'object' && value !== null && 'openapi' in value
  const written = t.mock.method(JSON, 'stringify')
  const asked = t.mock.method(app, 'swagger')
  for (const url of paths) {
    const reply = await get(url)
    assert.equal(reply.statusCode, 200, url)
    assert.deepEqual(reply.rawPayload, first.rawPayload, url)
  }
  const writes = written.mock.calls.filter((call) => isDocument(call.arguments[0]))
  assert.deepEqual([writes.length, asked.mock.callCount()], [0, 0])
})

test('If-None-Match answers 304, separately for each encoding', async () => {
  for (const url of paths) {
    const plain = await get(url)
    const zipped = await get(url, { 'accept-encoding': 'br, gzip' })
    assert.deepEqual(brotliDecompressSync(zipped.rawPayload), plain.rawPayload)
    for (const [reply, accepted] of [
      [plain, 'gzip;q=0'],
      [zipped, 'gzip, br'],
    ] as const) {
      assert.deepEqual([reply.headers['cache-control'], reply.headers.vary], ['no-cache', 'Accept-Encoding'])
      const known = { 'if-none-match': String(reply.headers.etag), 'accept-encoding': accepted }
      const again = await get(url, known)
      assert.deepEqual([again.statusCode, again.payload], [304, ''])
    }
    const other = await get(url, { 'if-none-match': String(plain.headers.etag), 'accept-encoding': 'gzip' })
    assert.equal(other.statusCode, 200)
  }
})

test('requests for the document count against the rate limit of the address', async (t) => {
  const limited = await cast({ env: { RATE_LIMIT: '1' } }, t)
  const statuses: number[] = []
  for (let i = 0; i < 6; i += 1) {
    const url = paths[i % paths.length] ?? ''
    statuses.push((await limited.app.inject({ url, remoteAddress: '192.0.2.7' })).statusCode)
  }
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429])
})
