// Body limits: bodies at each limit and just above it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cast } from '../../test/harness.ts'
import { bodyLimitOf, findExcess, max_body_bytes, max_depth, max_small_body_bytes, max_values } from './body-limits.ts'

const { app, anonymous, manager } = await cast()
const json = { 'content-type': 'application/json' }

test('open routes and /auth accept 4 kB, all others 64 kB', () => {
  assert.equal(bodyLimitOf({ url: '/api/v1/auth/login', config: { open: true } }), max_small_body_bytes)
  assert.equal(bodyLimitOf({ url: '/api/v1/auth/password', config: { signedIn: true } }), max_small_body_bytes)
  assert.equal(bodyLimitOf({ url: '/api/v1/feedback', config: { open: true } }), max_small_body_bytes)
  assert.equal(bodyLimitOf({ url: '/api/v1/authors', config: { can: 'bookings:create' } }), max_body_bytes)
  assert.equal(bodyLimitOf({ url: '/api/v1/properties', config: { can: 'properties:create' } }), max_body_bytes)
})

test('a body at the limit is accepted; one more byte answers 413 and names the limit', async () => {
  const login = JSON.stringify({ email: 'nobody@example.com' })
  assert.equal((await anonymous.request('POST', 'auth/login', login.padEnd(4096), json)).status, 422)
  const more = await anonymous.request('POST', 'auth/login', login.padEnd(4097), json)
  assert.deepEqual([more.status, more.body.error.code], [413, 'PAYLOAD_TOO_LARGE'])
  assert.match(more.body.error.message, /4 kB \(4,096 bytes\)/)
  assert.equal((await manager.request('POST', 'properties', '{}'.padEnd(65_536), json)).status, 422)
  const large = await manager.request('POST', 'properties', '{}'.padEnd(65_537), json)
  assert.match(large.body.error.message, /64 kB \(65,536 bytes\)/)
})

test('2,000 values and 16 levels are accepted, one more of either is refused', () => {
  const items = (count: number) => `[${Array(count).fill('0').join(',')}]`
  const levels = (count: number) => '['.repeat(count) + ']'.repeat(count)
  const codeFor = (text: string) => findExcess(Buffer.from(text))?.code
  assert.equal(codeFor(items(max_values - 1)), undefined)
  assert.equal(codeFor(items(max_values)), 'TOO_MANY_VALUES')
  assert.equal(codeFor(`{"a":${items(max_values - 2)}}`), undefined)
  assert.equal(codeFor(`{"a":[],"b":${items(max_values - 2)}}`), 'TOO_MANY_VALUES')
  assert.equal(codeFor(levels(max_depth)), undefined)
  assert.equal(codeFor(levels(max_depth + 1)), 'TOO_DEEP')
  assert.equal(codeFor(`[${'[],'.repeat(100)}0]`), undefined)
})

test('characters inside of strings count neither as values nor as levels', () => {
  for (const text of ['[{,'.repeat(5000), '\\"[,'.repeat(5000), '\\\\', '\\\\\\"', '\u{1f600}[,'.repeat(3000)]) {
    assert.equal(findExcess(Buffer.from(JSON.stringify({ a: text }))), undefined)
  }
})

test('too many values or levels are one error detail for the whole body', async () => {
  for (const [text, code] of [
    [`[${'0,'.repeat(2000)}0]`, 'TOO_MANY_VALUES'],
    ['['.repeat(17) + ']'.repeat(17), 'TOO_DEEP'],
  ] as const) {
    const { status, body } = await manager.request('POST', 'properties', text, json)
    assert.equal(status, 422)
    assert.deepEqual(
      body.error.details.map((one: { pointer: string; code: string }) => [one.pointer, one.code]),
      [['', code]],
    )
  }
})

test('the default body limit of the server is the largest limit', () => {
  assert.equal(app.initialConfig.bodyLimit, max_body_bytes)
})
