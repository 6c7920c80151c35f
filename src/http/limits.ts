// How often: per address, per user and per account at sign-in. Shared through Redis when there is one.
import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { RateLimitedError } from '../core/errors.ts'
import type { Logger } from '../core/log.ts'

export interface Limits {
  /** Counts a request of this address; throws RateLimitedError. */
  address(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** Counts a request of this person and sets the RateLimit headers; throws RateLimitedError. */
  user(user_id: string, reply: FastifyReply): Promise<void>
  /**
   * Counts a try to sign in, per account and address; throws RateLimitedError. `forgive` after a right password, and when
   * the password was not looked at.
   */
  signIn(account: string, address: string, from?: SignInOrigin): Promise<{ forgive(): Promise<void> }>
  /** The same for a secret that nobody can guess (a refresh token, an invitation): per address only. */
  secret(address: string): Promise<{ forgive(): Promise<void> }>
}

/**
 * Where somebody signs in from: a network that this account has signed in from before (`known`), a session or an
 * invitation of theirs (`proven`), or anywhere. Each has an account's limit of its own, so that strangers use up only theirs.
 */
export type SignInOrigin = 'known' | 'proven' | 'anywhere'

export interface LimitsOptions {
  /** Requests per minute and user, five times as many per address; 'off' limits nothing, not even sign-in. */
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

const quarter_hour = 15 * 60

/**
 * In the order they are counted; the first that is used up ends it, so one address takes at most 10 of an account's
 * 100. The last one stops guessing from many addresses. Whoever has ten addresses can use it up, so that nobody signs in to the
 * account from a new network for a quarter of an hour at a time; from networks where it signed in before it does.
 */
const signInLimits = {
  address: { name: 'sign-in-address', points: 50, duration: quarter_hour },
  pair: { name: 'sign-in-pair', points: 10, duration: quarter_hour },
  account: { name: 'sign-in-account', points: 100, duration: quarter_hour },
} as const satisfies Record<string, Limit>

/**
 * The limits of a process. While Redis does not answer each process counts for itself, so a caller gets at most the
 * limit once more per process; nobody is refused because of Redis.
 */
export function createLimits({ per_minute, redis, log }: LimitsOptions): Limits {
  if (per_minute === 'off') return unlimited
  const perAddress = createCounter({ name: 'address', points: per_minute * 5, duration: 60 }, redis)
  const perUser = createCounter({ name: 'user', points: per_minute, duration: 60 }, redis)
  const addressTries = createCounter(signInLimits.address, redis)
  const pairTries = createCounter(signInLimits.pair, redis)
  const accountTries = createCounter(signInLimits.account, redis)

  return {
    async address(request, reply) {
      if (isExempt(request.routeOptions.url)) return
      const count = await perAddress.take(networkOf(request.ip))
      if (!count.is_within) throw refusal(perAddress.tell(count, reply))
    },
    async user(user_id, reply) {
      const count = perUser.tell(await perUser.take(user_id), reply)
      if (!count.is_within) throw refusal(count)
    },
    async signIn(account, address, from = 'anywhere') {
      const network = networkOf(address)
      const hash = createHash('sha256').update(account).digest('hex')
      const account_key = from === 'anywhere' ? hash : `${hash}:${from}`
      const tries = [
        { counter: addressTries, key: network },
        { counter: pairTries, key: `${hash}:${network}` },
        { counter: accountTries, key: account_key },
      ]
      return countTries(tries, (limit) => log.warn({ limit, account: hash, network }, 'sign-in limit reached'))
    },
    async secret(address) {
      const network = networkOf(address)
      const tries = [{ counter: addressTries, key: network }]
      return countTries(tries, (limit) => log.warn({ limit, network }, 'sign-in limit reached'))
    },
  }
}

const unlimited: Limits = {
  address: async () => {},
  user: async () => {},
  signIn: async () => ({ forgive: async () => {} }),
  secret: async () => ({ forgive: async () => {} }),
}

interface Try {
  readonly counter: ReturnType<typeof createCounter>
  readonly key: string
}

async function countTries(tries: readonly Try[], onFirstRefusal: (limit: string) => void) {
  for (const { counter, key } of tries) {
    const count = await counter.take(key)
    if (count.is_first_refusal) onFirstRefusal(counter.name)
    if (!count.is_within) throw refusal(count)
  }
  return {
    forgive: async () => {
      await Promise.all(tries.map(({ counter, key }) => counter.giveBack(key)))
    },
  }
}

/** Probes come often and from few addresses. */
function isExempt(url: string | undefined): boolean {
  return url !== undefined && /^\/health(\/|$)/.test(url)
}

interface Count {
  readonly is_within: boolean
  /** The one count per window and key that is worth a log line. */
  readonly is_first_refusal: boolean
  readonly remaining: number
  /** Whole seconds until the window ends, at least 1. */
  readonly reset: number
}

/** A fixed window per key, in Redis and, when that fails, in this process. */
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
    async giveBack(key: string): Promise<void> {
      await limiter.reward(key)
    },
    /** Says on the reply what is left (draft-ietf-httpapi-ratelimit-headers). */
    tell(count: Count, reply: FastifyReply): Count {
      reply.header('RateLimit-Policy', `"${name}";q=${points};w=${duration}`)
      reply.header('RateLimit', `"${name}";r=${count.remaining};t=${count.reset}`)
      return count
    },
  }
}

function refusal({ reset }: Count): RateLimitedError {
  return new RateLimitedError({ headers: { 'retry-after': String(reset) } })
}

/** What counts as one address: an IPv4 address, or the /64 that one IPv6 host has to itself. */
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
