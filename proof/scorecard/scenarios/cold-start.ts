// S36: time from process start until /health/ready answers 200.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../../test/until.ts'
import { withEnvironment } from '../environment/environment.ts'
import { isReady, startRoost } from '../environment/roost-process.ts'
import { atMost, info, injected, type Scenario } from '../scenario.ts'

export const coldStart: Scenario = {
  id: 'S36',
  title: 'Cold start until ready',
  seconds: { full: 30 },
  run: () =>
    withEnvironment(async (environment) => {
      const starts = 5
      const cold: number[] = []
      const warm: number[] = []
      for (let n = 0; n < starts; n += 1) {
        // The compile cache is empty at the first start and filled at the second.
        const cache_dir = await mkdtemp(join(tmpdir(), 'roost-cold-'))
        for (const times of [cold, warm]) {
          const began = performance.now()
          const env = { ...environment.env, XDG_CACHE_HOME: cache_dir, MIGRATE_ON_START: 'on', WORKER: 'inline' }
          const api = await startRoost({ env, unready: true })
          await until(() => isReady(api.address))
          times.push(performance.now() - began)
          await api.kill()
        }
        await rm(cache_dir, { recursive: true, force: true })
      }
      return [
        injected('starts', cold.length, starts),
        atMost('slowest cold start', Math.max(...cold), 2000, ' ms'),
        info('fastest cold start, ms', Math.min(...cold)),
        info('slowest start with compile cache, ms', Math.max(...warm)),
      ]
    }),
}
