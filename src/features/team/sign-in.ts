// Password sign-in: account lookup, known networks, and limits.
import { createHmac } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { LoginFailedError } from '../../core/errors.ts'
import { createLimiter } from '../../core/limiter.ts'
import { OverloadedError } from '../../core/server-errors.ts'
import type { ApiDeps } from '../../http/api.ts'
import { clientSignal } from '../../http/client-signal.ts'
import { networkOf, type SignInOrigin } from '../../http/rate-limits.ts'
import { type Account, accountEmail, authenticateAccount, findAccounts, isProven } from './accounts.ts'
import type { Device } from './sessions.ts'

/** Limits one network's share of the password queue, also with correct passwords. */
const networks = createLimiter({
  concurrency: 4,
  maxWaiting: 30,
  maxWait_ms: 1000,
  refuse: () => new OverloadedError(),
})

type Deps = Pick<ApiDeps, 'config' | 'db' | 'limits'>

/**
 * The stored form of a sign-in's network: 32 bytes, keyed with the deployment's secret and different for each account, so
 * that it reveals neither the address nor which accounts share it.
 */
function networkHashOf({ jwt_secret, database_url }: Deps['config'], email: string, address: string): Buffer {
  const text = ['sign-in network', accountEmail(email), networkOf(address)].join('\0')
  return createHmac('sha256', jwt_secret ?? database_url ?? '')
    .update(text)
    .digest()
}

export interface Credentials {
  readonly email: string
  readonly password: string
  /** The request also contained a session or an invitation of this person. */
  readonly is_proven?: boolean
  /** Restricts the accounts of this e-mail address (default: all). */
  readonly isEligible?: (account: Account) => boolean
}

/**
 * The account with this e-mail and password; of several the proven one. Throws RateLimitedError, LoginFailedError, and
 * OverloadedError when too many passwords are queued; that attempt is not counted.
 */
export async function signIn(
  { config, db, limits }: Deps,
  request: FastifyRequest,
  { email, password, is_proven = false, isEligible = () => true }: Credentials,
): Promise<Account> {
  const accounts = await findAccounts(db, email, networkHashOf(config, email, request.ip))
  const is_known = isKnown(accounts)
  const attempt = await limits.signIn(accountEmail(email), request.ip, originOf(is_known, is_proven))
  const signal = clientSignal(request.raw.socket)
  const check = () =>
    authenticateAccount(accounts.filter(isEligible), password, { is_known: is_proven || is_known, signal })
  const person = await networks.run(networkOf(request.ip), { signal }, check).catch(async (error: unknown) => {
    if (error instanceof LoginFailedError) logFailure(request, email, accounts)
    else await attempt.uncount()
    throw error
  })
  await attempt.uncount()
  return person
}

/** Never logs a password, which people also type as the e-mail. The limits of sign-ins bound the number of lines. */
function logFailure(request: FastifyRequest, given: string, accounts: readonly Account[]): void {
  const canonical = accountEmail(given)
  const email = /^[^@\s]+@[^@\s]+$/.test(canonical) ? canonical : '[not an e-mail address]'
  request.log.warn({ email, address: request.ip, user_ids: accounts.map(({ id }) => id) }, 'sign-in failed')
}

/**
 * When there is a proven account, only its networks count: an account created by an agency's invitation for the same
 * address must not give its holder the higher priority.
 */
function isKnown(accounts: readonly Account[]): boolean {
  const proven = accounts.find(isProven)
  return proven === undefined ? accounts.some((account) => account.is_known) : proven.is_known
}

function originOf(is_known: boolean, is_proven: boolean): SignInOrigin {
  if (is_proven) return 'proven'
  return is_known ? 'known' : 'anywhere'
}

/** The device data that a session stores. */
export function deviceOf({ config }: Deps, request: FastifyRequest, { email }: { email: string }): Device {
  return { user_agent: request.headers['user-agent'], network_hash: networkHashOf(config, email, request.ip) }
}
