// S2, S3 and S35: stays booked, moved, cancelled, confirmed and deleted at random in fifty homes: no night twice, no deadlock,
// and in the audit log exactly what was acknowledged.

import { randomOf, tally } from '../../../src/commands/verify/overlap/counting.ts'
import { aftermathIn } from '../../../test/races/aftermath.ts'
import type { Answer, Sender } from '../../../test/sender.ts'
import { dayAfter, stay } from '../../../test/steps.ts'
import { homes } from '../environment/seed.ts'
import { atLeast, type Check, exactly, fired, type Measure, type Size, told } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'

const clients = 16
const season = 365
const busy = homes.north.slice(0, 50)

export const mixedBookings: Measure = {
  id: 'S2',
  title: 'Mixed attempts in 50 homes; deadlocks (S3), audit (S35)',
  seconds: { full: 240 },
  run: (size) => onTarget((target) => mixed(target, size)),
}

interface Made {
  readonly id: string
  version: number
}

interface Crowd {
  readonly sender: Sender
  readonly counts: Record<string, number>
  /** Changes that were acknowledged and that changed something. */
  changes: number
  left: number
  /** A machine that is too slow for them all stops here, and its line fails. */
  readonly deadline: number
}

async function mixed(target: Target, size: Size): Promise<Check[]> {
  const attempts = size === 'full' ? 100_000 : 3000
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  const { overlaps, deadlocks } = aftermathIn(target)
  const broken = await deadlocks()
  const deadline = performance.now() + 220_000
  const crowd: Crowd = { sender: target.as('admin'), counts: {}, changes: 0, left: attempts, deadline }
  const before = await auditRows(target)
  const began = performance.now()
  await Promise.all(Array.from({ length: clients }, (_, n) => client(crowd, randomOf(seed + n))))
  const seconds = (performance.now() - began) / 1000
  const kinds = Object.entries(crowd.counts)
  const failed = kinds.filter(([kind]) => Number(kind.slice(0, 3)) >= 500).reduce((sum, [, n]) => sum + n, 0)
  return [
    atLeast(
      'attempts',
      kinds.reduce((sum, [, n]) => sum + n, 0),
      attempts,
    ),
    exactly('overlaps', JSON.stringify(await overlaps()), JSON.stringify({ bookings: 0, nights: 0, disagreements: 0 })),
    exactly('answers 5xx', failed, 0),
    exactly('deadlocks (S3)', (await deadlocks()) - broken, 0),
    fired('changes acknowledged', crowd.changes, attempts * 0.2),
    exactly('audit rows beside those (S35)', (await auditRows(target)) - before - crowd.changes, 0),
    ...(size === 'full' ? [told('attempts a second', attempts / seconds)] : []),
    told('answers', kinds.map(([kind, n]) => `${n} x ${kind}`).join(', ')),
    told('seed', seed),
  ]
}

/** Of bookings; a new guest has an entry of their own. */
async function auditRows({ rows }: Target): Promise<number> {
  const [found] = await rows("select count(*)::int as n from audit_log where entity_type = 'booking'")
  return Number(found?.n)
}

async function client(crowd: Crowd, random: () => number): Promise<void> {
  const upTo = (n: number) => Math.floor(random() * n)
  const mine: Made[] = []
  while (crowd.left > 0 && performance.now() < crowd.deadline) {
    crowd.left -= 1
    const index = upTo(mine.length)
    const made = mine[index]
    if (made === undefined || random() < 0.6) {
      const answer = await create(crowd, random)
      if (answer.status === 201) mine.push({ id: String(answer.body.id), version: Number(answer.body.version) })
    } else if (await isOver(crowd, made, random)) {
      mine.splice(index, 1)
    }
    // Nobody keeps more than a handful: the homes must not fill up.
    if (mine.length > 20) await send(crowd, 'DELETE', `bookings/${mine.shift()?.id}`)
  }
}

function create(crowd: Crowd, random: () => number): Promise<Answer> {
  const upTo = (n: number) => Math.floor(random() * n)
  const home = busy[upTo(busy.length)]?.id ?? ''
  const status = random() < 0.3 ? 'pending' : 'confirmed'
  return send(crowd, 'POST', 'bookings', stay(home, dayAfter('2031-01-01', upTo(season)), 1 + upTo(14), { status }))
}

/** One change of a booking of one's own; whether it is over then. */
async function isOver(crowd: Crowd, made: Made, random: () => number): Promise<boolean> {
  const upTo = (n: number) => Math.floor(random() * n)
  const dice = upTo(10)
  if (dice < 2) return (await send(crowd, 'DELETE', `bookings/${made.id}`)).status === 204
  if (dice < 4)
    return (await send(crowd, 'POST', `bookings/${made.id}/cancellation`, { cancelled_by: 'guest' })).status === 200
  if (dice < 6) {
    await send(crowd, 'PATCH', `bookings/${made.id}/status`, { status: 'confirmed' }, made)
    return false
  }
  const check_in = dayAfter('2031-01-01', upTo(season))
  const dates = { check_in, check_out: dayAfter(check_in, 1 + upTo(14)) }
  const there = random() < 0.5 ? { property_id: busy[upTo(busy.length)]?.id, ...dates } : dates
  await send(crowd, 'PATCH', `bookings/${made.id}`, there, made)
  return false
}

/** Counts the answer; of what has a version a success is a change only when the version is a new one. */
async function send(crowd: Crowd, method: string, path: string, body?: object, made?: Made): Promise<Answer> {
  const answer = await crowd.sender.send(method, path, body)
  for (const [kind, n] of Object.entries(tally([answer]))) crowd.counts[kind] = (crowd.counts[kind] ?? 0) + n
  if (answer.status >= 300) return answer
  const version = Number(answer.body.version)
  if (made === undefined || version > made.version) crowd.changes += 1
  if (made !== undefined) made.version = version
  return answer
}
