// S2, S3, S35: random booking operations cause no overlaps, deadlocks or audit mismatches.

import { countByKind, createRandom } from '../../../src/commands/verify/overlap/statistics.ts'
import { consistencyChecks } from '../../../test/races/consistency.ts'
import type { Answer, Sender } from '../../../test/sender.ts'
import { dayAfter, stay } from '../../../test/steps.ts'
import { seededProperties } from '../environment/seed.ts'
import { seedFromEnv } from '../random.ts'
import { atLeast, type Check, exactly, info, injected, type Scenario, type Size } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'

const num_clients = 16
const season_days = 365
const properties = seededProperties.north.slice(0, 50)

export const mixedBookings: Scenario = {
  id: 'S2',
  title: 'Random booking operations on 50 properties; deadlocks (S3), audit (S35)',
  seconds: { full: 240 },
  run: (size) => withTarget((target) => runOperations(target, size)),
}

interface Booking {
  readonly id: string
  version: number
}

interface Workload {
  readonly sender: Sender
  readonly counts: Record<string, number>
  /** Acknowledged operations that changed a booking. */
  changes: number
  remaining: number
  /** On a machine that is too slow the load stops here and the scenario fails. */
  readonly deadline: number
}

async function runOperations(target: Target, size: Size): Promise<Check[]> {
  const attempts = size === 'full' ? 100_000 : 3000
  const seed = seedFromEnv()
  const { overlaps, deadlocks } = consistencyChecks(target)
  const deadlocks_before = await deadlocks()
  const deadline = performance.now() + 220_000
  const workload: Workload = { sender: target.as('admin'), counts: {}, changes: 0, remaining: attempts, deadline }
  const before = await auditRows(target)
  const began = performance.now()
  await Promise.all(Array.from({ length: num_clients }, (_, n) => runClient(workload, createRandom(seed + n))))
  const seconds = (performance.now() - began) / 1000
  const kinds = Object.entries(workload.counts)
  const failed = kinds.filter(([kind]) => Number(kind.slice(0, 3)) >= 500).reduce((sum, [, n]) => sum + n, 0)
  return [
    atLeast(
      'operations',
      kinds.reduce((sum, [, n]) => sum + n, 0),
      attempts,
    ),
    exactly('overlaps', JSON.stringify(await overlaps()), JSON.stringify({ bookings: 0, nights: 0, disagreements: 0 })),
    exactly('answers 5xx', failed, 0),
    exactly('deadlocks (S3)', (await deadlocks()) - deadlocks_before, 0),
    injected('acknowledged changes', workload.changes, attempts * 0.2),
    exactly(
      'audit rows without an acknowledged change (S35)',
      (await auditRows(target)) - before - workload.changes,
      0,
    ),
    ...(size === 'full' ? [info('operations per second', attempts / seconds)] : []),
    info('answers by kind', kinds.map(([kind, n]) => `${n} x ${kind}`).join(', ')),
    info('seed', seed),
  ]
}

/** Audit entries of bookings; new guests have separate entries. */
async function auditRows({ rows }: Target): Promise<number> {
  const [found] = await rows("select count(*)::int as n from audit_log where entity_type = 'booking'")
  return Number(found?.n)
}

async function runClient(workload: Workload, random: () => number): Promise<void> {
  const upTo = (n: number) => Math.floor(random() * n)
  const mine: Booking[] = []
  while (workload.remaining > 0 && performance.now() < workload.deadline) {
    workload.remaining -= 1
    const index = upTo(mine.length)
    const made = mine[index]
    if (made === undefined || random() < 0.6) {
      const answer = await create(workload, random)
      if (answer.status === 201) mine.push({ id: String(answer.body.id), version: Number(answer.body.version) })
    } else if (await changeOne(workload, made, random)) {
      mine.splice(index, 1)
    }
    // Each client keeps at most 20 bookings, so that the properties do not fill up.
    if (mine.length > 20) await send(workload, 'DELETE', `bookings/${mine.shift()?.id}`)
  }
}

function create(workload: Workload, random: () => number): Promise<Answer> {
  const upTo = (n: number) => Math.floor(random() * n)
  const property_id = properties[upTo(properties.length)]?.id ?? ''
  const status = random() < 0.3 ? 'pending' : 'confirmed'
  return send(
    workload,
    'POST',
    'bookings',
    stay(property_id, dayAfter('2031-01-01', upTo(season_days)), 1 + upTo(14), { status }),
  )
}

/** Changes one booking of this client. Returns whether the booking can no longer be changed. */
async function changeOne(workload: Workload, made: Booking, random: () => number): Promise<boolean> {
  const upTo = (n: number) => Math.floor(random() * n)
  const choice = upTo(10)
  if (choice < 2) return (await send(workload, 'DELETE', `bookings/${made.id}`)).status === 204
  if (choice < 4)
    return (await send(workload, 'POST', `bookings/${made.id}/cancellation`, { cancelled_by: 'guest' })).status === 200
  if (choice < 6) {
    await send(workload, 'PATCH', `bookings/${made.id}/status`, { status: 'confirmed' }, made)
    return false
  }
  const check_in = dayAfter('2031-01-01', upTo(season_days))
  const dates = { check_in, check_out: dayAfter(check_in, 1 + upTo(14)) }
  const patch = random() < 0.5 ? { property_id: properties[upTo(properties.length)]?.id, ...dates } : dates
  await send(workload, 'PATCH', `bookings/${made.id}`, patch, made)
  return false
}

/** Counts the answer. A success with an unchanged version is not a change. */
async function send(workload: Workload, method: string, path: string, body?: object, made?: Booking): Promise<Answer> {
  const answer = await workload.sender.send(method, path, body)
  for (const [kind, n] of Object.entries(countByKind([answer])))
    workload.counts[kind] = (workload.counts[kind] ?? 0) + n
  if (answer.status >= 300) return answer
  const version = Number(answer.body.version)
  if (made === undefined || version > made.version) workload.changes += 1
  if (made !== undefined) made.version = version
  return answer
}
