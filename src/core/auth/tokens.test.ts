// HS256 tokens of this deployment: forged, mutated and malformed ones are refused.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { forgeries, hs256, mutationsOf } from '../../../test/forged-tokens.ts'
import { AuthRequiredError, TokenExpiredError, TokenInvalidError } from '../errors.ts'
import { bearerToken, createTokens } from './tokens.ts'

const secret = 'a secret for tests, longer than thirty-two bytes'
const audience = 'authenticated'
const now = 1_800_000_000
const tokens = createTokens({ secret, audience }, () => now * 1000)
const aDay = 86_400

const { agency, good, forge, withHeader, withClaims, rawClaims, parts, attacks } = forgeries({
  secret,
  audience,
  now,
  sub: 'u1',
})
const [h, c, s] = parts

test('the token that the forged ones are derived from is valid', async () => {
  assert.deepEqual(await tokens.verify(forge(hs256, good)), {
    sub: 'u1',
    is_own: true,
    agency_id: undefined,
    generation: 0,
    expires_at: good.exp,
  })
  assert.ok(Object.keys(attacks).length >= 60)
  assert.ok(!Object.values(attacks).includes(forge(hs256, good)))
})

/** Not in the shared list: over HTTP, on a slow machine, time could pass and make them valid. */
const tooEarly = {
  'iat a second beyond the skew': withClaims({ iat: now + 6 }),
  'nbf a second beyond the skew': withClaims({ nbf: now + 6 }),
}
for (const [attack, token] of Object.entries({ ...attacks, ...tooEarly })) {
  test(`a token is refused: ${attack}`, () => assert.rejects(tokens.verify(token), TokenInvalidError))
}

test('all 256 single-bit flips of the signature are refused', async () => {
  for (let bit = 0; bit < 256; bit += 1) {
    const bytes = Buffer.from(s, 'base64url')
    bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    await assert.rejects(tokens.verify(`${h}.${c}.${bytes.toString('base64url')}`), TokenInvalidError, `bit ${bit}`)
  }
})

test('a non-canonical encoding of the same signature bytes is refused', async () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(s.slice(-1))
  for (const unusedBits of [1, 2, 3]) {
    const spelling = s.slice(0, -1) + alphabet[last ^ unusedBits]
    assert.deepEqual(Buffer.from(spelling, 'base64url'), Buffer.from(s, 'base64url'))
    await assert.rejects(tokens.verify(`${h}.${c}.${spelling}`), TokenInvalidError)
  }
})

test('all of 10,000 mutated tokens are refused with TokenInvalidError', async () => {
  const token = withClaims({ agency_id: agency })
  let refused = 0
  const mutation = fc.asyncProperty(mutationsOf(token), async (mutated) => {
    if (mutated === token) return
    await assert.rejects(tokens.verify(mutated), TokenInvalidError)
    refused += 1
  })
  await fc.assert(mutation, { numRuns: 11_000, seed: 20260101 })
  assert.ok(refused >= 10_000, `only ${refused} mutations differed from the token`)
})

test('no header and no claim causes an outgoing connection', async (t) => {
  let connections = 0
  const listener = createServer((_, response) => response.end('{"keys":[]}')).on('connection', () => connections++)
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.after(() => listener.close().closeAllConnections())
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/keys`
  for (const members of [
    { jku: url },
    { x5u: url },
    { kid: url },
    { jku: url, alg: 'RS256' },
    { x5u: url, kid: 'k' },
  ]) {
    await assert.rejects(tokens.verify(withHeader(members)), TokenInvalidError)
  }
  await assert.rejects(tokens.verify(withClaims({ iss: url })), TokenInvalidError)
  assert.equal(connections, 0)
  await fetch(url)
  assert.equal(connections, 1, 'the listener counts connections')
})

const accepted: Record<string, [string, Partial<Awaited<ReturnType<typeof tokens.verify>>>]> = {
  'our aud among others': [withClaims({ aud: ['other', audience] }), {}],
  'exp passed within the skew': [withClaims({ iat: now - 60, exp: now - 4 }), { expires_at: now - 4 }],
  'iat ahead within the skew': [withClaims({ iat: now + 5 }), {}],
  'nbf ahead within the skew': [withClaims({ nbf: now + 5 }), {}],
  'exactly 24 hours of life': [withClaims({ exp: now + aDay }), { expires_at: now + aDay }],
  'a plain kid': [withHeader({ kid: 'Key_1.a-b' }), {}],
  'sub of 255 characters': [withClaims({ sub: 'u'.repeat(255) }), { sub: 'u'.repeat(255) }],
  agency_id: [withClaims({ agency_id: agency.toUpperCase() }), { agency_id: agency }],
  'a generation of tokens': [withClaims({ gen: 3 }), { generation: 3 }],
  'a generation that is not a number becomes -1': [withClaims({ gen: '3' }), { generation: -1 }],
  'agency_id in app_metadata': [withClaims({ app_metadata: { agency_id: agency } }), { agency_id: agency }],
  'agency_id in user_metadata, which users can edit, is ignored': [
    withClaims({ user_metadata: { agency_id: agency } }),
    {},
  ],
  'a role is ignored': [withClaims({ role: 'service_role', app_role: 'admin' }), {}],
  'the last value of a duplicate claim counts': [rawClaims('"sub":"u2"'), { sub: 'u2' }],
}
for (const [name, [token, expected]] of Object.entries(accepted)) {
  test(`a token is accepted: ${name}`, async () => {
    const plain = { sub: 'u1', is_own: true, agency_id: undefined, generation: 0, expires_at: good.exp }
    assert.deepEqual(await tokens.verify(token), { ...plain, ...expected })
  })
}

test('TokenExpiredError is answered only when nothing else is wrong with the token', async () => {
  const past = { iat: now - 60, exp: now - 5 }
  await assert.rejects(tokens.verify(withClaims(past)), TokenExpiredError)
  await assert.rejects(tokens.verify(withClaims({ exp: now - 5 })), TokenExpiredError)
  await assert.rejects(tokens.verify(forge(hs256, { ...good, ...past }, 'another secret')), TokenInvalidError)
  await assert.rejects(tokens.verify(withClaims({ ...past, aud: 'anon' })), TokenInvalidError)
  await assert.rejects(tokens.verify(withClaims({ ...past, agency_id: 'zzz' })), TokenInvalidError)
})

test('an issued token is accepted and has its user, agency and a unique id', async () => {
  const { token, expires_in } = await tokens.issue({ user_id: 'u7', agency_id: agency })
  assert.equal(expires_in, 3600)
  const verified = { sub: 'u7', is_own: true, agency_id: agency, generation: 0, expires_at: now + 3600 }
  assert.deepEqual(await tokens.verify(token), verified)
  const [header, claims] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
  assert.equal(header, '{"alg":"HS256","typ":"JWT"}')
  const { jti, ...rest } = JSON.parse(claims ?? '')
  assert.match(jti, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
  assert.deepEqual(rest, { iss: 'roost', aud: audience, sub: 'u7', agency_id: agency, iat: now, exp: now + 3600 })
  assert.notEqual((await tokens.issue({ user_id: 'u7', agency_id: agency })).token, token)
})

test('a token can be issued for 1 second to 24 hours only', async () => {
  assert.equal((await tokens.verify((await tokens.issue({ user_id: 'u7' }, 1)).token)).expires_at, now + 1)
  assert.equal((await tokens.issue({ user_id: 'u7' }, aDay)).expires_in, aDay)
  for (const lifetime of [0, -1, 1.5, aDay + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
    await assert.rejects(tokens.issue({ user_id: 'u7' }, lifetime), RangeError)
  }
})

test('without a secret no token is issued and no HS256 token is accepted', async () => {
  const none = createTokens({ audience }, () => now * 1000)
  assert.equal(tokens.canIssue, true)
  assert.equal(none.canIssue, false)
  assert.throws(() => none.deriveKey('refresh tokens'), /JWT_SECRET is not set/)
  assert.deepEqual(tokens.deriveKey('refresh tokens'), tokens.deriveKey('refresh tokens'))
  assert.notDeepEqual(tokens.deriveKey('refresh tokens'), tokens.deriveKey('other'))
  await assert.rejects(none.issue({ user_id: 'u7' }), /JWT_SECRET/)
  await assert.rejects(none.verify(forge(hs256, good)), TokenInvalidError)
})

test('a deployment with its own issuer accepts that issuer only', async () => {
  const own = createTokens({ secret, audience, issuer: 'https://pms.example' }, () => now * 1000)
  const { token } = await own.issue({ user_id: 'u7' })
  assert.equal((await own.verify(token)).sub, 'u7')
  await assert.rejects(own.verify(forge(hs256, good)), TokenInvalidError)
  await assert.rejects(tokens.verify(token), TokenInvalidError)
})

const longest = 'x'.repeat(8192)
const bearerCases: [string, string[], string | typeof AuthRequiredError | typeof TokenInvalidError][] = [
  ['no header at all', [], AuthRequiredError],
  ['only other headers', ['Host', 'authorization', 'X-Authorization', 'Bearer abc'], AuthRequiredError],
  ['Bearer', ['Host', 'a', 'Authorization', 'Bearer a.b.c'], 'a.b.c'],
  ['bearer and AUTHORIZATION', ['AUTHORIZATION', 'bEARER a.b.c'], 'a.b.c'],
  ['two spaces', ['Authorization', 'Bearer  a.b.c'], 'a.b.c'],
  ['8 kB', ['Authorization', `Bearer ${longest}`], longest],
  ['more than 8 kB', ['Authorization', `Bearer ${longest}x`], TokenInvalidError],
  ['two headers', ['Authorization', 'Bearer a.b.c', 'authorization', 'Bearer a.b.c'], TokenInvalidError],
  ['two headers, one empty', ['Authorization', 'Bearer a.b.c', 'Authorization', ''], TokenInvalidError],
  ['two headers joined by a proxy', ['Authorization', 'Bearer a.b.c, Bearer a.b.c'], TokenInvalidError],
  ['Bearer without a token', ['Authorization', 'Bearer'], TokenInvalidError],
  ['Bearer and spaces', ['Authorization', 'Bearer  '], TokenInvalidError],
  ['a tab', ['Authorization', 'Bearer\ta.b.c'], TokenInvalidError],
  ['two words', ['Authorization', 'Bearer a.b.c d'], TokenInvalidError],
  ['an empty header', ['Authorization', ''], AuthRequiredError],
  ['Basic', ['Authorization', 'Basic dXNlcjpwYXNz'], AuthRequiredError],
  ['a longer scheme', ['Authorization', 'BearerX a.b.c'], AuthRequiredError],
  ['a bare token', ['Authorization', 'a.b.c'], AuthRequiredError],
]
for (const [name, rawHeaders, expected] of bearerCases) {
  test(`the Authorization header is read strictly: ${name}`, () => {
    if (typeof expected === 'string') assert.equal(bearerToken(rawHeaders), expected)
    else assert.throws(() => bearerToken(rawHeaders), expected)
  })
}

test('a cached token is refused after its expiry', async () => {
  let now = Date.UTC(2030, 0, 1)
  const tokens = createTokens({ secret: 'x'.repeat(32), audience: 'authenticated' }, () => now)
  const { token, expires_in } = await tokens.issue({ user_id: '0190163d-8694-739b-aea5-966c26f8ad91' }, 60)
  const first = await tokens.verify(token)
  assert.deepEqual(await tokens.verify(token), first)
  now += (expires_in + 6) * 1000
  await assert.rejects(tokens.verify(token), { code: 'TOKEN_EXPIRED' })
})
