// S1: two hundred clients want the same nights at the same moment.

import { percentile, tally } from '../../../src/commands/verify/overlap/counting.ts'
import { aftermathIn } from '../../../test/races/aftermath.ts'
import { duration, sentBeforeFirstAnswer } from '../../../test/races/rush.ts'
import type { Answer } from '../../../test/sender.ts'
import { dayAfter, stay } from '../../../test/steps.ts'
import { atMost, type Check, exactly, fired, type Measure, type Size, told } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'

const clients = 200

export const sameNight: Measure = {
  id: 'S1',
  title: 'The same nights, 200 clients at once',
  seconds: { full: 60, quick: 10 },
  run: (size) => onTarget((target) => raced(target, size)),
}

async function raced(target: Target, size: Size): Promise<Check[]> {
  const { overlaps, deadlocks } = aftermathIn(target)
  const before = await deadlocks()
  const rounds = size === 'full' ? 50 : 3
  const sender = target.as('admin')
  const home = await target.newHome()
  const all: Answer[] = []
  let wrong = 0
  let racing = clients
  let slowest = 0
  const times = <T>(make: () => Promise<T>) => Promise.all(Array.from({ length: clients }, make))
  await times(() => sender.send('GET', 'me')) // so that every client is connected before the start
  for (let round = 0; round < rounds; round += 1) {
    const body = stay(home, dayAfter('2031-01-01', round * 4))
    const answers = await times(() => sender.send('POST', 'bookings', body))
    const { '201': won, '409 BOOKING_CONFLICT': lost } = tally(answers)
    if (won !== 1 || lost !== clients - 1) wrong += 1
    racing = Math.min(racing, sentBeforeFirstAnswer(answers))
    slowest = Math.max(slowest, duration(answers))
    all.push(...answers)
  }
  const its = all.map(({ began, ended }) => ended - began)
  return [
    fired('fewest requests sent before the first answer', racing, clients * 0.9),
    told('rounds', rounds),
    exactly('rounds without one 201 and 199 x 409', wrong, 0),
    ...(size === 'full' ? [atMost('slowest round', slowest, 2000, ' ms'), told('p99', percentile(its, 0.99))] : []),
    exactly('overlaps', JSON.stringify(await overlaps()), JSON.stringify({ bookings: 0, nights: 0, disagreements: 0 })),
    exactly('deadlocks (S3)', (await deadlocks()) - before, 0),
  ]
}
