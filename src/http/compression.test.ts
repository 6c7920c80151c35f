// JSON above 1 kB is compressed for clients that accept it; nothing else changes for the others.
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import fastify from 'fastify'
import { recordingLog } from '../../test/recording-log.ts'
import { chooseEncoding, installCompression } from './compression.ts'
import { sendVersioned, type Versioned } from './etag.ts'
import { installResponseMemory } from './response-memory.ts'

const app = fastify()
installResponseMemory(app, recordingLog().log)
installCompression(app)
const record = { version: 3, text: 'ä'.repeat(600), more: 'x'.repeat(20_000) }
app.get('/record', async (request, reply) => sendVersioned(request, reply, record as Versioned))
app.get('/small', async () => ({ small: true }))
app.get('/text', async (_request, reply) => reply.type('text/csv').send('x'.repeat(5000)))
app.get('/stream', async (_request, reply) =>
  reply.type('application/json').send(Readable.from([JSON.stringify(record)])),
)
app.get('/zipped', async (_request, reply) =>
  reply.type('application/json').header('content-encoding', 'gzip').send(Buffer.alloc(5000)),
)
await app.ready()

const get = (url: string, accepted?: string, more: Record<string, string> = {}) =>
  app.inject({ url, headers: { ...(accepted !== undefined && { 'accept-encoding': accepted }), ...more } })
const plain = await get('/record')

test('large JSON is compressed with Brotli or gzip and can be read back', async () => {
  for (const [accepted, encoding, decompress] of [
    ['gzip', 'gzip', gunzipSync],
    ['gzip, deflate, br', 'br', brotliDecompressSync],
  ] as const) {
    const reply = await get('/record', accepted)
    assert.equal(reply.headers['content-encoding'], encoding)
    assert.deepEqual(decompress(reply.rawPayload), plain.rawPayload)
    assert.equal(reply.headers['content-length'], String(reply.rawPayload.length))
    assert.ok(reply.rawPayload.length < plain.rawPayload.length / 10)
  }
})

test('a client that accepts no compression gets the same bytes and a strong ETag', async () => {
  assert.equal(plain.headers['content-encoding'], undefined)
  assert.match(String(plain.headers.etag), /^"3-/)
  for (const accepted of ['identity', 'gzip;q=0', 'zstd', '*']) {
    const { headers, rawPayload } = await get('/record', accepted)
    assert.deepEqual([headers['content-encoding'], headers.etag], [undefined, plain.headers.etag])
    assert.deepEqual(rawPayload, plain.rawPayload)
  }
})

test('the ETag of a compressed response is weak, and If-None-Match with it answers 304', async () => {
  const { etag } = (await get('/record', 'gzip')).headers
  assert.equal(etag, `W/${plain.headers.etag}`)
  const again = await get('/record', 'gzip', { 'if-none-match': `"other", ${etag}` })
  assert.deepEqual([again.statusCode, again.payload, again.headers.etag], [304, '', etag])
  assert.equal(again.headers['content-encoding'], undefined)
})

test('HEAD has the headers of GET and no body', async () => {
  for (const accepted of ['gzip', 'identity']) {
    const body = await get('/record', accepted)
    const head = await app.inject({ method: 'HEAD', url: '/record', headers: { 'accept-encoding': accepted } })
    assert.equal(head.payload, '')
    for (const name of ['content-encoding', 'content-length', 'etag']) {
      assert.equal(head.headers[name], body.headers[name], name)
    }
  }
})

test('short JSON, other types, streams and compressed bodies stay as they are', async () => {
  for (const url of ['/small', '/text', '/stream', '/zipped']) {
    const [accepted, without] = [await get(url, 'gzip, br'), await get(url)]
    assert.equal(accepted.headers['content-encoding'], without.headers['content-encoding'], url)
    assert.deepEqual(accepted.rawPayload, without.rawPayload, url)
  }
})

test('a compressed response reserves the memory of its compressed size', async () => {
  const sizes: number[] = []
  const reserve = app.reserveMemory
  app.reserveMemory = (request, payload) => {
    const is_reserved = reserve(request, payload)
    sizes.push(app.responseMemory().bytes)
    return is_reserved
  }
  await get('/record', 'gzip')
  app.reserveMemory = reserve
  const [first = 0, second = 0] = sizes
  assert.equal(sizes.length, 2)
  assert.ok(first > 40_000 && second < 10_000, String(sizes))
})

test('the encoding with the highest weight is chosen, and Brotli among equals', () => {
  const chosen = (accepted: string) => chooseEncoding(accepted)
  assert.deepEqual(
    ['br;q=0.5, gzip', 'gzip;q=0.5,br;q=0.5', 'GZIP ; q=0.1', 'br;q=x', 'gzipped', '', 'deflate, gzip;q=1.0'].map(
      chosen,
    ),
    ['gzip', 'br', 'gzip', undefined, undefined, undefined, 'gzip'],
  )
})
