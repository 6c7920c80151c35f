// D9: lock waiters take the connections that one agency may use, then the whole pool.
import { randomUUID } from 'node:crypto'
import { percentile } from '../../../src/commands/verify/overlap/statistics.ts'
import { type Answer, createSender, type Sender } from '../../../test/sender.ts'
import { until } from '../../../test/until.ts'
import { withConnection } from '../environment/connect.ts'
import { type Environment, withEnvironment } from '../environment/environment.ts'
import { formatCounts, stay } from '../environment/keyed-bookings.ts'
import { countLockWaits } from '../environment/lock-waits.ts'
import { database, seededProperties } from '../environment/seed.ts'
import { countByKind } from '../environment/steady-load.ts'
import { atMost, type Check, exactly, info, injected, type Scenario } from '../scenario.ts'

const pool_size = 10
const queue_size = 200
/** Connections of the pool that one agency may use (src/core/postgres/tenant-limiter.ts). */
const agency_limit = 8
/** The lock timeout of the service: waiting requests hold their connections this long. */
const lock_timeout_ms = 2000

/** On a slow machine the first lock timeouts free connections before all are taken; the scenario then tries again. */
const max_attempts = 10

export const poolExhausted: Scenario = {
  id: 'D9',
  title: 'All 10 pool connections in use',
  seconds: { full: 15, quick: 8 },
  run: (size) =>
    withEnvironment(async (environment) => {
      // In CI load shedding is off, so that only the pool refuses requests.
      const more = size === 'quick' ? { MAX_LOOP_DELAY: 'off' } : {}
      const api = await environment.serve({ DATABASE_POOL_SIZE: String(pool_size), ...more })
      const senderOf = async (name: 'staff' | 'outsider') => {
        const sender = createSender(api.address, await environment.token(name))
        environment.defer(() => sender.close())
        return sender
      }
      const [sender, other] = [await senderOf('staff'), await senderOf('outsider')]
      const read = () => sender.send('GET', `properties/${seededProperties.north[0]?.id}`)
      await Promise.all(Array.from({ length: pool_size }, read))
      let result = await exhaust(environment, sender, other)
      for (let n = 1; n < max_attempts && !result.was_full; n += 1) result = await exhaust(environment, sender, other)
      return checksOf(result)
    }),
}

interface Result {
  /** All connections stayed in use from before the first request queued until after the last was refused. */
  readonly was_full: boolean
  readonly taken: number
  readonly other_agency: Answer
  readonly held: readonly Answer[]
  readonly queued: readonly Answer[]
  readonly overflow: readonly Answer[]
  readonly live: Answer
}

/** Occupies all connections with requests that wait for a lock, then sends more requests. */
async function exhaust(environment: Environment, sender: Sender, other: Sender): Promise<Result> {
  const countWaiting = () => countLockWaits(environment)
  const read = () => sender.send('GET', `properties/${seededProperties.north[0]?.id}`)
  const hold = (by: Sender, count: number) => Array.from({ length: count }, () => by.send('GET', 'bookings?limit=1'))
  // Writes are refused as soon as the queue is full; reads may wait before they are queued.
  const book = (n: number) => sender.send('POST', 'bookings', stay(n), { 'idempotency-key': randomUUID() })

  return withConnection(environment.cluster.urlOf(database), async (locker) => {
    await locker.query('begin')
    await locker.query('lock table bookings in access exclusive mode')
    const holding = hold(sender, agency_limit)
    await until(async () => (await countWaiting()) === agency_limit, lock_timeout_ms).catch(() => {})
    const other_agency = await other.send('GET', `properties/${seededProperties.south[0]?.id}`)
    holding.push(...hold(other, pool_size - agency_limit))
    await until(async () => (await countWaiting()) === pool_size, lock_timeout_ms).catch(() => {})
    const taken = await countWaiting()
    const queued = Array.from({ length: queue_size }, read)
    await waitUntilRead(sender)
    const overflow: Answer[] = []
    for (let n = 0; n < 20; n += 1) overflow.push(await book(n))
    const live = await sender.send('GET', '/health/live')
    const waited = await Promise.all(queued)
    const was_full = taken === pool_size && (await countWaiting()) === pool_size
    const held = await Promise.all(holding)
    await locker.query('rollback')
    await until(async () => (await read()).status === 200)
    return { was_full, taken, other_agency, held, queued: waited, overflow, live }
  })
}

function checksOf({ was_full, taken, other_agency, held, queued, overflow, live }: Result): Check[] {
  const durationsOf = (answers: readonly Answer[]) => answers.map(({ began, ended }) => ended - began)
  const countOthers = (answers: readonly Answer[], code: string) =>
    answers.filter((answer) => answer.code !== code || answer.headers['retry-after'] === undefined).length
  return [
    injected('connections in use', taken, pool_size),
    injected('all connections in use until the end', was_full ? 1 : 0),
    exactly('status for another agency while one uses its limit', other_agency.status, 200),
    exactly('lock waiters: answers other than 503 LOCK_TIMEOUT with Retry-After', countOthers(held, 'LOCK_TIMEOUT'), 0),
    atMost('lock waiters: slowest answer', Math.max(...durationsOf(held)), 4900, ' ms'),
    exactly('queued: answers other than 503 POOL_EXHAUSTED with Retry-After', countOthers(queued, 'POOL_EXHAUSTED'), 0),
    atMost('queued: median answer', percentile(durationsOf(queued), 0.5), 1200, ' ms'),
    exactly(
      'queue full: answers other than 503 POOL_EXHAUSTED with Retry-After',
      countOthers(overflow, 'POOL_EXHAUSTED'),
      0,
    ),
    atMost('queue full: median answer', percentile(durationsOf(overflow), 0.5), 50, ' ms'),
    exactly('status of /health/live', live.status, 200),
    info('queue full: answers by kind', formatCounts(countByKind(overflow))),
  ]
}

/** Waits for answers that show that the service has read the requests sent before. */
async function waitUntilRead(sender: Sender): Promise<void> {
  for (let n = 0; n < 10; n += 1) await sender.send('GET', '/health/live')
}
