// D9: every connection of the pool is taken by requests that wait for a lock: first those that one agency may have, then the rest.
import { randomUUID } from 'node:crypto'
import { percentile } from '../../src/commands/verify/overlap/counting.ts'
import { type Answer, createSender, type Sender } from '../../test/sender.ts'
import { until } from '../../test/until.ts'
import { atMost, exactly, fired, type Measure, told } from '../measure.ts'
import { describe, stay } from '../stage/bookings.ts'
import { onServer } from '../stage/connect.ts'
import { database, homes } from '../stage/seed.ts'
import { withStage } from '../stage/stage.ts'
import { kindsOf } from '../stage/steady.ts'

const pool_size = 10
const queue = 200
/** What one agency may have of the pool (src/core/shares.ts). */
const share = 8

export const poolExhausted: Measure = {
  id: 'D9',
  title: 'All 10 connections taken: who waits, who is refused',
  seconds: { full: 15, quick: 8 },
  run: () =>
    withStage(async (stage) => {
      const api = await stage.serve({ DATABASE_POOL_SIZE: String(pool_size) })
      const sender = createSender(api.address, await stage.token('staff'))
      stage.defer(() => sender.close())
      const read = () => sender.send('GET', `properties/${homes.north[0]?.id}`)
      const other = createSender(api.address, await stage.token('outsider'))
      stage.defer(() => other.close())
      await Promise.all(Array.from({ length: pool_size }, read))

      return onServer(stage.cluster.urlOf(database), async (locker) => {
        await locker.query('begin')
        await locker.query('lock table bookings in access exclusive mode')
        // Searches, which share a connection with nobody.
        const hold = (by: Sender, count: number) =>
          Array.from({ length: count }, () => by.send('GET', 'bookings?limit=1&q=nobody'))
        const waiting = "select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'"
        const areWaiting = async () => Number((await stage.owner.query(waiting)).rows[0]?.n)
        const holding = hold(sender, share)
        await until(async () => (await areWaiting()) === share, 5000)
        const beside = await other.send('GET', `properties/${homes.south[0]?.id}`)
        holding.push(...hold(other, pool_size - share))
        await until(async () => (await areWaiting()) === pool_size, 5000)
        const taken = await areWaiting()

        const overflow: Answer[] = []
        const queued = Array.from({ length: queue }, read)
        await allQueued(sender)
        // Changes: a read would be asked to wait outside as soon as background work is one more in the line.
        const book = (n: number) => sender.send('POST', 'bookings', stay(n), { 'idempotency-key': randomUUID() })
        for (let n = 0; n < 20; n += 1) overflow.push(await book(n))
        const live = await sender.send('GET', '/health/live')
        const refused = await Promise.all(queued)
        const held = await Promise.all(holding)
        await locker.query('rollback')
        await until(async () => (await read()).status === 200, 5000)

        const timesOf = (answers: readonly Answer[]) => answers.map(({ began, ended }) => ended - began)
        const others = (answers: readonly Answer[], code: string) =>
          answers.filter((answer) => answer.code !== code || answer.headers['retry-after'] === undefined).length
        return [
          fired('connections taken', taken, pool_size),
          exactly('another agency beside the share of one', beside.status, 200),
          exactly('waited for the lock: not 503 LOCK_TIMEOUT with Retry-After', others(held, 'LOCK_TIMEOUT'), 0),
          exactly('waited for a connection: not 503 POOL_EXHAUSTED', others(refused, 'POOL_EXHAUSTED'), 0),
          atMost('median wait of those', percentile(timesOf(refused), 0.5), 1200, ' ms'),
          exactly('queue full: not 503 POOL_EXHAUSTED', others(overflow, 'POOL_EXHAUSTED'), 0),
          atMost('median answer when the queue is full', percentile(timesOf(overflow), 0.5), 50, ' ms'),
          exactly('/health/live', live.status, 200),
          told('what clients were told then', describe(kindsOf(overflow))),
        ]
      })
    }),
}

/** An answer of the process behind the requests sent before: by then it has read them. */
async function allQueued(sender: Sender): Promise<void> {
  for (let n = 0; n < 10; n += 1) await sender.send('GET', '/health/live')
}
