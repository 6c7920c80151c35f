// S36: from the start of the process to the first answer of /health/ready.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../../test/until.ts'
import { withStage } from '../environment/environment.ts'
import { isReady, startRoost } from '../environment/roost-process.ts'
import { atMost, fired, type Measure, told } from '../scenario.ts'

export const coldStart: Measure = {
  id: 'S36',
  title: 'Cold start until ready',
  seconds: { full: 30 },
  run: () =>
    withStage(async (stage) => {
      const starts = 5
      const cold: number[] = []
      const warm: number[] = []
      for (let n = 0; n < starts; n += 1) {
        // Nothing compiled before: as on a new machine. The second start finds it.
        const empty = await mkdtemp(join(tmpdir(), 'roost-cold-'))
        for (const times of [cold, warm]) {
          const began = performance.now()
          const env = { ...stage.env, XDG_CACHE_HOME: empty, MIGRATE_ON_START: 'on', WORKER: 'inline' }
          const api = await startRoost({ env, unready: true })
          await until(() => isReady(api.address))
          times.push(performance.now() - began)
          await api.kill()
        }
        await rm(empty, { recursive: true, force: true })
      }
      return [
        fired('starts', cold.length, starts),
        atMost('slowest cold start', Math.max(...cold), 2000, ' ms'),
        told('fastest cold start, ms', Math.min(...cold)),
        told('slowest start with what was compiled before, ms', Math.max(...warm)),
      ]
    }),
}
