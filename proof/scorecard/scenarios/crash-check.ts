// S33: the postmaster is killed (SIGKILL) under load; pg_amcheck then examines every table and index.
import { spawnSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { withEnvironment } from '../environment/environment.ts'
import { checkBookings, startKeyedBookings } from '../environment/keyed-bookings.ts'
import { database } from '../environment/seed.ts'
import { postgresProgram } from '../environment/tools.ts'
import { exactly, info, injected, type Scenario } from '../scenario.ts'

export const crashCheck: Scenario = {
  id: 'S33',
  title: 'Postmaster killed (SIGKILL) under load, then pg_amcheck',
  seconds: { full: 60 },
  run: (size) =>
    withEnvironment(async (environment) => {
      const num_kills = 3
      const keys = size === 'full' ? 2000 : 300
      const api = await environment.serve()
      const load = startKeyedBookings({ address: () => api.address, token: await environment.token('staff'), keys })
      let kills = 0
      for (let kill = 1; kill <= num_kills; kill += 1) {
        while (load.finished() < (keys * kill) / (num_kills + 1)) await delay(5)
        await environment.cluster.killPostmaster()
        kills += 1
        await environment.cluster.start()
      }
      await load.done
      const checks = await checkBookings(environment, load)
      const checked = spawnSync(
        postgresProgram('pg_amcheck'),
        ['--install-missing', '--heapallindexed', '--parent-check', '--progress', environment.cluster.urlOf(database)],
        { encoding: 'utf8' },
      )
      const [, relations = '0'] = /(\d+)\/\d+ relations \(100%\)/.exec(checked.stderr) ?? []
      return [
        injected('postmasters killed', kills, num_kills),
        injected('relations examined by pg_amcheck', Number(relations), 50),
        exactly('exit code of pg_amcheck', checked.status ?? -1, 0),
        ...checks,
        info('output of pg_amcheck', checked.stdout.trim().split('\n')[0] || 'none'),
      ]
    }),
}
