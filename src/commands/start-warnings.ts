// What `roost serve` prints before it says that it is running: a database that does not
// respond, demo passwords in a network, browsers without https.
import type { Config } from '../config.ts'
import { matchPasswords } from '../core/auth/passwords.ts'
import { reasonOf } from '../core/error-reason.ts'
import { isLoopback } from '../core/loopback.ts'
import { findAccounts } from '../features/team/accounts.ts'
import type { Store } from '../store.ts'
import type { CommandContext } from './context.ts'
import { demo_admins, demo_password } from './demo.ts'
import { findCookieProblem } from './session-cookie.ts'

/** What is true of the database when the service starts. */
interface StartState {
  /** Why the database does not respond; undefined when it does. */
  readonly outage: unknown
  /** Whether somebody can sign in as a demo admin with the published password. */
  readonly has_demo: boolean
}

/** Reads the accounts only where the result is used: with the embedded database, and when HOST is open to a network. */
export async function readStartState(store: Store, config: Config): Promise<StartState> {
  const outage = await store.probe().then(
    () => undefined,
    (error) => error,
  )
  const is_needed = store.is_embedded || !isLoopback(config.host)
  return { outage, has_demo: outage === undefined && is_needed && (await hasDemoPassword(store)) }
}

export function printWarnings(context: CommandContext, config: Config, { outage, has_demo }: StartState): void {
  if (outage !== undefined) context.note(describeOutage(outage, config))
  if (has_demo && !isLoopback(config.host)) context.note(demo_warning)
  const problem = findCookieProblem(config)
  if (problem !== undefined) context.note(`WARNING: ${problem}.`)
}

/** Names the database without the password. */
function describeOutage(problem: unknown, { database_url }: Config): string {
  const { host, pathname } = new URL(database_url ?? 'postgres://embedded')
  return [
    `WARNING: the database cannot be reached: ${reasonOf(problem)} (DATABASE_URL: ${host}${pathname}).`,
    '  Requests are answered with 503 until it responds.',
  ].join('\n')
}

const demo_warning = [
  `WARNING: HOST lets other machines reach this service, and the demo accounts have the published password ${demo_password}.`,
  '  Set HOST=127.0.0.1, or create an agency of your own in another DATA_DIR before its first start: bin/roost agency create',
].join('\n')

/** False while the accounts cannot be read, for example before the first migration: then there are none. */
async function hasDemoPassword({ db }: Store): Promise<boolean> {
  try {
    for (const email of demo_admins) {
      const accounts = (await findAccounts(db, email)).filter(({ is_active }) => is_active)
      if (accounts.length > 0 && (await matchPasswords(accounts, demo_password, { is_known: true })).length > 0)
        return true
    }
  } catch {
    return false
  }
  return false
}
