// Forged access tokens: wrong claims, wrong signatures, malformed tokens, mutations.
// Independent of the library that verifies them.
import { createHmac } from 'node:crypto'
import fc from 'fast-check'

export const hs256 = { alg: 'HS256', typ: 'JWT' }
const aDay = 86_400

/** Encodes objects as JSON; strings and bytes unchanged. */
function encode(value: unknown): string {
  const raw = typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value)
  return Buffer.from(raw as string).toString('base64url')
}

/** A token with a valid signature over any header and payload. */
function forgeWith(key: string | Buffer, header: unknown, claims: unknown, hash = 'sha256'): string {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${createHmac(hash, key).update(input).digest('base64url')}`
}

export interface Forger {
  /** The secret that the service signs with. */
  readonly secret: string
  readonly audience: string
  /** Seconds since 1970. */
  readonly now: number
  /** The subject of the genuine token. */
  readonly sub: string
}

/** Tokens derived from a genuine one, `forge(hs256, good)`. All `attacks` must be refused. */
export function forgeries({ secret, audience, now, sub }: Forger) {
  const agency = '0197a3c2-5b7e-7c1d-9f40-2b6a8d1e3c55'
  const good = { iss: 'roost', aud: audience, sub, iat: now, exp: now + 3600 }
  const forge = (header: unknown, claims: unknown, key: string | Buffer = secret, hash = 'sha256') =>
    forgeWith(key, header, claims, hash)
  const withHeader = (members: object) => forge({ ...hs256, ...members }, good)
  const withClaims = (members: object) => forge(hs256, { ...good, ...members })
  const rawClaims = (json: string) => forge(hs256, `${JSON.stringify(good).slice(0, -1)},${json}}`)

  const [h, c, s] = forge(hs256, good).split('.') as [string, string, string]
  const unsigned = (alg: string, signature = '') => `${encode({ alg, typ: 'JWT' })}.${c}.${signature}`
  const attackerJwk = { kty: 'oct', k: encode('the key of the attacker, also over 32 bytes') }

  const attacks: Record<string, string> = {
    // algorithm and signature
    'alg none without signature': unsigned('none'),
    'alg none with a signature': unsigned('none', s),
    'alg none signed like HS256': forge({ alg: 'none', typ: 'JWT' }, good),
    'alg nOnE': unsigned('nOnE'),
    'alg NONE': unsigned('NONE', s),
    'an empty alg': forge({ alg: '', typ: 'JWT' }, good),
    'no alg': forge({ typ: 'JWT' }, good),
    'alg null': withHeader({ alg: null }),
    'alg as an array': withHeader({ alg: ['HS256'] }),
    'alg hs256 in lower case': withHeader({ alg: 'hs256' }),
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

    // header members that carry keys or processing rules
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
    'a header that is not JSON': forge('{alg:HS256}', good),

    // typ: tokens for another purpose
    'no typ': forge({ alg: 'HS256' }, good),
    'typ at+jwt': withHeader({ typ: 'at+jwt' }),
    'typ jwt in lower case': withHeader({ typ: 'jwt' }),
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
    'iat in the future': withClaims({ iat: now + 600 }),
    'iat -1e308': withClaims({ iat: -1e308 }),
    'a fractional iat': withClaims({ iat: now - 0.5 }),
    'nbf in the future': withClaims({ nbf: now + 600 }),
    'nbf as text': withClaims({ nbf: `${now}` }),
    'nbf null': withClaims({ nbf: null }),

    // subject and audience
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
    'our aud and another in one string': withClaims({ aud: 'authenticated, other' }),
    'only other auds': withClaims({ aud: ['anon', 'service'] }),
    'aud in a nested list': withClaims({ aud: [['authenticated']] }),
    'aud with a number': withClaims({ aud: ['authenticated', 5] }),
    'aud as an object': withClaims({ aud: { authenticated: true } }),
    'no sub': withClaims({ sub: undefined }),
    'an empty sub': withClaims({ sub: '' }),
    'sub of 256 characters': withClaims({ sub: 'u'.repeat(256) }),
    'sub as a number': withClaims({ sub: 1 }),
    'sub as an array': withClaims({ sub: ['u1'] }),
    'sub with NUL': withClaims({ sub: 'u1\0' }),
    'sub with a lone surrogate': rawClaims('"sub":"\\ud800"'),

    // syntax
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
    'claims that are not JSON': forge(hs256, 'sub=u1'),
    'claims with invalid UTF-8': forge(
      hs256,
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    ),
    'claims after a byte order mark': forge(hs256, `\ufeff${JSON.stringify(good)}`),
    'claims nested 5,000 deep': forge(hs256, '['.repeat(5000)),
    'more than 8 kB': withClaims({ filler: 'x'.repeat(8192) }),
  }
  for (const named of ['zzz', '', 5, null, true, {}, [agency], `${agency}\n`, agency.slice(1), `{${agency}}`]) {
    attacks[`agency_id ${JSON.stringify(named)}`] = withClaims({ agency_id: named })
    attacks[`app_metadata.agency_id ${JSON.stringify(named)}`] = withClaims({ app_metadata: { agency_id: named } })
  }
  return { agency, good, forge, withHeader, withClaims, rawClaims, parts: [h, c, s] as const, attacks }
}

const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0{}"é']

/** The token after one to three edits. Sometimes still a valid token. */
export function mutationsOf(token: string): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.nat(token.length - 1),
    remove: fc.integer({ min: 0, max: 3 }),
    insert: fc.array(fc.constantFrom(...alphabet), { maxLength: 3 }),
  })
  return fc
    .array(edit, { minLength: 1, maxLength: 3 })
    .map((edits) =>
      edits.reduce(
        (text, { at, remove, insert }) => text.slice(0, at) + insert.join('') + text.slice(at + remove),
        token,
      ),
    )
}
