// S34: a hundred clients send the same request with the same Idempotency-Key at once.
import { randomUUID } from 'node:crypto'
import type { Answer } from '../../../test/sender.ts'
import { dayAfter, stay } from '../../../test/steps.ts'
import { type Check, exactly, fired, type Measure, type Size } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'

const senders = 100

export const sameKey: Measure = {
  id: 'S34',
  title: 'One key, 100 clients at once: one effect',
  seconds: { full: 15, quick: 7 },
  run: (size) => onTarget((target) => keyed(target, size)),
}

async function keyed(target: Target, size: Size): Promise<Check[]> {
  const sender = target.as('staff')
  const home = await target.newHome()
  const rounds = size === 'full' ? 20 : 3
  const effects: number[] = []
  let divergent = 0
  let others = 0
  let waiting = 0
  let replays = 0
  for (let round = 0; round < rounds; round += 1) {
    const check_in = dayAfter('2031-01-01', round * 3)
    const key = { 'idempotency-key': randomUUID() }
    const send = () => sender.send('POST', 'bookings', stay(home, check_in, 2), key)
    const answers = await Promise.all(Array.from({ length: senders }, send))
    answers.push(await send())
    const made = answers.filter(({ status }) => status === 201)
    const early = answers.filter(isEarly)
    others += answers.length - made.length - early.length
    waiting += early.length
    replays += made.filter(({ headers }) => headers['idempotency-replayed'] === 'true').length
    divergent += new Set(made.map(({ text }) => text)).size - 1
    const [found] = await target.rows(
      'select count(*)::int as n from bookings where property_id = $1 and check_in = $2',
      [home, check_in],
    )
    effects.push(Number(found?.n))
  }
  return [
    exactly('keys with another number of bookings than one', effects.filter((n) => n !== 1).length, 0),
    exactly('answers neither 201 nor 409 IDEMPOTENCY_IN_PROGRESS with Retry-After', others, 0),
    exactly('bodies that differ from the first', divergent, 0),
    fired('answers while the first was under way', waiting),
    fired('replays', replays, rounds),
  ]
}

const isEarly = ({ status, code, headers }: Answer) =>
  status === 409 && code === 'IDEMPOTENCY_IN_PROGRESS' && headers['retry-after'] !== undefined
