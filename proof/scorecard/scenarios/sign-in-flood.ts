// S40: strangers try passwords from many addresses while people sign in with right ones.
import { setTimeout as delay } from 'node:timers/promises'
import { percentile } from '../../../src/commands/verify/overlap/counting.ts'
import { password, players } from '../../../test/cast.ts'
import { createSender, type Sender } from '../../../test/sender.ts'
import { describe } from '../environment/bookings.ts'
import { type Stage, withStage } from '../environment/environment.ts'
import { kindsOf, type Seen, see } from '../environment/steady.ts'
import { atLeast, atMost, type Check, exactly, fired, type Measure, type Size, told } from '../scenario.ts'

const per_second = 120
/** Enough of them that no address and no account with an address of theirs reaches its limit before the end. */
const addresses = 40
const seconds = { full: 12, quick: 5 } as const

/** Some of the strangers know an account; most try anything. The last of these people has no stranger at their account. */
const attacked = [players.manager, players.staff, players.owner]
const known = [...attacked, players.accountant]

export const signInFlood: Measure = {
  id: 'S40',
  title: `${per_second} bad sign-ins a second from ${addresses} addresses`,
  seconds: { full: 30, quick: 10 },
  run: (size) => withStage((stage) => flood(stage, size)),
}

async function flood(stage: Stage, size: Size): Promise<Check[]> {
  const api = await stage.serve({ RATE_LIMIT: '600', TRUST_PROXY: '127.0.0.1' })
  const sender = createSender(api.address)
  stage.defer(() => sender.close())
  const signIn = (email: string, from: string, given = password) => signInOn(sender, email, from, given)
  const homeOf = (n: number) => `192.0.2.${n}`
  const before = await Promise.all(known.map(({ email }, n) => signIn(email, homeOf(n))))
  const end = performance.now() + seconds[size] * 1000
  const isOver = () => performance.now() > end

  const bad: Promise<Seen>[] = []
  const began = performance.now()
  const attack = (async () => {
    while (!isOver()) {
      // As many as are due by now: a busy machine makes up for it.
      for (const due = ((performance.now() - began) / 1000) * per_second; bad.length < due; )
        bad.push(guess(signIn, bad.length))
      await delay(20)
    }
  })()
  const repeat = async (make: (n: number) => Promise<Seen>): Promise<Seen[]> => {
    const seen: Seen[] = []
    for (let n = 0; !isOver(); n += 1) {
      seen.push(await make(n))
      await delay(100)
    }
    return seen
  }
  const fromHome = known.map(({ email }, n) => repeat(() => signIn(email, homeOf(n))))
  // From a new address each time, until they are let in as any client would try.
  const fromElsewhere = repeat((n) => signIn(players.accountant.email, `203.0.113.${n % 250}`))
  await attack
  const took = (performance.now() - began) / 1000
  const [right, elsewhere, wrong] = [(await Promise.all(fromHome)).flat(), await fromElsewhere, await Promise.all(bad)]
  const all = [...before, ...right, ...elsewhere, ...wrong]
  const times = (seen: readonly Seen[]) => seen.map((one) => one.ended - one.began)
  return [
    fired('bad sign-ins sent a second', Math.round(wrong.length / took), per_second / 2),
    fired('of them not let in at once (429, 503)', wrong.filter(({ status }) => status !== 401).length),
    atLeast('right sign-ins from known addresses', right.length, 8),
    exactly('of them refused', right.filter(({ status }) => status !== 200).length, 0),
    exactly('answers other than 200, 401, 429 and 503', all.filter(isOther).length, 0),
    exactly('wrong passwords that were let in', wrong.filter(({ status }) => status === 200).length, 0),
    atMost('known: p99', percentile(times(right), 0.99), 1000, ' ms'),
    atMost('all: slowest answer', Math.max(...times(all)), 4000, ' ms'),
    told('known: p50, ms', percentile(times(right), 0.5)),
    told('right ones from new addresses', describe(kindsOf(elsewhere))),
    told('bad ones', describe(kindsOf(wrong))),
  ]
}

const isOther = ({ status }: Seen) => ![200, 401, 429, 503].includes(status)

function guess(signIn: (email: string, from: string, given: string) => Promise<Seen>, n: number): Promise<Seen> {
  const email = n % 3 === 0 ? (attacked[(n / 3) % attacked.length]?.email ?? '') : `guess${n}@example.com`
  return signIn(email, `198.51.100.${n % addresses}`, `guess ${n}`)
}

function signInOn(sender: Sender, email: string, from: string, given: string): Promise<Seen> {
  const body = { email, password: given }
  return see(true, () => sender.send('POST', 'auth/login', body, { 'x-forwarded-for': from }))
}
