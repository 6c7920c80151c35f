// Tokens of an identity provider: key rotation, provider failures, algorithm confusion.
import assert from 'node:assert/strict'
import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { TokenExpiredError, TokenInvalidError } from '../errors.ts'
import { IdentityUnavailableError } from '../server-errors.ts'
import { createTokens } from './tokens.ts'

const secret = 'a secret for tests, longer than thirty-two bytes'
const audience = 'authenticated'
const issuer = 'https://id.example/auth/v1'
const start = 1_800_000_000
const valid_claims = { iss: issuer, aud: audience, sub: 'u1', iat: start, exp: start + 3600 }

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const ed = generateKeyPairSync('ed25519')
type Jwk = Record<string, unknown>
const jwk = (key: KeyObject, members: Jwk): Jwk => ({ ...key.export({ format: 'jwk' }), ...members })
const keySet = [
  jwk(rsa.publicKey, { kid: 'rsa', alg: 'RS256', use: 'sig' }),
  jwk(ec.publicKey, { kid: 'ec', alg: 'ES256' }),
  jwk(ed.publicKey, { kid: 'ed', alg: 'EdDSA' }),
  jwk(otherRsa.publicKey, { kid: 'pss', alg: 'PS256' }),
]

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const pss = { padding: 6, saltLength: 32 }

/** A token signed with `header.alg`, without the library under test. */
function forge(header: Jwk, key: KeyObject, claims: object = valid_claims): string {
  const input = `${encode(header)}.${encode(claims)}`
  const options = header.alg === 'PS256' ? pss : { dsaEncoding: 'ieee-p1363' as const }
  const signature = sign(header.alg === 'EdDSA' ? null : 'sha256', Buffer.from(input), { key, ...options })
  return `${input}.${signature.toString('base64url')}`
}
function forgeHmac(header: Jwk, key: string | Buffer, claims: object): string {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
}
const rs256 = (kid: string, key = rsa.privateKey, claims: object = valid_claims) =>
  forge({ alg: 'RS256', typ: 'JWT', kid }, key, claims)

/** A provider on loopback with a replaceable response, tokens that trust it, and a mocked Date. */
async function startProvider(t: TestContext, keys: Jwk[] = keySet, settings: { secret?: string } = {}) {
  const provider = {
    keys,
    fetches: 0,
    answer: (response: ServerResponse): unknown => response.end(JSON.stringify({ keys: provider.keys })),
  }
  const server = createServer((_, response) => {
    provider.fetches += 1
    provider.answer(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
  t.mock.timers.enable({ apis: ['Date'], now: start * 1000 })
  const jwks_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
  const tokens = createTokens({ ...settings, jwks_url, issuer, audience })
  return { provider, tokens, tick: (seconds: number) => t.mock.timers.tick(seconds * 1000) }
}

const valid_tokens: Record<string, string> = {
  RS256: rs256('rsa'),
  ES256: forge({ alg: 'ES256', typ: 'JWT', kid: 'ec' }, ec.privateKey),
  EdDSA: forge({ alg: 'EdDSA', typ: 'JWT', kid: 'ed' }, ed.privateKey),
  PS256: forge({ alg: 'PS256', typ: 'JWT', kid: 'pss' }, otherRsa.privateKey),
  'RS256 without typ': forge({ alg: 'RS256', kid: 'rsa' }, rsa.privateKey),
  'RS256 without kid, when one key fits': forge({ alg: 'RS256', typ: 'JWT' }, rsa.privateKey),
}
for (const [name, token] of Object.entries(valid_tokens)) {
  test(`a provider's token is accepted: ${name}`, async (t) => {
    const { tokens, provider } = await startProvider(t)
    assert.deepEqual(await tokens.verify(token), {
      sub: 'u1',
      is_own: false,
      agency_id: undefined,
      generation: 0,
      expires_at: valid_claims.exp,
    })
    await tokens.verify(token)
    assert.equal(provider.fetches, 1, 'the keys are fetched once')
  })
}

test("a provider's expired token answers TokenExpiredError only with a valid signature", async (t) => {
  const { tokens } = await startProvider(t)
  const past = { ...valid_claims, iat: start - 60, exp: start - 5 }
  await assert.rejects(tokens.verify(rs256('rsa', rsa.privateKey, past)), TokenExpiredError)
  await assert.rejects(tokens.verify(rs256('rsa', otherRsa.privateKey, past)), TokenInvalidError)
})

test('a key without alg serves exactly the algorithms its type and curve allow', async (t) => {
  const bare = [jwk(rsa.publicKey, { kid: 'rsa' }), jwk(ec.publicKey, { kid: 'ec' }), jwk(ed.publicKey, { kid: 'ed' })]
  const { tokens } = await startProvider(t, [...bare, jwk(p384.publicKey, { kid: 'p384' })])
  for (const name of ['RS256', 'ES256', 'EdDSA'])
    assert.equal((await tokens.verify(valid_tokens[name] ?? '')).sub, 'u1')
  const asPss = forge({ alg: 'PS256', typ: 'JWT', kid: 'rsa' }, rsa.privateKey)
  assert.equal((await tokens.verify(asPss)).sub, 'u1')
  for (const kid of ['rsa', 'ed', 'p384']) {
    const token = forge({ alg: 'ES256', typ: 'JWT', kid }, ec.privateKey)
    await assert.rejects(tokens.verify(token), TokenInvalidError, kid)
  }
})

test('own tokens and provider tokens are verified with their own keys and issuers only', async (t) => {
  const { tokens } = await startProvider(t, keySet, { secret })
  const { token } = await tokens.issue({ user_id: 'u9' })
  assert.equal((await tokens.verify(token)).sub, 'u9')
  assert.equal((await tokens.verify(rs256('rsa'))).sub, 'u1')
  const hs256 = { alg: 'HS256', typ: 'JWT' }
  const own = { ...valid_claims, iss: 'roost' }
  assert.equal((await tokens.verify(forgeHmac(hs256, secret, own))).sub, 'u1')
  await assert.rejects(tokens.verify(forgeHmac(hs256, secret, valid_claims)), TokenInvalidError)
  await assert.rejects(tokens.verify(rs256('rsa', rsa.privateKey, own)), TokenInvalidError)
  await assert.rejects(tokens.verify(forgeHmac({ alg: 'HS256' }, secret, own)), TokenInvalidError)
})

const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string
const der = rsa.publicKey.export({ type: 'spki', format: 'der' })
const confusions: Record<string, string | Buffer> = {
  'SPKI PEM': pem,
  'SPKI PEM without its last line feed': pem.trimEnd(),
  'PEM behind white space': `\n ${pem}`,
  'PEM with carriage returns': pem.replaceAll('\n', '\r\n'),
  'PKCS#1 PEM': rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }),
  'SPKI DER': der,
  'PKCS#1 DER': rsa.publicKey.export({ type: 'pkcs1', format: 'der' }),
  'DER in base64': der.toString('base64'),
  'JWK as published': JSON.stringify(keySet[0]),
  'JWK of the key alone': JSON.stringify(rsa.publicKey.export({ format: 'jwk' })),
  modulus: Buffer.from(String(keySet[0]?.n), 'base64url'),
}
for (const [name, key] of Object.entries(confusions)) {
  test(`HS256 signed with the public key as ${name} is refused`, async (t) => {
    for (const settings of [{}, { secret }]) {
      const { tokens, provider } = await startProvider(t, keySet, settings)
      for (const iss of [issuer, 'roost']) {
        for (const kid of ['rsa', undefined]) {
          const token = forgeHmac({ alg: 'HS256', typ: 'JWT', kid }, key, { ...valid_claims, iss })
          await assert.rejects(tokens.verify(token), TokenInvalidError)
        }
      }
      assert.equal(provider.fetches, 0)
      t.mock.timers.reset()
    }
  })
}

const parts = (valid_tokens.ES256 ?? '').split('.')
const oct = { kty: 'oct', k: Buffer.from(secret).toString('base64url') }
const refusals: [string, string, Jwk[]?][] = [
  ['signed by a key that is not in the set', rs256('rsa', otherRsa.privateKey)],
  ['with the kid of a key of another type', rs256('ec')],
  ['with PS256 by a key for RS256', forge({ alg: 'PS256', typ: 'JWT', kid: 'rsa' }, rsa.privateKey)],
  ['with RS256 by a key for PS256', rs256('pss', otherRsa.privateKey)],
  ['with an ES256 signature of zeros', `${parts[0]}.${parts[1]}.${Buffer.alloc(64).toString('base64url')}`],
  [
    'with an ES256 signature in DER',
    `${parts[0]}.${parts[1]}.${sign('sha256', Buffer.from(`${parts[0]}.${parts[1]}`), ec.privateKey).toString('base64url')}`,
  ],
  ['without kid, when two keys fit', forge({ alg: 'RS256', typ: 'JWT' }, rsa.privateKey), twoKeys('a', 'b')],
  ['with a kid that two keys share', rs256('a'), twoKeys('a', 'a')],
  ['by a key published for encryption', rs256('rsa'), [jwk(rsa.publicKey, { kid: 'rsa', use: 'enc' })]],
  ['by an RSA key of 1024 bits', ...weakRsa()],
  [
    'by the oct key of the set',
    forgeHmac({ alg: 'HS256', typ: 'JWT', kid: 'oct' }, secret, valid_claims),
    [{ ...oct, kid: 'oct' }],
  ],
  ['with a thumbprint as kid', rs256(createHash('sha256').update(der).digest('base64url'))],
  ['when the set is empty', rs256('rsa'), []],
]
function twoKeys(first: string, second: string): Jwk[] {
  return [jwk(rsa.publicKey, { kid: first }), jwk(otherRsa.publicKey, { kid: second })]
}
function weakRsa(): [string, Jwk[]] {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
  return [rs256('weak', weak.privateKey), [jwk(weak.publicKey, { kid: 'weak' })]]
}
for (const [name, token, keys] of refusals) {
  test(`a provider's token is refused: ${name}`, async (t) => {
    const { tokens } = await startProvider(t, keys)
    await assert.rejects(tokens.verify(token), TokenInvalidError)
  })
}

test('an invalid token is refused, without a request to the provider when it is malformed', async (t) => {
  const { tokens, provider } = await startProvider(t)
  const claims = (members: object) => rs256('rsa', rsa.privateKey, { ...valid_claims, ...members })
  const header = (members: Jwk) => forge({ alg: 'RS256', typ: 'JWT', kid: 'rsa', ...members }, rsa.privateKey)
  const [h, c, s] = rs256('rsa').split('.')
  const invalid = [
    ...[
      '',
      'x',
      '..',
      `${h}.${c}.`,
      `${h}.${c}.${s}=`,
      `${h}.${c}.${s}.${s}`,
      `${h}.bm90IEpTT04.${s}`,
      `${h}.${c}.${s}\n`,
    ],
    ...[{ jku: 'http://127.0.0.1:9' }, { crit: ['exp'] }, { b64: false }, { typ: 'at+jwt' }, { typ: null }].map(header),
    ...[{ kid: '../../dev/null' }, { kid: 'k'.repeat(65) }, { kid: null }, { alg: 'ES384' }, { alg: 'RS512' }].map(
      header,
    ),
    ...[{ exp: undefined }, { exp: start + 90_000 }, { aud: [5] }, { sub: undefined }, { agency_id: 'zzz' }].map(
      claims,
    ),
  ]
  for (const token of invalid) await assert.rejects(tokens.verify(token), TokenInvalidError, token)
  assert.equal(provider.fetches, 0)
  await tokens.verify(rs256('rsa'))
  assert.equal(provider.fetches, 1, 'the provider counts fetches')
  const foreign = [{ iss: 'roost' }, { iss: undefined }, { aud: 'anon' }, { iat: start + 6 }, { nbf: start + 6 }]
  for (const token of foreign.map(claims)) await assert.rejects(tokens.verify(token), TokenInvalidError, token)
})

test('a new key is accepted at once, a removed one for at most five minutes', async (t) => {
  const [a, b] = [jwk(rsa.publicKey, { kid: 'a' }), jwk(otherRsa.publicKey, { kid: 'b' })]
  const { tokens, provider, tick } = await startProvider(t, [a, b])
  const lasting = { ...valid_claims, exp: start + 7200 }
  const [byA, byB] = [rs256('a', rsa.privateKey, lasting), rs256('b', otherRsa.privateKey, lasting)]
  await tokens.verify(byA)
  await tokens.verify(byB)
  provider.keys = [b]
  tick(299)
  await tokens.verify(byA)
  tick(1)
  await assert.rejects(tokens.verify(byA), TokenInvalidError)
  await tokens.verify(byB)
  assert.equal(provider.fetches, 2)
  provider.keys = [a, b]
  tick(30)
  await tokens.verify(byA)
  assert.equal(provider.fetches, 3)
})

test('unknown kids cost one fetch in 30 seconds', async (t) => {
  const { tokens, provider, tick } = await startProvider(t)
  const unknown = Array.from({ length: 100 }, (_, i) => rs256(`unknown-${i}`))
  const refuseAll = () => Promise.all(unknown.map((token) => assert.rejects(tokens.verify(token), TokenInvalidError)))
  await refuseAll()
  assert.equal(provider.fetches, 1)
  tick(29)
  await refuseAll()
  assert.equal(provider.fetches, 1)
  tick(1)
  await refuseAll()
  for (const token of unknown) await assert.rejects(tokens.verify(token), TokenInvalidError)
  assert.equal(provider.fetches, 2)
})

const failures: Record<string, (response: ServerResponse) => unknown> = {
  'status 500': (response) => response.writeHead(500).end('{}'),
  'status 404': (response) => response.writeHead(404).end('{}'),
  'a redirect': (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
  'a page instead of JSON': (response) => response.end('<html>'),
  'JSON that is no key set': (response) => response.end('{"keys":{}}'),
  'no bytes': (response) => response.end(),
  'a broken connection': (response) => response.destroy(),
  'a connection broken inside the body': (response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('{"keys":[', () => response.destroy())
  },
}
for (const [name, answer] of Object.entries(failures)) {
  test(`a failing provider answers IdentityUnavailableError, then recovers: ${name}`, async (t) => {
    const { tokens, provider, tick } = await startProvider(t)
    const healthy = provider.answer
    provider.answer = answer
    await assert.rejects(tokens.verify(rs256('rsa')), IdentityUnavailableError)
    await assert.rejects(tokens.verify(rs256('rsa')), IdentityUnavailableError)
    assert.equal(provider.fetches, 1, 'no second fetch within a second')
    provider.answer = healthy
    tick(1)
    assert.equal((await tokens.verify(rs256('rsa'))).sub, 'u1')
    assert.equal(provider.fetches, 2)
  })
}

test('a provider that does not respond times out after two seconds', async (t) => {
  const { tokens, provider } = await startProvider(t)
  provider.answer = () => undefined
  const started = performance.now()
  await assert.rejects(tokens.verify(rs256('rsa')), IdentityUnavailableError)
  assert.equal(provider.fetches, 1)
  assert.ok(performance.now() - started > 1900, 'not earlier')
})

test('a provider with a closed port answers IdentityUnavailableError', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const jwks_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  await new Promise((resolve) => server.close(resolve))
  const tokens = createTokens({ jwks_url, issuer, audience }, () => start * 1000)
  await assert.rejects(tokens.verify(rs256('rsa')), IdentityUnavailableError)
})

const foreign_claims: Record<string, object> = {
  'another issuer': { iss: 'https://other.example' },
  'no issuer': { iss: undefined },
  'another audience': { aud: 'others' },
  'several other audiences': { aud: ['others', 'more'] },
  'no audience': { aud: undefined },
  'an issue in the future': { iat: start + 60 },
  'a beginning in the future': { nbf: start + 60 },
  'a beginning that is a text': { nbf: '0' },
}
test('while the provider is down, a token that it cannot make valid is refused as invalid', async (t) => {
  const { tokens, provider } = await startProvider(t)
  provider.answer = (response) => response.writeHead(503).end()
  for (const [name, claims] of Object.entries(foreign_claims)) {
    const token = rs256('rsa', rsa.privateKey, { ...valid_claims, ...claims })
    await assert.rejects(tokens.verify(token), TokenInvalidError, name)
  }
  assert.equal(provider.fetches, 0)
})

test('while the provider is down, cached keys are used and unknown kids cause no fetch', async (t) => {
  const { tokens, provider, tick } = await startProvider(t)
  await tokens.verify(rs256('rsa'))
  provider.answer = (response) => response.writeHead(503).end()
  tick(60)
  for (let i = 0; i < 50; i += 1) await assert.rejects(tokens.verify(rs256(`unknown-${i}`)), IdentityUnavailableError)
  assert.equal(provider.fetches, 2)
  assert.equal((await tokens.verify(rs256('rsa'))).sub, 'u1')
  tick(240)
  await assert.rejects(tokens.verify(rs256('rsa')), IdentityUnavailableError)
  assert.equal(provider.fetches, 3, 'cached keys expire after five minutes')
})
