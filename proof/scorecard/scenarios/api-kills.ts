// S5: the API process is killed (kill -9) again and again while clients book.
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../../test/until.ts'
import { keyedBookings, verdictOf } from '../environment/bookings.ts'
import { withStage } from '../environment/environment.ts'
import { exactly, fired, type Measure } from '../scenario.ts'

export const apiKills: Measure = {
  id: 'S5',
  title: 'API killed (kill -9) under load, clients retry with their keys',
  seconds: { full: 150, quick: 20 },
  run: (size) =>
    withStage(async (stage) => {
      const rounds = size === 'full' ? 50 : 5
      const keys = rounds * 40
      const api = await stage.serve()
      const load = keyedBookings({ address: () => api.address, token: await stage.token('staff'), keys, senders: 2 })
      let kills = 0
      let working_kills = 0
      while (kills < rounds) {
        const before = load.finished()
        await until(() => load.finished() > before || before === keys)
        // Somewhere in the middle of the work, never at the same place.
        await delay(Math.random() * 300)
        if (load.finished() < keys) working_kills += 1
        if ((await api.kill()).signal === 'SIGKILL') kills += 1
        await api.start()
      }
      await load.done
      return [
        fired('API processes killed', kills, rounds),
        fired('of them while bookings were being made', working_kills, Math.ceil(rounds / 2)),
        ...(await verdictOf(stage, load)),
        exactly('answers that are neither a success nor 503 nor 409', others(load.told), 0),
      ]
    }),
}

const others = (told: Readonly<Record<string, number>>) =>
  Object.entries(told).reduce(
    (sum, [kind, n]) => (/^[2-5]\d\d/.test(kind) && !/^(201|503|409)/.test(kind) ? sum + n : sum),
    0,
  )
