// S6: 25 database sessions per second are terminated, and the server crashes three times.
import { setTimeout as delay } from 'node:timers/promises'
import { apiRole } from '../../../test/api-role.ts'
import { type Environment, withEnvironment } from '../environment/environment.ts'
import { checkBookings, startKeyedBookings } from '../environment/keyed-bookings.ts'
import { exactly, info, injected, type Scenario } from '../scenario.ts'

export const backendKills: Scenario = {
  id: 'S6',
  title: '25 database sessions terminated per second, 3 crashes; 3 clients per key',
  seconds: { full: 90, quick: 20 },
  run: (size) =>
    withEnvironment(async (environment) => {
      const keys = size === 'full' ? 3000 : 300
      const api = await environment.serve()
      const token = await environment.token('staff')
      const load = startKeyedBookings({ address: () => api.address, token, keys, senders: 3 })
      let is_over = false
      const done = load.done.finally(() => {
        is_over = true
      })
      let crashes = 0
      const crashing = (async () => {
        for (const share of [0.2, 0.5, 0.8]) {
          while (load.finished() < keys * share && !is_over) await delay(5)
          await environment.cluster.stopImmediate()
          crashes += 1
          await environment.cluster.start()
        }
      })()
      let terminated = 0
      while (!is_over) {
        await delay(40)
        terminated += await terminateOne(environment)
      }
      await Promise.all([done, crashing])
      return [
        injected('sessions terminated', terminated, keys / 30),
        injected('server crashes', crashes, 3),
        ...(await checkBookings(environment, load)),
        exactly('API processes that exited', api.isRunning() ? 0 : 1, 0),
        exactly('sessions left idle in a transaction', await countIdleInTransaction(environment), 0),
        info('sessions terminated', terminated),
      ]
    }),
}

/** Terminates a random session of the API. Returns 0 while the server is down. */
async function terminateOne({ owner }: Environment): Promise<number> {
  try {
    const { rows } = await owner.query(
      `select pg_terminate_backend(pid) as is_terminated from (
         select pid from pg_stat_activity where usename = $1 order by random() limit 1) one`,
      [apiRole],
    )
    return rows.filter(({ is_terminated }) => is_terminated === true).length
  } catch {
    return 0
  }
}

async function countIdleInTransaction({ owner }: Environment): Promise<number> {
  const { rows } = await owner.query(
    "select count(*)::int as n from pg_stat_activity where usename = $1 and state like 'idle in transaction%'",
    [apiRole],
  )
  return Number(rows[0]?.n)
}
