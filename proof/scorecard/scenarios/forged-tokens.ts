// S21: tokens that are crafted or mutated, over HTTP: none is let in, none makes the service fail.
import fc from 'fast-check'
import { players } from '../../../test/cast.ts'
import { forgeries, hs256, mutationsOf } from '../../../test/forged-tokens.ts'
import { jwt_secret } from '../environment/seed.ts'
import { atLeast, exactly, type Measure, type Size, told } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'

export const forgedTokens: Measure = {
  id: 'S21',
  title: 'Forged and mutated tokens',
  seconds: { full: 25, quick: 8 },
  run: (size) => onTarget((target) => tried(target, size)),
}

/** What a header can carry as one word; the rest is tried on the verifier itself (tokens.test.ts). */
const isSendable = (token: string) => /^[\x21-\x7e]{1,16000}$/.test(token)

async function tried(target: Target, size: Size) {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  const now = Math.floor(Date.now() / 1000)
  const { forge, good, withClaims, attacks } = forgeries({
    secret: jwt_secret,
    audience: 'authenticated',
    now,
    sub: players.admin.user_id,
  })
  const nobody = target.as(undefined)
  const tally = { accepted: 0, failed: 0, others: 0, refused: 0 }
  const ask = (token: string) => nobody.send('GET', 'me', undefined, { authorization: `Bearer ${token}` })

  async function attack(name: string, token: string): Promise<void> {
    const { status } = await ask(token)
    // 431: longer than headers may be in all.
    if (status === 401 || status === 431) tally.refused += 1
    else if (status < 300) tally.accepted += 1
    else if (status >= 500) tally.failed += 1
    else tally.others += 1
    if (status !== 401 && status !== 431)
      process.stderr.write(`S21, SEED=${seed}: ${status} for ${name}: ${token.slice(0, 600)}\n`)
  }

  const genuine = await ask(forge(hs256, good))
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
    exactly('accepted', tally.accepted, 0),
    exactly('answers 5xx', tally.failed, 0),
    exactly('answers other than 401', tally.others, 0),
    told('seed', seed),
  ]
}
