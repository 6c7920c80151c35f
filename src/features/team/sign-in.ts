// Signing in with a password: who is asked for, whether their network is known, and that strangers do not crowd them out.
import { createHmac } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { LoginFailedError } from '../../core/errors.ts'
import { createLimiter } from '../../core/limiter.ts'
import { OverloadedError } from '../../core/server-errors.ts'
import type { ApiDeps } from '../../http/api.ts'
import { clientSignal } from '../../http/client-signal.ts'
import { networkOf, type SignInOrigin } from '../../http/limits.ts'
import { type Account, accountOf, findAccounts, isProven, passwordOf } from './accounts.ts'
import type { Device } from './sessions.ts'

/** One network does not fill the queue for hashing, not even with right passwords. */
const networks = createLimiter({
  concurrency: 4,
  maxWaiting: 30,
  maxWait_ms: 1000,
  refuse: () => new OverloadedError(),
})

type Deps = Pick<ApiDeps, 'config' | 'db' | 'limits'>

/**
 * What is stored of the network that somebody signed in from: 32 bytes, keyed by the deployment's secret and different for
 * each account, so that it shows neither an address nor who shares one.
 */
export function networkHashOf({ jwt_secret, database_url }: Deps['config'], email: string, address: string): Buffer {
  const text = ['sign-in network', accountOf(email), networkOf(address)].join('\0')
  return createHmac('sha256', jwt_secret ?? database_url ?? '')
    .update(text)
    .digest()
}

export interface Credentials {
  readonly email: string
  readonly password: string
  /** A session or an invitation of theirs came with it. */
  readonly is_proven?: boolean
  /** Which of the accounts of this e-mail address may be meant (all). */
  readonly among?: (account: Account) => boolean
}

/**
 * The account with this e-mail and password, of several the proven one. Throws RateLimitedError, LoginFailedError, and
 * OverloadedError when too many passwords wait to be checked; that try does not count.
 */
export async function signIn(
  { config, db, limits }: Deps,
  request: FastifyRequest,
  { email, password, is_proven = false, among = () => true }: Credentials,
): Promise<Account> {
  const accounts = await findAccounts(db, email, networkHashOf(config, email, request.ip))
  const is_known = isKnown(accounts)
  const attempt = await limits.signIn(accountOf(email), request.ip, originOf(is_known, is_proven))
  const signal = clientSignal(request.raw.socket)
  const check = () => passwordOf(accounts.filter(among), password, { is_known: is_proven || is_known, signal })
  const person = await networks.run(networkOf(request.ip), { signal }, check).catch(async (error: unknown) => {
    if (!(error instanceof LoginFailedError)) await attempt.forgive()
    throw error
  })
  await attempt.forgive()
  return person
}

/**
 * Where there is a proven account only its networks count: an account that an agency's invitation made for the same
 * address must not put its holder ahead of strangers.
 */
function isKnown(accounts: readonly Account[]): boolean {
  const proven = accounts.find(isProven)
  return proven === undefined ? accounts.some((account) => account.is_known) : proven.is_known
}

function originOf(is_known: boolean, is_proven: boolean): SignInOrigin {
  if (is_proven) return 'proven'
  return is_known ? 'known' : 'anywhere'
}

/** What a session remembers of where it began. */
export function deviceOf({ config }: Deps, request: FastifyRequest, { email }: { email: string }): Device {
  return { user_agent: request.headers['user-agent'], network_hash: networkHashOf(config, email, request.ip) }
}
