// Proves that only genuine tokens pass: our own HS256 tokens against crafted attacks, mutations and odd headers.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { AuthRequiredError, TokenExpiredError, TokenInvalidError } from './errors.ts'
import { bearerToken, createTokens } from './tokens.ts'

const secret = 'a secret for tests, longer than thirty-two bytes'
const audience = 'authenticated'
const now = 1_800_000_000
const tokens = createTokens({ secret, audience }, () => now * 1000)
const agency = '0197a3c2-5b7e-7c1d-9f40-2b6a8d1e3c55'
const good = { iss: 'roost', aud: audience, sub: 'u1', iat: now, exp: now + 3600 }
const hs256 = { alg: 'HS256', typ: 'JWT' }
const aDay = 86_400

/** Encodes objects as JSON; strings and bytes as they are. */
function encode(value: unknown): string {
  const raw = typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value)
  return Buffer.from(raw as string).toString('base64url')
}

/** A token with a correct signature over whatever it is given. Not made with the library under test. */
function forge(header: unknown, claims: unknown, key: string | Buffer = secret, hash = 'sha256'): string {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${createHmac(hash, key).update(input).digest('base64url')}`
}
const withHeader = (members: object) => forge({ ...hs256, ...members }, good)
const withClaims = (members: object) => forge(hs256, { ...good, ...members })
const rawClaims = (json: string) => forge(hs256, `${JSON.stringify(good).slice(0, -1)},${json}}`)

const [h, c, s] = forge(hs256, good).split('.') as [string, string, string]
const unsigned = (alg: string, signature = '') => `${encode({ alg, typ: 'JWT' })}.${c}.${signature}`
const attackerJwk = { kty: 'oct', k: encode('the key of the attacker, also over 32 bytes') }

const attacks: Record<string, string> = {
  // who signed it, and how
  'alg none without signature': unsigned('none'),
  'alg none with a signature': unsigned('none', s),
  'alg none signed like HS256': forge({ alg: 'none', typ: 'JWT' }, good),
  'alg nOnE': unsigned('nOnE'),
  'alg NONE': unsigned('NONE', s),
  'an empty alg': forge({ alg: '', typ: 'JWT' }, good),
  'no alg': forge({ typ: 'JWT' }, good),
  'alg null': withHeader({ alg: null }),
  'alg as an array': withHeader({ alg: ['HS256'] }),
  'alg hs256 in small letters': withHeader({ alg: 'hs256' }),
  'alg HS384 with our secret': forge({ alg: 'HS384', typ: 'JWT' }, good, secret, 'sha384'),
  'alg HS512 with our secret': forge({ alg: 'HS512', typ: 'JWT' }, good, secret, 'sha512'),
  'alg RS256 when no provider is set': withHeader({ alg: 'RS256' }),
  'alg toString': withHeader({ alg: 'toString' }),
  'alg __proto__': withHeader({ alg: '__proto__' }),
  'another secret': forge(hs256, good, `${secret}.`),
  'an empty secret': forge(hs256, good, ''),
  'our secret and a line feed': forge(hs256, good, `${secret}\n`),
  'our secret in base64': forge(hs256, good, Buffer.from(secret).toString('base64')),
  'an empty signature': `${h}.${c}.`,
  'a truncated signature': `${h}.${c}.${s.slice(0, -4)}`,
  'a longer signature': `${h}.${c}.${s}AAAA`,
  'the signature of other claims': `${h}.${c}.${withClaims({ sub: 'u2' }).split('.')[2]}`,
  'the claims of another token': `${h}.${withClaims({ sub: 'u2' }).split('.')[1]}.${s}`,

  // header members that bring keys or rules of their own
  jku: withHeader({ jku: 'http://127.0.0.1:9/keys' }),
  x5u: withHeader({ x5u: 'http://127.0.0.1:9/cert' }),
  jwk: withHeader({ jwk: attackerJwk }),
  'jwk, signed with that key': forge({ ...hs256, jwk: attackerJwk }, good, Buffer.from(attackerJwk.k, 'base64url')),
  x5c: withHeader({ x5c: ['MIIB'] }),
  x5t: withHeader({ x5t: 'AAAA' }),
  'crit with exp': withHeader({ crit: ['exp'] }),
  'crit with b64': withHeader({ crit: ['b64'], b64: false }),
  'b64 false': withHeader({ b64: false }),
  'b64 true': withHeader({ b64: true }),
  cty: withHeader({ cty: 'JWT' }),
  zip: withHeader({ zip: 'DEF' }),
  '__proto__ in the header': forge('{"alg":"HS256","typ":"JWT","__proto__":{}}', good),
  'a header with alg twice, none last': forge('{"alg":"HS256","typ":"JWT","alg":"none"}', good),
  'a header that is an array': forge([hs256], good),
  'a header that is null': forge('null', good),
  'a header that is a string': forge('"HS256"', good),
  'a header that is no JSON': forge('{alg:HS256}', good),

  // typ: tokens made for another purpose
  'no typ': forge({ alg: 'HS256' }, good),
  'typ at+jwt': withHeader({ typ: 'at+jwt' }),
  'typ jwt in small letters': withHeader({ typ: 'jwt' }),
  'typ application/jwt': withHeader({ typ: 'application/jwt' }),
  'typ refresh': withHeader({ typ: 'refresh+jwt' }),
  'typ invite': withHeader({ typ: 'invite+jwt' }),
  'typ null': withHeader({ typ: null }),
  'typ as an array': withHeader({ typ: ['JWT'] }),

  // kid
  'kid with SQL': withHeader({ kid: "x' union select 'secret" }),
  'kid as a path': withHeader({ kid: '../../dev/null' }),
  'kid as a URL': withHeader({ kid: 'http://127.0.0.1:9/keys' }),
  'kid with a command': withHeader({ kid: 'a|whoami' }),
  'kid of 10 kB': withHeader({ kid: 'k'.repeat(10_000) }),
  'kid of 65 characters': withHeader({ kid: 'k'.repeat(65) }),
  'an empty kid': withHeader({ kid: '' }),
  'kid with a line feed at its end': withHeader({ kid: 'key\n' }),
  'kid with NUL': withHeader({ kid: 'key\0' }),
  'kid beyond ASCII': withHeader({ kid: 'kéy' }),
  'kid as an array': withHeader({ kid: ['key'] }),
  'kid as a number': withHeader({ kid: 1 }),
  'kid null': withHeader({ kid: null }),

  // times
  'no exp': withClaims({ exp: undefined }),
  'exp null': withClaims({ exp: null }),
  'exp as text': withClaims({ exp: `${now + 60}` }),
  'exp 1e308': withClaims({ exp: 1e308 }),
  'exp beyond every number': rawClaims('"exp":1e999'),
  'exp 2^53': withClaims({ exp: 2 ** 53 }),
  'a negative exp': withClaims({ exp: -1 }),
  'a fractional exp': withClaims({ exp: now + 0.5 }),
  'exp as an array': withClaims({ exp: [now + 60] }),
  'exp true': withClaims({ exp: true }),
  'more than 24 hours of life': withClaims({ exp: now + aDay + 1 }),
  'no iat': withClaims({ iat: undefined }),
  'iat as text': withClaims({ iat: `${now}` }),
  'iat in the future': withClaims({ iat: now + 6 }),
  'iat -1e308': withClaims({ iat: -1e308 }),
  'a fractional iat': withClaims({ iat: now - 0.5 }),
  'nbf in the future': withClaims({ nbf: now + 6 }),
  'nbf as text': withClaims({ nbf: `${now}` }),
  'nbf null': withClaims({ nbf: null }),

  // who and for whom
  'no iss': withClaims({ iss: undefined }),
  'another iss': withClaims({ iss: 'https://other.example' }),
  'iss in other letters': withClaims({ iss: 'Roost' }),
  'iss with a slash': withClaims({ iss: 'roost/' }),
  'iss as an array': withClaims({ iss: ['roost'] }),
  'iss null': withClaims({ iss: null }),
  'no aud': withClaims({ aud: undefined }),
  'an empty list of aud': withClaims({ aud: [] }),
  'another aud': withClaims({ aud: 'anon' }),
  'part of our aud': withClaims({ aud: 'auth' }),
  'our aud and more': withClaims({ aud: 'authenticated, other' }),
  'only other auds': withClaims({ aud: ['anon', 'service'] }),
  'aud in a nested list': withClaims({ aud: [['authenticated']] }),
  'aud beside a number': withClaims({ aud: ['authenticated', 5] }),
  'aud as an object': withClaims({ aud: { authenticated: true } }),
  'no sub': withClaims({ sub: undefined }),
  'an empty sub': withClaims({ sub: '' }),
  'sub of 256 characters': withClaims({ sub: 'u'.repeat(256) }),
  'sub as a number': withClaims({ sub: 1 }),
  'sub as an array': withClaims({ sub: ['u1'] }),
  'sub with NUL': withClaims({ sub: 'u1\0' }),
  'sub with half a character': rawClaims('"sub":"\\ud800"'),

  // form
  'no token': '',
  'one part': h,
  'two parts': `${h}.${c}`,
  'four parts': `${h}.${c}.${s}.${s}`,
  'five parts': `${h}.${c}.${s}.${s}.${s}`,
  'only dots': '..',
  'a leading space': ` ${h}.${c}.${s}`,
  'a trailing line feed': `${h}.${c}.${s}\n`,
  'padding on the signature': `${h}.${c}.${s}=`,
  'padding on the header': `${h}=.${c}.${s}`,
  'standard base64': `${h}.${c}.${Buffer.from(s, 'base64url').toString('base64')}`,
  'a comma and a second token': `${h}.${c}.${s},${h}.${c}.${s}`,
  'claims that are null': forge(hs256, 'null'),
  'claims that are an array': forge(hs256, [good]),
  'claims that are no JSON': forge(hs256, 'sub=u1'),
  'claims that are no UTF-8': forge(
    hs256,
    Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]),
  ),
  'claims behind a byte order mark': forge(hs256, `\ufeff${JSON.stringify(good)}`),
  'claims nested 5,000 deep': forge(hs256, '['.repeat(5000)),
  'more than 8 kB': withClaims({ filler: 'x'.repeat(8192) }),
}
for (const named of ['zzz', '', 5, null, true, {}, [agency], `${agency}\n`, agency.slice(1), `{${agency}}`]) {
  attacks[`agency_id ${JSON.stringify(named)}`] = withClaims({ agency_id: named })
  attacks[`app_metadata.agency_id ${JSON.stringify(named)}`] = withClaims({ app_metadata: { agency_id: named } })
}

test('the token every attack is made from is genuine', async () => {
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

for (const [attack, token] of Object.entries(attacks)) {
  test(`a token is refused: ${attack}`, () => assert.rejects(tokens.verify(token), TokenInvalidError))
}

test('all 256 single-bit flips of the signature are refused', async () => {
  for (let bit = 0; bit < 256; bit += 1) {
    const bytes = Buffer.from(s, 'base64url')
    bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    await assert.rejects(tokens.verify(`${h}.${c}.${bytes.toString('base64url')}`), TokenInvalidError, `bit ${bit}`)
  }
})

test('a second spelling of the same signature bytes is refused', async () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(s.slice(-1))
  for (const unusedBits of [1, 2, 3]) {
    const spelling = s.slice(0, -1) + alphabet[last ^ unusedBits]
    assert.deepEqual(Buffer.from(spelling, 'base64url'), Buffer.from(s, 'base64url'))
    await assert.rejects(tokens.verify(`${h}.${c}.${spelling}`), TokenInvalidError)
  }
})

test('of 10,000 mutated tokens none is accepted and none fails in another way', async () => {
  const token = withClaims({ agency_id: agency })
  const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0{}"é']
  const edit = fc.record({
    at: fc.nat(token.length - 1),
    remove: fc.integer({ min: 0, max: 3 }),
    insert: fc.array(fc.constantFrom(...alphabet), { maxLength: 3 }),
  })
  let refused = 0
  const mutation = fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
    const mutated = edits.reduce(
      (text, { at, remove, insert }) => text.slice(0, at) + insert.join('') + text.slice(at + remove),
      token,
    )
    if (mutated === token) return
    await assert.rejects(tokens.verify(mutated), TokenInvalidError)
    refused += 1
  })
  await fc.assert(mutation, { numRuns: 11_000, seed: 20260101 })
  assert.ok(refused >= 10_000, `only ${refused} mutations differed from the token`)
})

test('no header and no claim makes us open a connection', async (t) => {
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
  'a generation that is no count, which is nobody’s': [withClaims({ gen: '3' }), { generation: -1 }],
  'agency_id in app_metadata': [withClaims({ app_metadata: { agency_id: agency } }), { agency_id: agency }],
  'agency_id in user_metadata, which users write': [withClaims({ user_metadata: { agency_id: agency } }), {}],
  'a role': [withClaims({ role: 'service_role', app_role: 'admin' }), {}],
  'a claim twice, which counts as its last value': [rawClaims('"sub":"u2"'), { sub: 'u2' }],
}
for (const [name, [token, expected]] of Object.entries(accepted)) {
  test(`a token is accepted and says no more than it should: ${name}`, async () => {
    const plain = { sub: 'u1', is_own: true, agency_id: undefined, generation: 0, expires_at: good.exp }
    assert.deepEqual(await tokens.verify(token), { ...plain, ...expected })
  })
}

test('a token is called expired only when nothing else is wrong with it', async () => {
  const past = { iat: now - 60, exp: now - 5 }
  await assert.rejects(tokens.verify(withClaims(past)), TokenExpiredError)
  await assert.rejects(tokens.verify(withClaims({ exp: now - 5 })), TokenExpiredError)
  await assert.rejects(tokens.verify(forge(hs256, { ...good, ...past }, 'another secret')), TokenInvalidError)
  await assert.rejects(tokens.verify(withClaims({ ...past, aud: 'anon' })), TokenInvalidError)
  await assert.rejects(tokens.verify(withClaims({ ...past, agency_id: 'zzz' })), TokenInvalidError)
})

test('an issued token is accepted, names its user and agency, and has an id of its own', async () => {
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

test('a token can be issued for 1 second to 24 hours, and for nothing else', async () => {
  assert.equal((await tokens.verify((await tokens.issue({ user_id: 'u7' }, 1)).token)).expires_at, now + 1)
  assert.equal((await tokens.issue({ user_id: 'u7' }, aDay)).expires_in, aDay)
  for (const lifetime of [0, -1, 1.5, aDay + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
    await assert.rejects(tokens.issue({ user_id: 'u7' }, lifetime), RangeError)
  }
})

test('without a secret nothing is issued and no HS256 token is accepted', async () => {
  const none = createTokens({ audience }, () => now * 1000)
  assert.equal(tokens.canIssue, true)
  assert.equal(none.canIssue, false)
  await assert.rejects(none.issue({ user_id: 'u7' }), /JWT_SECRET/)
  await assert.rejects(none.verify(forge(hs256, good)), TokenInvalidError)
})

test('a deployment with an issuer of its own accepts that issuer only', async () => {
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
  ['two headers made one by a proxy', ['Authorization', 'Bearer a.b.c, Bearer a.b.c'], TokenInvalidError],
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

test('a token that was genuine a moment ago is expired when its time is over', async () => {
  let now = Date.UTC(2030, 0, 1)
  const tokens = createTokens({ secret: 'x'.repeat(32), audience: 'authenticated' }, () => now)
  const { token, expires_in } = await tokens.issue({ user_id: '0190163d-8694-739b-aea5-966c26f8ad91' }, 60)
  const first = await tokens.verify(token)
  assert.deepEqual(await tokens.verify(token), first)
  now += (expires_in + 6) * 1000
  await assert.rejects(tokens.verify(token), { code: 'TOKEN_EXPIRED' })
})
