// S34: 100 clients send the same request with the same Idempotency-Key concurrently.
import { randomUUID } from 'node:crypto'
import type { Answer } from '../../../test/sender.ts'
import { dayAfter, stay } from '../../../test/steps.ts'
import { type Check, exactly, injected, type Scenario, type Size } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'

const num_clients = 100

export const sameKey: Scenario = {
  id: 'S34',
  title: 'One Idempotency-Key, 100 concurrent clients: one effect',
  seconds: { full: 15, quick: 7 },
  run: (size) => withTarget((target) => sendKeys(target, size)),
}

async function sendKeys(target: Target, size: Size): Promise<Check[]> {
  const sender = target.as('staff')
  const property_id = await target.newProperty()
  const rounds = size === 'full' ? 20 : 3
  const num_bookings: number[] = []
  let divergent = 0
  let others = 0
  let num_in_progress = 0
  let replays = 0
  for (let round = 0; round < rounds; round += 1) {
    const check_in = dayAfter('2031-01-01', round * 3)
    const key = { 'idempotency-key': randomUUID() }
    const send = () => sender.send('POST', 'bookings', stay(property_id, check_in, 2), key)
    const answers = await Promise.all(Array.from({ length: num_clients }, send))
    answers.push(await send())
    const made = answers.filter(({ status }) => status === 201)
    const in_progress = answers.filter(isInProgress)
    others += answers.length - made.length - in_progress.length
    num_in_progress += in_progress.length
    replays += made.filter(({ headers }) => headers['idempotency-replayed'] === 'true').length
    divergent += new Set(made.map(({ text }) => text)).size - 1
    const [found] = await target.rows(
      'select count(*)::int as n from bookings where property_id = $1 and check_in = $2',
      [property_id, check_in],
    )
    num_bookings.push(Number(found?.n))
  }
  return [
    exactly('keys without exactly one booking', num_bookings.filter((n) => n !== 1).length, 0),
    exactly('answers other than 201, and 409 IDEMPOTENCY_IN_PROGRESS with Retry-After', others, 0),
    exactly('answers 201 with a different body', divergent, 0),
    injected('answers 409 IDEMPOTENCY_IN_PROGRESS', num_in_progress),
    injected('replayed answers', replays, rounds),
  ]
}

const isInProgress = ({ status, code, headers }: Answer) =>
  status === 409 && code === 'IDEMPOTENCY_IN_PROGRESS' && headers['retry-after'] !== undefined
