// S4: bookings of other homes while two hundred clients race for one.
import { percentile, tally } from '../../../src/commands/verify/overlap/counting.ts'
import type { Answer, Sender } from '../../../test/sender.ts'
import { dayAfter, stay } from '../../../test/steps.ts'
import { homes } from '../environment/seed.ts'
import { atLeast, atMost, type Check, exactly, type Measure, told } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'

const racers = 200

export const bystanders: Measure = {
  id: 'S4',
  title: 'Bookings of other homes beside 200 racers for one',
  seconds: { full: 15 },
  run: () => onTarget(beside),
}

async function beside(target: Target): Promise<Check[]> {
  const hot = await target.newHome()
  const sender = target.as('admin')
  const end = performance.now() + 8000
  const isOver = () => performance.now() > end
  const crowd = Promise.all(Array.from({ length: racers }, (_, n) => racer(sender, hot, n, isOver)))
  const calm = target.as('manager')
  const seen: Answer[] = []
  const others = homes.north.slice(0, 4).map(async ({ id }) => {
    for (let day = '2031-01-01'; !isOver(); day = dayAfter(day, 1)) {
      seen.push(await calm.send('POST', 'bookings', stay(id, day, 1)))
    }
  })
  await Promise.all(others)
  const raced = (await crowd).flat()
  const times = seen.map(({ began, ended }) => ended - began)
  const unexpected = raced.filter(({ status, code }) => status !== 201 && code !== 'BOOKING_CONFLICT')
  return [
    atLeast('requests of racers', raced.length, racers * 4),
    exactly('their answers that are neither 201 nor BOOKING_CONFLICT', unexpected.length, 0),
    atLeast('bookings of other homes', seen.length, 50),
    exactly('of them refused', seen.filter(({ status }) => status !== 201).length, 0),
    told('their p50', percentile(times, 0.5)),
    atMost('their p99', percentile(times, 0.99), 100, ' ms'),
    told('answers to racers', JSON.stringify(tally(raced))),
  ]
}

/** The same nights as all other racers at that moment, again and again. */
async function racer(sender: Sender, home: string, n: number, isOver: () => boolean): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let round = 0; !isOver(); round += 1) {
    answers.push(await sender.send('POST', 'bookings', stay(home, dayAfter('2031-01-01', round * 3 + (n % 2)))))
  }
  return answers
}
