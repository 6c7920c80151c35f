// S33: the postmaster is killed (kill -9) in the middle of bookings; afterwards every page and index is examined.
import { spawnSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { keyedBookings, verdictOf } from '../environment/bookings.ts'
import { withStage } from '../environment/environment.ts'
import { database } from '../environment/seed.ts'
import { postgresProgram } from '../environment/tools.ts'
import { exactly, fired, type Measure, told } from '../scenario.ts'

export const crashCheck: Measure = {
  id: 'S33',
  title: 'Postmaster killed (kill -9) under load, then pg_amcheck',
  seconds: { full: 60 },
  run: (size) =>
    withStage(async (stage) => {
      const kills_wanted = 3
      const keys = size === 'full' ? 2000 : 300
      const api = await stage.serve()
      const load = keyedBookings({ address: () => api.address, token: await stage.token('staff'), keys })
      let kills = 0
      for (let kill = 1; kill <= kills_wanted; kill += 1) {
        while (load.finished() < (keys * kill) / (kills_wanted + 1)) await delay(5)
        await stage.cluster.killPostmaster()
        kills += 1
        await stage.cluster.start()
      }
      await load.done
      const checks = await verdictOf(stage, load)
      const checked = spawnSync(
        postgresProgram('pg_amcheck'),
        ['--install-missing', '--heapallindexed', '--parent-check', '--progress', stage.cluster.urlOf(database)],
        { encoding: 'utf8' },
      )
      const [, relations = '0'] = /(\d+)\/\d+ relations \(100%\)/.exec(checked.stderr) ?? []
      return [
        fired('postmasters killed', kills, kills_wanted),
        fired('relations examined by pg_amcheck', Number(relations), 50),
        exactly('exit code of pg_amcheck', checked.status ?? -1, 0),
        ...checks,
        told('what pg_amcheck says', checked.stdout.trim().split('\n')[0] || 'nothing'),
      ]
    }),
}
