// S1: 200 clients book the same nights concurrently.

import { countByKind, percentile } from '../../../src/commands/verify/overlap/statistics.ts'
import { duration, sentBeforeFirstAnswer } from '../../../test/races/clients.ts'
import { consistencyChecks } from '../../../test/races/consistency.ts'
import type { Answer } from '../../../test/sender.ts'
import { dayAfter, stay } from '../../../test/steps.ts'
import { atMost, type Check, exactly, info, injected, type Scenario, type Size } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'

const num_clients = 200

export const sameNight: Scenario = {
  id: 'S1',
  title: 'The same nights booked by 200 concurrent clients',
  seconds: { full: 60, quick: 10 },
  run: (size) => withTarget((target) => runRounds(target, size)),
}

async function runRounds(target: Target, size: Size): Promise<Check[]> {
  const { overlaps, deadlocks } = consistencyChecks(target)
  const before = await deadlocks()
  const rounds = size === 'full' ? 50 : 3
  const sender = target.as('admin')
  const property_id = await target.newProperty()
  const all: Answer[] = []
  let wrong = 0
  let min_concurrent = num_clients
  let slowest = 0
  const times = <T>(make: () => Promise<T>) => Promise.all(Array.from({ length: num_clients }, make))
  await times(() => sender.send('GET', 'me')) // opens all connections before the start
  for (let round = 0; round < rounds; round += 1) {
    const body = stay(property_id, dayAfter('2031-01-01', round * 4))
    const answers = await times(() => sender.send('POST', 'bookings', body))
    const { '201': won, '409 BOOKING_CONFLICT': lost } = countByKind(answers)
    if (won !== 1 || lost !== num_clients - 1) wrong += 1
    min_concurrent = Math.min(min_concurrent, sentBeforeFirstAnswer(answers))
    slowest = Math.max(slowest, duration(answers))
    all.push(...answers)
  }
  const durations = all.map(({ began, ended }) => ended - began)
  return [
    injected('minimum of requests sent before the first answer', min_concurrent, num_clients * 0.9),
    info('rounds', rounds),
    exactly('rounds without one 201 and 199 x 409', wrong, 0),
    ...(size === 'full'
      ? [atMost('slowest round', slowest, 2000, ' ms'), info('p99', percentile(durations, 0.99))]
      : []),
    exactly('overlaps', JSON.stringify(await overlaps()), JSON.stringify({ bookings: 0, nights: 0, disagreements: 0 })),
    exactly('deadlocks (S3)', (await deadlocks()) - before, 0),
  ]
}
