// D9: every connection of the pool is taken by requests that wait for a lock: first those that one agency may have, then the rest.
import { randomUUID } from 'node:crypto'
import { percentile } from '../../../src/commands/verify/overlap/counting.ts'
import { type Answer, createSender, type Sender } from '../../../test/sender.ts'
import { until } from '../../../test/until.ts'
import { describe, stay } from '../environment/bookings.ts'
import { onServer } from '../environment/connect.ts'
import { type Stage, withStage } from '../environment/environment.ts'
import { database, homes } from '../environment/seed.ts'
import { kindsOf } from '../environment/steady.ts'
import { atMost, type Check, exactly, fired, type Measure, told } from '../scenario.ts'

const pool_size = 10
const queue = 200
/** What one agency may have of the pool (src/core/postgres/tenant-limiter.ts). */
const share = 8
/** How long whoever waits for a lock holds a connection. */
const patience_ms = 2000

/** A machine that is too busy frees connections, by their time limits, before all are taken: then once more. */
const attempts = 10

export const poolExhausted: Measure = {
  id: 'D9',
  title: 'All 10 connections taken: who waits, who is refused',
  seconds: { full: 15, quick: 8 },
  run: (size) =>
    withStage(async (stage) => {
      // In CI a busy machine must not have requests refused for the event loop: here it is the pool that refuses.
      const more = size === 'quick' ? { MAX_LOOP_DELAY: 'off' } : {}
      const api = await stage.serve({ DATABASE_POOL_SIZE: String(pool_size), ...more })
      const senderOf = async (name: 'staff' | 'outsider') => {
        const sender = createSender(api.address, await stage.token(name))
        stage.defer(() => sender.close())
        return sender
      }
      const [sender, other] = [await senderOf('staff'), await senderOf('outsider')]
      const read = () => sender.send('GET', `properties/${homes.north[0]?.id}`)
      await Promise.all(Array.from({ length: pool_size }, read))
      let found = await exhaust(stage, sender, other)
      for (let n = 1; n < attempts && !found.was_full; n += 1) found = await exhaust(stage, sender, other)
      return checksOf(found)
    }),
}

interface Found {
  /** All connections were taken, from before the first request waited until after the last was refused. */
  readonly was_full: boolean
  readonly taken: number
  readonly beside: Answer
  readonly held: readonly Answer[]
  readonly queued: readonly Answer[]
  readonly overflow: readonly Answer[]
  readonly live: Answer
}

/** Takes all connections with requests that wait for a lock, and asks for more. */
async function exhaust(stage: Stage, sender: Sender, other: Sender): Promise<Found> {
  const waiting = "select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'"
  const areWaiting = async () => Number((await stage.owner.query(waiting)).rows[0]?.n)
  const read = () => sender.send('GET', `properties/${homes.north[0]?.id}`)
  const hold = (by: Sender, count: number) => Array.from({ length: count }, () => by.send('GET', 'bookings?limit=1'))
  // Changes: a read would be asked to wait outside as soon as background work is one more in the line.
  const book = (n: number) => sender.send('POST', 'bookings', stay(n), { 'idempotency-key': randomUUID() })

  return onServer(stage.cluster.urlOf(database), async (locker) => {
    await locker.query('begin')
    await locker.query('lock table bookings in access exclusive mode')
    const holding = hold(sender, share)
    await until(async () => (await areWaiting()) === share, patience_ms).catch(() => {})
    const beside = await other.send('GET', `properties/${homes.south[0]?.id}`)
    holding.push(...hold(other, pool_size - share))
    await until(async () => (await areWaiting()) === pool_size, patience_ms).catch(() => {})
    const taken = await areWaiting()
    const queued = Array.from({ length: queue }, read)
    await allQueued(sender)
    const overflow: Answer[] = []
    for (let n = 0; n < 20; n += 1) overflow.push(await book(n))
    const live = await sender.send('GET', '/health/live')
    const waited = await Promise.all(queued)
    const was_full = taken === pool_size && (await areWaiting()) === pool_size
    const held = await Promise.all(holding)
    await locker.query('rollback')
    await until(async () => (await read()).status === 200)
    return { was_full, taken, beside, held, queued: waited, overflow, live }
  })
}

function checksOf({ was_full, taken, beside, held, queued, overflow, live }: Found): Check[] {
  const timesOf = (answers: readonly Answer[]) => answers.map(({ began, ended }) => ended - began)
  const others = (answers: readonly Answer[], code: string) =>
    answers.filter((answer) => answer.code !== code || answer.headers['retry-after'] === undefined).length
  return [
    fired('connections taken', taken, pool_size),
    fired('all the time', was_full ? 1 : 0),
    exactly('another agency beside the share of one', beside.status, 200),
    exactly('waited for the lock: not 503 LOCK_TIMEOUT with Retry-After', others(held, 'LOCK_TIMEOUT'), 0),
    atMost('slowest of those', Math.max(...timesOf(held)), 4900, ' ms'),
    exactly('waited for a connection: not 503 POOL_EXHAUSTED', others(queued, 'POOL_EXHAUSTED'), 0),
    atMost('median wait of those', percentile(timesOf(queued), 0.5), 1200, ' ms'),
    exactly('queue full: not 503 POOL_EXHAUSTED', others(overflow, 'POOL_EXHAUSTED'), 0),
    atMost('median answer when the queue is full', percentile(timesOf(overflow), 0.5), 50, ' ms'),
    exactly('/health/live', live.status, 200),
    told('what clients were told then', describe(kindsOf(overflow))),
  ]
}

/** An answer of the process behind the requests sent before: by then it has read them. */
async function allQueued(sender: Sender): Promise<void> {
  for (let n = 0; n < 10; n += 1) await sender.send('GET', '/health/live')
}
