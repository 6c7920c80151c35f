// S4: bookings of other properties while 200 clients contend for one.
import { countByKind, percentile } from '../../../src/commands/verify/overlap/statistics.ts'
import type { Answer, Sender } from '../../../test/sender.ts'
import { dayAfter, stay } from '../../../test/steps.ts'
import { seededProperties } from '../environment/seed.ts'
import { atLeast, atMost, type Check, exactly, info, type Scenario } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'

const num_contenders = 200

export const hotProperty: Scenario = {
  id: 'S4',
  title: 'Bookings of other properties while 200 clients contend for one',
  seconds: { full: 15 },
  run: () => withTarget(measureContention),
}

async function measureContention(target: Target): Promise<Check[]> {
  const hot = await target.newProperty()
  const sender = target.as('admin')
  const end = performance.now() + 8000
  const isOver = () => performance.now() > end
  const contending = Promise.all(Array.from({ length: num_contenders }, (_, n) => contend(sender, hot, n, isOver)))
  const other_sender = target.as('manager')
  const answers_elsewhere: Answer[] = []
  const others = seededProperties.north.slice(0, 4).map(async ({ id }) => {
    for (let day = '2031-01-01'; !isOver(); day = dayAfter(day, 1)) {
      answers_elsewhere.push(await other_sender.send('POST', 'bookings', stay(id, day, 1)))
    }
  })
  await Promise.all(others)
  const contended = (await contending).flat()
  const times = answers_elsewhere.map(({ began, ended }) => ended - began)
  const unexpected = contended.filter(({ status, code }) => status !== 201 && code !== 'BOOKING_CONFLICT')
  return [
    atLeast('requests of contending clients', contended.length, num_contenders * 4),
    exactly('contending: answers other than 201 and BOOKING_CONFLICT', unexpected.length, 0),
    atLeast('bookings of other properties', answers_elsewhere.length, 50),
    exactly('bookings of other properties refused', answers_elsewhere.filter(({ status }) => status !== 201).length, 0),
    info('bookings of other properties, p50', percentile(times, 0.5)),
    atMost('bookings of other properties, p99', percentile(times, 0.99), 100, ' ms'),
    info('contending: answers by kind', JSON.stringify(countByKind(contended))),
  ]
}

/** Requests the same nights as the other contending clients until the end. */
async function contend(sender: Sender, property_id: string, n: number, isOver: () => boolean): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let round = 0; !isOver(); round += 1) {
    answers.push(await sender.send('POST', 'bookings', stay(property_id, dayAfter('2031-01-01', round * 3 + (n % 2)))))
  }
  return answers
}
