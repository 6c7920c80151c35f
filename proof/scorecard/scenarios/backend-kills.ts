// S6: database sessions are killed 25 times a second and the server crashes three times, while every key is sent by three
// clients at once.
import { setTimeout as delay } from 'node:timers/promises'
import { apiRole } from '../../../test/api-role.ts'
import { keyedBookings, verdictOf } from '../environment/bookings.ts'
import { type Stage, withStage } from '../environment/environment.ts'
import { exactly, fired, type Measure, told } from '../scenario.ts'

export const backendKills: Measure = {
  id: 'S6',
  title: 'Database sessions killed 25 times a second, 3 crashes; 3 clients per key',
  seconds: { full: 90, quick: 20 },
  run: (size) =>
    withStage(async (stage) => {
      const keys = size === 'full' ? 3000 : 300
      const api = await stage.serve()
      const token = await stage.token('staff')
      const load = keyedBookings({ address: () => api.address, token, keys, senders: 3 })
      let is_over = false
      const done = load.done.finally(() => {
        is_over = true
      })
      let crashes = 0
      const crashing = (async () => {
        for (const share of [0.2, 0.5, 0.8]) {
          while (load.finished() < keys * share && !is_over) await delay(5)
          await stage.cluster.stopImmediate()
          crashes += 1
          await stage.cluster.start()
        }
      })()
      let killed = 0
      while (!is_over) {
        await delay(40)
        killed += await killOne(stage)
      }
      await Promise.all([done, crashing])
      return [
        fired('sessions killed', killed, keys / 30),
        fired('server crashes', crashes, 3),
        ...(await verdictOf(stage, load)),
        exactly('API processes that ended', api.isRunning() ? 0 : 1, 0),
        exactly('sessions left idle in a transaction', await idleInTransaction(stage), 0),
        told('sessions killed', killed),
      ]
    }),
}

/** Any session of the API, whatever it is doing just now; the server itself may be away. */
async function killOne({ owner }: Stage): Promise<number> {
  try {
    const { rows } = await owner.query(
      `select pg_terminate_backend(pid) as is_killed from (
         select pid from pg_stat_activity where usename = $1 order by random() limit 1) one`,
      [apiRole],
    )
    return rows.filter(({ is_killed }) => is_killed === true).length
  } catch {
    return 0
  }
}

async function idleInTransaction({ owner }: Stage): Promise<number> {
  const { rows } = await owner.query(
    "select count(*)::int as n from pg_stat_activity where usename = $1 and state like 'idle in transaction%'",
    [apiRole],
  )
  return Number(rows[0]?.n)
}
