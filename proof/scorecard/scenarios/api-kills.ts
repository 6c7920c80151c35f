// S5: the API process is killed (SIGKILL) repeatedly while clients create bookings.
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../../test/until.ts'
import { withEnvironment } from '../environment/environment.ts'
import { checkBookings, startKeyedBookings } from '../environment/keyed-bookings.ts'
import { exactly, injected, type Scenario } from '../scenario.ts'

export const apiKills: Scenario = {
  id: 'S5',
  title: 'API killed (SIGKILL) under load; clients retry with their keys',
  seconds: { full: 150, quick: 20 },
  run: (size) =>
    withEnvironment(async (environment) => {
      const rounds = size === 'full' ? 50 : 5
      const keys = rounds * 40
      const api = await environment.serve()
      const load = startKeyedBookings({
        address: () => api.address,
        token: await environment.token('staff'),
        keys,
        senders: 2,
      })
      let kills = 0
      let kills_under_load = 0
      while (kills < rounds) {
        const before = load.finished()
        await until(() => load.finished() > before || before === keys)
        // A random moment during the load.
        await delay(Math.random() * 300)
        if (load.finished() < keys) kills_under_load += 1
        if ((await api.kill()).signal === 'SIGKILL') kills += 1
        await api.start()
      }
      await load.done
      return [
        injected('API processes killed', kills, rounds),
        injected('API processes killed while requests were in progress', kills_under_load, Math.ceil(rounds / 2)),
        ...(await checkBookings(environment, load)),
        exactly('answers other than 201, 409 and 503', countUnexpected(load.outcomes), 0),
      ]
    }),
}

const countUnexpected = (outcomes: Readonly<Record<string, number>>) =>
  Object.entries(outcomes).reduce(
    (sum, [kind, n]) => (/^[2-5]\d\d/.test(kind) && !/^(201|503|409)/.test(kind) ? sum + n : sum),
    0,
  )
