// Bearer tokens: issues our own, and is the only judge of whether a token is genuine.

import { createSecretKey, hkdfSync, type KeyObject, randomUUID } from 'node:crypto'
import * as jose from 'jose'
import type { Config } from '../../config.ts'
import { AuthRequiredError, TokenExpiredError, TokenInvalidError } from '../errors.ts'
import { IdentityUnavailableError } from '../server-errors.ts'

export interface TokenSettings {
  secret?: string | undefined
  jwks_url?: string | undefined
  issuer?: string | undefined
  audience: string
}

/** What a genuine token says. A `role` claim is never read: the role comes from the membership row. */
export interface VerifiedToken {
  sub: string
  /** Signed with our secret, so that `sub` may be one of our user ids; an outside issuer's never is. */
  is_own: boolean
  /** Lower-case uuid. */
  agency_id: string | undefined
  /** Ours carry the generation of the person's tokens; absent is 0. Of others' tokens it says nothing. */
  generation: number
  /** The session that a token of ours was issued for; undefined for those of the command line and of others. */
  session_id?: string
  /** Seconds since 1970. */
  expires_at: number
}

export interface Tokens {
  /** Signs a token. `lifetime_s` and `expires_in` are seconds; throws without a secret (see `canIssue`). */
  issue(
    subject: { user_id: string; agency_id?: string; generation?: number; session_id?: string },
    lifetime_s?: number,
  ): Promise<{ token: string; expires_in: number }>
  /** TokenExpiredError: age is the only fault. IdentityUnavailableError: no keys to judge by. Else TokenInvalidError. */
  verify(token: string): Promise<VerifiedToken>
  canIssue: boolean
  /** A key of 32 bytes for one purpose, by HKDF from the secret: the same in every process. Throws without a secret. */
  deriveKey(purpose: string): Buffer
}

/** An alg belongs to exactly one family, so a public key can never be taken for a secret. */
interface Family {
  readonly issuer: string
  /** Undefined among them: the header may go without. */
  readonly typs: readonly unknown[]
  readonly key: (header: { alg: string; kid?: string | undefined }) => KeyObject | Promise<jose.CryptoKey>
}
type Json = Readonly<Record<string, unknown>>

const maxTokenLength = 8192
const mostRemembered = 10_000
const maxLifetimeSeconds = 24 * 3600
const skewSeconds = 5
const threeParts = /^[\w-]+\.[\w-]+\.[\w-]+$/
const kidShape = /^[\w.-]{1,64}$/
// No control characters: PostgreSQL text cannot hold NUL, and nobody's id needs the others.
const subShape = /^\P{C}{1,255}$/u
const uuidShape = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Issuer and judge of this deployment. */
export function tokensOf(config: Config): Tokens {
  return createTokens({
    secret: config.jwt_secret,
    jwks_url: config.jwt_jwks_url,
    issuer: config.jwt_issuer,
    audience: config.jwt_audience,
  })
}

/** Issuer and judge for these settings. `clock` gives milliseconds since 1970. */
export function createTokens(settings: TokenSettings, clock: () => number = () => Date.now()): Tokens {
  const secret = settings.secret === undefined ? undefined : createSecretKey(settings.secret, 'utf8')
  const issuer = (settings.jwks_url === undefined ? settings.issuer : undefined) ?? 'roost'
  const families = familiesOf(settings, secret, issuer)
  const nowSeconds = () => Math.floor(clock() / 1000)
  const genuine = new Map<string, VerifiedToken>()

  /** Our own tokens stay genuine until they expire. A provider may withdraw a key, so theirs are judged each time. */
  function remember(token: string, verified: VerifiedToken): VerifiedToken {
    const [oldest] = genuine.keys()
    if (genuine.size >= mostRemembered && oldest !== undefined) genuine.delete(oldest)
    genuine.set(token, verified)
    return verified
  }

  return {
    canIssue: secret !== undefined,

    deriveKey(purpose) {
      if (secret === undefined) throw new Error('JWT_SECRET is not set: no key can be derived from it')
      return Buffer.from(hkdfSync('sha256', secret, '', `roost ${purpose}`, 32))
    },

    async issue({ user_id, agency_id, generation: gen, session_id: sid }, lifetime_s = 3600) {
      if (secret === undefined) throw new Error('JWT_SECRET is not set: tokens cannot be issued here')
      if (!Number.isSafeInteger(lifetime_s) || lifetime_s < 1 || lifetime_s > maxLifetimeSeconds) {
        throw new RangeError(`a token lives 1 to ${maxLifetimeSeconds} seconds`)
      }
      const iat = nowSeconds()
      const claims = {
        iss: issuer,
        aud: settings.audience,
        sub: user_id,
        agency_id,
        gen,
        sid,
        iat,
        exp: iat + lifetime_s,
      }
      const unsigned = new jose.SignJWT({ ...claims, jti: randomUUID() })
      const token = await unsigned.setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(secret)
      return { token, expires_in: lifetime_s }
    },

    async verify(token) {
      const known = genuine.get(token)
      if (known !== undefined && nowSeconds() < known.expires_at) return known
      if (token.length > maxTokenLength || !threeParts.test(token)) throw refused('not a compact JWS')
      const [header = '', claims = '', signature = ''] = token.split('.')
      bytesOf(signature)
      const { alg, kid, family } = readHeader(objectOf(header), families)
      const now = nowSeconds()
      // Claims before the key: a token that could never pass must not make us ask the provider.
      const verified = readClaims(objectOf(claims), family.issuer, settings.audience, now)
      const key = await family.key({ alg, kid })
      await jose.compactVerify(token, key, { algorithms: [alg] }).catch((cause: unknown) => {
        throw new TokenInvalidError({ cause })
      })
      if (verified.expires_at <= now - skewSeconds) throw new TokenExpiredError()
      const is_own = alg === 'HS256'
      const { session_id, generation, ...common } = verified
      if (!is_own) return { ...common, generation: 0, is_own }
      return remember(token, { ...common, generation, ...(session_id !== undefined && { session_id }), is_own })
    },
  }
}

/**
 * The token of the one `Authorization: Bearer` header in Node's `req.rawHeaders` (req.headers hides duplicates).
 * AuthRequiredError: no bearer token was offered. TokenInvalidError: two headers, an empty or over-long token.
 */
export function bearerToken(rawHeaders: readonly string[]): string {
  const isOurs = (_: string, i: number) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'authorization'
  const [value, second] = rawHeaders.filter(isOurs)
  if (second !== undefined) throw refused('two Authorization headers')
  if (value === undefined || !/^bearer(?:\s|$)/i.test(value)) throw new AuthRequiredError()
  const token = /^\w+ +(\S+)$/.exec(value)?.[1]
  if (token === undefined || token.length > maxTokenLength) throw refused('no single token in Authorization')
  return token
}

function familiesOf(settings: TokenSettings, secret: KeyObject | undefined, issuer: string): Map<string, Family> {
  const families = new Map<string, Family>()
  if (secret !== undefined) families.set('HS256', { issuer, typs: ['JWT'], key: () => secret })
  if (settings.jwks_url !== undefined && settings.issuer !== undefined) {
    const provider = { issuer: settings.issuer, typs: ['JWT', undefined], key: providerKeys(settings.jwks_url) }
    for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA']) families.set(alg, provider)
  }
  return families
}

/** Looks keys up by kid and alg; jose caches the key set and fetches it again for an unknown kid. */
function providerKeys(url: string): Family['key'] {
  let attemptedAt = Number.NEGATIVE_INFINITY
  const keys = jose.createRemoteJWKSet(new URL(url), {
    timeoutDuration: 2_000,
    cooldownDuration: 30_000,
    cacheMaxAge: 300_000,
    // jose spaces out successful fetches only: while the provider is down, each made-up kid would cost a fetch.
    [jose.customFetch]: async (address, options) => {
      if (Date.now() - attemptedAt < (keys.fresh ? 30_000 : 1_000)) throw new Error('the last attempt has just failed')
      attemptedAt = Date.now()
      return fetch(address, options)
    },
  })
  return async ({ alg, kid }) => {
    try {
      return await keys(kid === undefined ? { alg } : { alg, kid })
    } catch (cause) {
      const { JWKSNoMatchingKey, JWKSMultipleMatchingKeys } = jose.errors
      const noKey = cause instanceof JWKSNoMatchingKey || cause instanceof JWKSMultipleMatchingKeys
      throw noKey ? new TokenInvalidError({ cause }) : new IdentityUnavailableError({ cause })
    }
  }
}

/** Only the canonical spelling counts: otherwise one token has several spellings and slips past lists of revoked ones. */
function bytesOf(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url')
  if (bytes.toString('base64url') !== part) throw refused('base64url')
  return bytes
}

/** A member given twice counts as its last value, here and in jose alike: both read with JSON.parse. */
function objectOf(part: string): Json {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytesOf(part)))
    if (isObject(value)) return value
  } catch {}
  throw refused('no JSON object in base64url')
}

/** Nothing but alg, typ and kid: jku, x5u, jwk, x5c would bring their own keys, crit and b64 other rules. */
function readHeader(header: Json, families: Map<string, Family>) {
  const { alg, kid, typ, ...others } = header
  const family = typeof alg === 'string' ? families.get(alg) : undefined
  if (typeof alg !== 'string' || family === undefined) throw refused('alg')
  if (Object.keys(others).length > 0) throw refused('header member')
  if (!family.typs.includes(typ)) throw refused('typ')
  if (kid !== undefined && (typeof kid !== 'string' || !kidShape.test(kid))) throw refused('kid')
  return { alg, kid, family }
}

function readClaims(claims: Json, issuer: string, audience: string, now: number): Omit<VerifiedToken, 'is_own'> {
  const { exp, iat, nbf, sub, aud } = claims
  const audiences: unknown[] = Array.isArray(aud) ? aud : [aud]
  if (claims.iss !== issuer) throw refused('iss')
  if (!audiences.includes(audience) || audiences.some((one) => typeof one !== 'string')) throw refused('aud')
  if (typeof sub !== 'string' || !subShape.test(sub)) throw refused('sub')
  if (!isTime(exp) || !isTime(iat) || exp - iat > maxLifetimeSeconds) throw refused('exp')
  if (iat > now + skewSeconds) throw refused('iat')
  if (nbf !== undefined && (!isTime(nbf) || nbf > now + skewSeconds)) throw refused('nbf')
  const session = typeof claims.sid === 'string' ? { session_id: claims.sid } : {}
  return { sub, agency_id: agencyOf(claims), generation: generationOf(claims), ...session, expires_at: exp }
}

/** Another issuer's `gen` may mean anything; one of ours that is no count matches nobody's. */
function generationOf({ gen }: Json): number {
  if (gen === undefined) return 0
  return Number.isSafeInteger(gen) ? Number(gen) : -1
}

/** user_metadata is never read: users may write it themselves. */
function agencyOf(claims: Json): string | undefined {
  const { app_metadata } = claims
  const named = claims.agency_id === undefined && isObject(app_metadata) ? app_metadata.agency_id : claims.agency_id
  if (named === undefined) return undefined
  if (typeof named === 'string' && uuidShape.test(named)) return named.toLowerCase()
  throw refused('agency_id')
}

const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The reason goes to the log; the client learns only that the token is not valid. */
function refused(reason: string): TokenInvalidError {
  return new TokenInvalidError({ cause: reason })
}
