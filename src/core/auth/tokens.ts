// Issues and verifies bearer tokens (JWT).
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

/** The claims of a valid token. A `role` claim is never read: the role comes from the membership row. */
export interface VerifiedToken {
  sub: string
  /** Signed with JWT_SECRET, so `sub` may be a user id. The `sub` of an identity provider never is. */
  is_own: boolean
  /** Lower-case uuid. */
  agency_id: string | undefined
  /** The user's token generation, 0 when absent. Always 0 for tokens of an identity provider. */
  generation: number
  /** Set only for tokens that were issued for a session: not by the command line, not by an identity provider. */
  session_id?: string
  /** Seconds since 1970. */
  expires_at: number
}

export interface Tokens {
  /** Signs a token. `lifetime_s` and `expires_in` are seconds. Throws without a secret (see `canIssue`). */
  issue(
    subject: { user_id: string; agency_id?: string; generation?: number; session_id?: string },
    lifetime_s?: number,
  ): Promise<{ token: string; expires_in: number }>
  /**
   * Throws TokenExpiredError when the token is valid but expired, IdentityUnavailableError when the provider's keys cannot
   * be fetched, TokenInvalidError otherwise.
   */
  verify(token: string): Promise<VerifiedToken>
  canIssue: boolean
  /** Derives a 32-byte key for one purpose from the secret (HKDF): the same in every process. Throws without a secret. */
  deriveKey(purpose: string): Buffer
}

/** Algorithms with one issuer and one key source. Each alg has one family, so a public key is never used as a secret. */
interface Family {
  readonly issuer: string
  /** Allowed `typ` values; undefined when the header may omit it. */
  readonly typs: readonly unknown[]
  readonly key: (header: { alg: string; kid?: string | undefined }) => KeyObject | Promise<jose.CryptoKey>
}
type Json = Readonly<Record<string, unknown>>

const maxTokenLength = 8192
const maxCachedTokens = 10_000
const maxLifetimeSeconds = 24 * 3600
const skewSeconds = 5
/** The first two parts begin with `{`: no white space, no byte order mark. */
const threeParts = /^e[\w-]*\.e[\w-]*\.[\w-]+$/
const kidShape = /^[\w.-]{1,64}$/
// No control characters: PostgreSQL text cannot contain NUL.
const subShape = /^\P{C}{1,255}$/u
const uuidShape = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i

/** The issuer and verifier of this deployment. */
export function createTokensFromConfig(config: Config): Tokens {
  return createTokens({
    secret: config.jwt_secret,
    jwks_url: config.jwt_jwks_url,
    issuer: config.jwt_issuer,
    audience: config.jwt_audience,
  })
}

/** `clock` returns milliseconds since 1970. */
export function createTokens(settings: TokenSettings, clock: () => number = () => Date.now()): Tokens {
  const secret = settings.secret === undefined ? undefined : createSecretKey(settings.secret, 'utf8')
  const issuer = (settings.jwks_url === undefined ? settings.issuer : undefined) ?? 'roost'
  const families = createFamilies(settings, secret, issuer)
  const nowSeconds = () => Math.floor(clock() / 1000)
  const verified_tokens = new Map<string, VerifiedToken>()

  /** Own tokens stay valid until they expire. A provider may withdraw a key, so its tokens are verified each time. */
  function cache(token: string, verified: VerifiedToken): VerifiedToken {
    const [oldest] = verified_tokens.keys()
    if (verified_tokens.size >= maxCachedTokens && oldest !== undefined) verified_tokens.delete(oldest)
    verified_tokens.set(token, verified)
    return verified
  }

  return {
    canIssue: secret !== undefined,

    deriveKey(purpose) {
      if (secret === undefined) throw new Error('JWT_SECRET is not set: cannot derive a key')
      return Buffer.from(hkdfSync('sha256', secret, '', `roost ${purpose}`, 32))
    },

    async issue({ user_id, agency_id, generation: gen, session_id: sid }, lifetime_s = 3600) {
      if (secret === undefined) throw new Error('JWT_SECRET is not set: cannot issue tokens')
      if (!Number.isSafeInteger(lifetime_s) || lifetime_s < 1 || lifetime_s > maxLifetimeSeconds) {
        throw new RangeError(`the lifetime of a token must be 1 to ${maxLifetimeSeconds} seconds`)
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
      const known = verified_tokens.get(token)
      if (known !== undefined && nowSeconds() < known.expires_at) return known
      const { header, claims } = decode(token)
      const { alg, kid, family } = readHeader(header, families)
      // Checked before the key, so that an invalid token does not cause a request to the provider, and is refused while it is down.
      requireAddressee(claims, family.issuer, settings.audience)
      requireBegun(claims, nowSeconds())
      const { session_id, generation, ...common } = readClaims(claims)
      const key = await family.key({ alg, kid })
      await verifyToken(token, key, { alg, issuer: family.issuer, audience: settings.audience, now: new Date(clock()) })
      const is_own = alg === 'HS256'
      if (!is_own) return { ...common, generation: 0, is_own }
      return cache(token, { ...common, generation, ...(session_id !== undefined && { session_id }), is_own })
    },
  }
}

/**
 * Reads the token of the only `Authorization: Bearer` header from Node's `req.rawHeaders` (req.headers hides duplicates).
 * Throws AuthRequiredError without a bearer token, TokenInvalidError for two headers and for an empty or over-long token.
 */
export function bearerToken(rawHeaders: readonly string[]): string {
  const isAuthorization = (_: string, i: number) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'authorization'
  const [value, second] = rawHeaders.filter(isAuthorization)
  if (second !== undefined) throw invalidToken('two Authorization headers')
  if (value === undefined || !/^bearer(?:\s|$)/i.test(value)) throw new AuthRequiredError()
  const token = /^\w+ +(\S+)$/.exec(value)?.[1]
  if (token === undefined || token.length > maxTokenLength) throw invalidToken('no single token in Authorization')
  return token
}

function createFamilies(settings: TokenSettings, secret: KeyObject | undefined, issuer: string): Map<string, Family> {
  const families = new Map<string, Family>()
  if (secret !== undefined) families.set('HS256', { issuer, typs: ['JWT'], key: () => secret })
  if (settings.jwks_url !== undefined && settings.issuer !== undefined) {
    const provider = { issuer: settings.issuer, typs: ['JWT', undefined], key: createProviderKeys(settings.jwks_url) }
    for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA']) families.set(alg, provider)
  }
  return families
}

/** Finds keys by kid and alg. jose caches the key set and fetches it again for an unknown kid. */
function createProviderKeys(url: string): Family['key'] {
  let lastFetchAt = Number.NEGATIVE_INFINITY
  const keys = jose.createRemoteJWKSet(new URL(url), {
    timeoutDuration: 2_000,
    cooldownDuration: 30_000,
    cacheMaxAge: 300_000,
    // jose limits successful fetches only. Without this, each unknown kid causes a fetch while the provider is down.
    [jose.customFetch]: async (address, options) => {
      if (Date.now() - lastFetchAt < (keys.fresh ? 30_000 : 1_000)) throw new Error('the previous fetch was too recent')
      lastFetchAt = Date.now()
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

/** Throws TokenExpiredError when everything but the time of expiry is valid: jose checks it last. */
async function verifyToken(
  token: string,
  key: KeyObject | jose.CryptoKey,
  { alg, issuer, audience, now }: { alg: string; issuer: string; audience: string; now: Date },
): Promise<void> {
  try {
    await jose.jwtVerify(token, key, {
      algorithms: [alg],
      issuer,
      audience,
      currentDate: now,
      clockTolerance: skewSeconds,
      // Also refuses an `iat` in the future.
      maxTokenAge: maxLifetimeSeconds,
    })
  } catch (cause) {
    throw cause instanceof jose.errors.JWTExpired ? new TokenExpiredError() : new TokenInvalidError({ cause })
  }
}

/** Only the canonical encoding of a signature is accepted: one token must not have several spellings. */
function decode(token: string): { header: Json; claims: Json } {
  if (token.length > maxTokenLength || !threeParts.test(token)) throw invalidToken('not a compact JWS')
  const signature = token.slice(token.lastIndexOf('.') + 1)
  if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) throw invalidToken('base64url')
  try {
    return { header: { ...jose.decodeProtectedHeader(token) }, claims: jose.decodeJwt(token) }
  } catch (cause) {
    throw new TokenInvalidError({ cause })
  }
}

/** Allows alg, typ and kid only: jku, x5u, jwk and x5c name keys of the sender, crit and b64 change the format. */
function readHeader(header: Json, families: Map<string, Family>) {
  const { alg, kid, typ, ...others } = header
  const family = typeof alg === 'string' ? families.get(alg) : undefined
  if (typeof alg !== 'string' || family === undefined) throw invalidToken('alg')
  if (Object.keys(others).length > 0) throw invalidToken('header member')
  if (!family.typs.includes(typ)) throw invalidToken('typ')
  if (kid !== undefined && (typeof kid !== 'string' || !kidShape.test(kid))) throw invalidToken('kid')
  return { alg, kid, family }
}

/** A token of another issuer, or for another audience, is invalid whatever its signature is. */
function requireAddressee({ iss, aud }: Json, issuer: string, audience: string): void {
  if (iss !== issuer) throw invalidToken('iss')
  if (aud !== audience && !(Array.isArray(aud) && aud.includes(audience))) throw invalidToken('aud')
}

/** `iat` and `nbf` are not in the future. jose checks them too, after it has the key. */
function requireBegun({ iat, nbf }: Json, now: number): void {
  for (const time of [iat, nbf]) {
    if (time !== undefined && !(isTime(time) && time <= now + skewSeconds)) throw invalidToken('iat or nbf')
  }
}

/** What jose does not check: the shape of each claim, and the lifetime of the token. */
function readClaims(claims: Json): Omit<VerifiedToken, 'is_own'> {
  const { exp, iat, sub, aud } = claims
  if (Array.isArray(aud) && aud.some((one) => typeof one !== 'string')) throw invalidToken('aud')
  if (typeof sub !== 'string' || !subShape.test(sub)) throw invalidToken('sub')
  if (!isTime(exp) || !isTime(iat) || exp - iat > maxLifetimeSeconds) throw invalidToken('exp')
  const session = typeof claims.sid === 'string' ? { session_id: claims.sid } : {}
  return { sub, agency_id: readAgencyId(claims), generation: readGeneration(claims), ...session, expires_at: exp }
}

/** An invalid generation becomes -1, which matches no user. */
function readGeneration({ gen }: Json): number {
  if (gen === undefined) return 0
  return Number.isSafeInteger(gen) ? Number(gen) : -1
}

/** Never reads user_metadata, which users can edit. */
function readAgencyId(claims: Json): string | undefined {
  const { app_metadata } = claims
  const named = claims.agency_id === undefined && isObject(app_metadata) ? app_metadata.agency_id : claims.agency_id
  if (named === undefined) return undefined
  if (typeof named === 'string' && uuidShape.test(named)) return named.toLowerCase()
  throw invalidToken('agency_id')
}

const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The reason is logged. The client is told only that the token is not valid. */
function invalidToken(reason: string): TokenInvalidError {
  return new TokenInvalidError({ cause: reason })
}
