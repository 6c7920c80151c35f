// S21: crafted and mutated tokens are rejected with 401 and never cause a 5xx.
import fc from 'fast-check'
import { players } from '../../../test/cast.ts'
import { forgeries, hs256, mutationsOf } from '../../../test/forged-tokens.ts'
import { jwt_secret } from '../environment/seed.ts'
import { seedFromEnv } from '../random.ts'
import { atLeast, exactly, info, type Scenario, type Size } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'

export const forgedTokens: Scenario = {
  id: 'S21',
  title: 'Forged and mutated tokens',
  seconds: { full: 25, quick: 8 },
  run: (size) => withTarget((target) => tryTokens(target, size)),
}

/** Tokens that an HTTP header can carry; tokens.test.ts covers the others. */
const isSendable = (token: string) => /^[\x21-\x7e]{1,16000}$/.test(token)

async function tryTokens(target: Target, size: Size) {
  const seed = seedFromEnv()
  const now = Math.floor(Date.now() / 1000)
  const { forge, good, withClaims, attacks } = forgeries({
    secret: jwt_secret,
    audience: 'authenticated',
    now,
    sub: players.admin.user_id,
  })
  const anonymous = target.as(undefined)
  const tally = { accepted: 0, failed: 0, others: 0, refused: 0 }
  const send = (token: string) => anonymous.send('GET', 'me', undefined, { authorization: `Bearer ${token}` })

  async function attack(name: string, token: string): Promise<void> {
    const { status } = await send(token)
    // 431: the headers exceed their size limit.
    if (status === 401 || status === 431) tally.refused += 1
    else if (status < 300) tally.accepted += 1
    else if (status >= 500) tally.failed += 1
    else tally.others += 1
    if (status !== 401 && status !== 431)
      process.stderr.write(`S21, SEED=${seed}: ${status} for ${name}: ${token.slice(0, 600)}\n`)
  }

  const genuine = await send(forge(hs256, good))
  const crafted = Object.entries(attacks).filter(([, token]) => isSendable(token))
  for (const [name, token] of crafted) await attack(name, token)
  const token = withClaims({ jti: 'one' })
  const numRuns = size === 'full' ? 14_000 : 1400
  const mutated = fc.sample(mutationsOf(token), { seed, numRuns }).filter((one) => one !== token && isSendable(one))
  const wanted = mutated.slice(0, size === 'full' ? 10_000 : 1000)
  for (let i = 0; i < wanted.length; i += 16) {
    await Promise.all(wanted.slice(i, i + 16).map((one) => attack('a mutation', one)))
  }
  return [
    exactly('status of the genuine token', genuine.status, 200),
    atLeast('crafted tokens', crafted.length, 60),
    atLeast('mutated tokens', wanted.length, size === 'full' ? 10_000 : 900),
    exactly('tokens accepted', tally.accepted, 0),
    exactly('answers 5xx', tally.failed, 0),
    exactly('other answers than 401 and 431', tally.others, 0),
    info('seed', seed),
  ]
}
