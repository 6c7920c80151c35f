// S40: password guessing from many addresses while users sign in with correct passwords.
import { setTimeout as delay } from 'node:timers/promises'
import { percentile } from '../../../src/commands/verify/overlap/statistics.ts'
import { password, players } from '../../../test/cast.ts'
import { createSender, type Sender } from '../../../test/sender.ts'
import { type Environment, withEnvironment } from '../environment/environment.ts'
import { formatCounts } from '../environment/keyed-bookings.ts'
import { countByKind, type Observation, observe } from '../environment/steady-load.ts'
import { atLeast, atMost, type Check, exactly, info, injected, type Scenario, type Size } from '../scenario.ts'

const per_second = 120
/** Enough that no single address reaches its rate limit. */
const num_addresses = 40
const seconds = { full: 12, quick: 5 } as const

/** A third of the guesses target these accounts; the others use addresses without an account. */
const attacked = [players.manager, players.staff, players.owner]
const known_users = [...attacked, players.accountant]

export const signInFlood: Scenario = {
  id: 'S40',
  title: `${per_second} failing sign-ins per second from ${num_addresses} addresses`,
  seconds: { full: 30, quick: 10 },
  run: (size) => withEnvironment((environment) => flood(environment, size)),
}

async function flood(environment: Environment, size: Size): Promise<Check[]> {
  const api = await environment.serve({ RATE_LIMIT: '600', TRUST_PROXY: '127.0.0.1' })
  const sender = createSender(api.address)
  environment.defer(() => sender.close())
  const signIn = (email: string, from: string, given = password) => signInOn(sender, email, from, given)
  const knownAddressOf = (n: number) => `192.0.2.${n}`
  const before = await Promise.all(known_users.map(({ email }, n) => signIn(email, knownAddressOf(n))))
  const end = performance.now() + seconds[size] * 1000
  const isOver = () => performance.now() > end

  const guesses: Promise<Observation>[] = []
  const began = performance.now()
  const attack = (async () => {
    while (!isOver()) {
      // Sends all guesses that are due; a slow machine catches up.
      for (const due = ((performance.now() - began) / 1000) * per_second; guesses.length < due; )
        guesses.push(guess(signIn, guesses.length))
      await delay(20)
    }
  })()
  const repeat = async (make: (n: number) => Promise<Observation>): Promise<Observation[]> => {
    const observations: Observation[] = []
    for (let n = 0; !isOver(); n += 1) {
      observations.push(await make(n))
      await delay(100)
    }
    return observations
  }
  const from_known = known_users.map(({ email }, n) => repeat(() => signIn(email, knownAddressOf(n))))
  // A user who signs in from a new address each time.
  const from_new = repeat((n) => signIn(players.accountant.email, `203.0.113.${n % 250}`))
  await attack
  const elapsed_s = (performance.now() - began) / 1000
  const [right, elsewhere, wrong] = [(await Promise.all(from_known)).flat(), await from_new, await Promise.all(guesses)]
  const all = [...before, ...right, ...elsewhere, ...wrong]
  const times = (observations: readonly Observation[]) => observations.map((one) => one.ended - one.began)
  return [
    injected('failing sign-ins sent per second', Math.round(wrong.length / elapsed_s), per_second / 2),
    injected('failing sign-ins answered 429 or 503', wrong.filter(({ status }) => status !== 401).length),
    atLeast('correct sign-ins from known addresses', right.length, 8),
    exactly('correct sign-ins from known addresses refused', right.filter(({ status }) => status !== 200).length, 0),
    exactly('answers other than 200, 401, 429 and 503', all.filter(isUnexpected).length, 0),
    exactly('wrong passwords accepted', wrong.filter(({ status }) => status === 200).length, 0),
    atMost('correct sign-ins from known addresses, p99', percentile(times(right), 0.99), 1000, ' ms'),
    atMost('slowest answer of all', Math.max(...times(all)), 4000, ' ms'),
    info('correct sign-ins from known addresses, p50, ms', percentile(times(right), 0.5)),
    info('correct sign-ins from new addresses by kind', formatCounts(countByKind(elsewhere))),
    info('failing sign-ins by kind', formatCounts(countByKind(wrong))),
  ]
}

const isUnexpected = ({ status }: Observation) => ![200, 401, 429, 503].includes(status)

function guess(
  signIn: (email: string, from: string, given: string) => Promise<Observation>,
  n: number,
): Promise<Observation> {
  const email = n % 3 === 0 ? (attacked[(n / 3) % attacked.length]?.email ?? '') : `guess${n}@example.com`
  return signIn(email, `198.51.100.${n % num_addresses}`, `guess ${n}`)
}

function signInOn(sender: Sender, email: string, from: string, given: string): Promise<Observation> {
  const body = { email, password: given }
  return observe(true, () => sender.send('POST', 'auth/login', body, { 'x-forwarded-for': from }))
}
