// Rate limits: per address, per user, and per account at sign-in. Shared through Redis if configured.
import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { countRefusal, type RefusalReason } from '../core/counters.ts'
import { RateLimitedError } from '../core/errors.ts'
import type { Logger } from '../core/log.ts'

export interface RateLimits {
  /** Counts a request of this address. Throws RateLimitedError. */
  address(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** Counts a request of this user and sets the RateLimit headers. Throws RateLimitedError. */
  user(user_id: string, reply: FastifyReply): Promise<void>
  /**
   * Counts a sign-in attempt per account and address. Throws RateLimitedError. Call `uncount` after a correct password, and when
   * the password was not checked.
   */
  signIn(account: string, address: string, from?: SignInOrigin): Promise<{ uncount(): Promise<void> }>
  /** Counts a request for a new password, per address only: the database limits them per account. Throws RateLimitedError. */
  passwordReset(address: string): Promise<void>
  /** Counts an attempt with a random secret (a refresh token, an invitation), per address only. */
  secret(address: string): Promise<{ uncount(): Promise<void> }>
}

/**
 * The origin of a sign-in: a network from which the account has signed in before (`known`), an own session or invitation
 * (`proven`), or any other (`anywhere`). Each origin has its own limit per account, so attackers cannot use up the others.
 */
export type SignInOrigin = 'known' | 'proven' | 'anywhere'

export interface RateLimitsOptions {
  /** Requests per minute and user, five times as many per address. 'off' disables all limits, also those of sign-in. */
  readonly per_minute: number | 'off'
  readonly redis: Redis | undefined
  readonly log: Logger
}

interface Limit {
  readonly name: string
  readonly points: number
  /** Seconds. */
  readonly duration: number
}

const quarter_hour_s = 15 * 60

/**
 * In the order of counting. Counting stops at the first limit that is exceeded, so one address can use at most 10 of the 100
 * attempts of an account. The account limit stops guessing from many addresses. An attacker with ten addresses can use it up and
 * so block sign-ins to the account from unknown networks for 15 minutes; known networks have their own limit.
 */
const sign_in_limits = {
  address: { name: 'sign-in-address', points: 50, duration: quarter_hour_s },
  pair: { name: 'sign-in-pair', points: 10, duration: quarter_hour_s },
  account: { name: 'sign-in-account', points: 100, duration: quarter_hour_s },
} as const satisfies Record<string, Limit>

const reset_limit: Limit = { name: 'reset-address', points: 20, duration: 3600 }

/**
 * While Redis does not answer, each process counts in memory, so a caller can use each limit once more per process. No request is
 * refused because Redis is not available.
 */
export function createRateLimits({ per_minute, redis, log }: RateLimitsOptions): RateLimits {
  if (per_minute === 'off') return unlimited
  const perAddress = createCounter({ name: 'address', points: per_minute * 5, duration: 60 }, redis)
  const perUser = createCounter({ name: 'user', points: per_minute, duration: 60 }, redis)
  const addressAttempts = createCounter(sign_in_limits.address, redis)
  const pairAttempts = createCounter(sign_in_limits.pair, redis)
  const accountAttempts = createCounter(sign_in_limits.account, redis)
  const resets = createCounter(reset_limit, redis)

  return {
    async address(request, reply) {
      if (isExempt(request.routeOptions.url)) return
      const count = await perAddress.take(networkOf(request.ip))
      if (!count.is_within) throw limitError(perAddress.setHeaders(count, reply), 'rate_limit_address')
    },
    async user(user_id, reply) {
      const count = perUser.setHeaders(await perUser.take(user_id), reply)
      if (!count.is_within) throw limitError(count, 'rate_limit_user')
    },
    async signIn(account, address, from = 'anywhere') {
      const network = networkOf(address)
      const hash = createHash('sha256').update(account).digest('hex')
      const account_key = from === 'anywhere' ? hash : `${hash}:${from}`
      const attempts = [
        { counter: addressAttempts, key: network },
        { counter: pairAttempts, key: `${hash}:${network}` },
        { counter: accountAttempts, key: account_key },
      ]
      return countAttempts(attempts, (limit) => log.warn({ limit, account: hash, network }, 'sign-in limit reached'))
    },
    async passwordReset(address) {
      const network = networkOf(address)
      const attempts = [{ counter: resets, key: network }]
      await countAttempts(attempts, (limit) => log.warn({ limit, network }, 'limit of password resets reached'))
    },
    async secret(address) {
      const network = networkOf(address)
      const attempts = [{ counter: addressAttempts, key: network }]
      return countAttempts(attempts, (limit) => log.warn({ limit, network }, 'sign-in limit reached'))
    },
  }
}

/** Looks something up by a random secret. Only an attempt that fails counts. Throws RateLimitedError, and what `work` throws. */
export async function attemptSecret<T>(limits: RateLimits, address: string, work: () => Promise<T>): Promise<T> {
  const attempt = await limits.secret(address)
  const result = await work()
  await attempt.uncount()
  return result
}

const unlimited: RateLimits = {
  address: async () => {},
  user: async () => {},
  signIn: async () => ({ uncount: async () => {} }),
  passwordReset: async () => {},
  secret: async () => ({ uncount: async () => {} }),
}

interface Attempt {
  readonly counter: ReturnType<typeof createCounter>
  readonly key: string
}

async function countAttempts(attempts: readonly Attempt[], onFirstRefusal: (limit: string) => void) {
  for (const { counter, key } of attempts) {
    const count = await counter.take(key)
    if (count.is_first_refusal) onFirstRefusal(counter.name)
    if (!count.is_within) throw limitError(count, 'rate_limit_sign_in')
  }
  return {
    uncount: async () => {
      await Promise.all(attempts.map(({ counter, key }) => counter.uncount(key)))
    },
  }
}

/** Health probes are frequent and come from few addresses. */
function isExempt(url: string | undefined): boolean {
  return url !== undefined && /^\/health(\/|$)/.test(url)
}

interface Count {
  readonly is_within: boolean
  /** Whether this is the first refused request of the window; only this one is logged. */
  readonly is_first_refusal: boolean
  readonly remaining: number
  /** Whole seconds until the window ends, at least 1. */
  readonly reset: number
}

/** A fixed window per key, in Redis or, while that is not available, in memory. */
function createCounter({ name, points, duration }: Limit, redis: Redis | undefined) {
  const options = { keyPrefix: `roost:${name}`, points, duration }
  const local = new RateLimiterMemory(options)
  const shared = { ...options, storeClient: redis, insuranceLimiter: local, rejectIfRedisNotReady: true }
  const limiter = redis === undefined ? local : new RateLimiterRedis(shared)

  function asCount(result: RateLimiterRes): Count {
    const { consumedPoints, remainingPoints, msBeforeNext } = result
    return {
      is_within: consumedPoints <= points,
      is_first_refusal: consumedPoints === points + 1,
      remaining: remainingPoints,
      reset: Math.max(1, Math.ceil(msBeforeNext / 1000)),
    }
  }

  return {
    name,
    async take(key: string): Promise<Count> {
      try {
        return asCount(await limiter.consume(key))
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused
        return asCount(refused)
      }
    },
    async uncount(key: string): Promise<void> {
      await limiter.reward(key)
    },
    /** Sets the RateLimit headers (draft-ietf-httpapi-ratelimit-headers). */
    setHeaders(count: Count, reply: FastifyReply): Count {
      reply.header('RateLimit-Policy', `"${name}";q=${points};w=${duration}`)
      reply.header('RateLimit', `"${name}";r=${count.remaining};t=${count.reset}`)
      return count
    },
  }
}

function limitError({ reset }: Count, reason: RefusalReason): RateLimitedError {
  countRefusal(reason)
  return new RateLimitedError({ headers: { 'retry-after': String(reset) } })
}

/** The unit of limits per address: an IPv4 address, or the /64 prefix of an IPv6 address. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [plain = ''] = address.split('%')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::')
  const groups = head.split(':').filter(Boolean)
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter(Boolean).length
  return `${[...groups, ...Array(missing).fill('0'), ...(tail ?? '').split(':')].slice(0, 4).join(':')}::/64`
}
