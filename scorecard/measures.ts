// The measures in the order they run; each stands in a file of its own in measures/.
import type { Measure } from './measure.ts'
import { apiKills } from './measures/api-kills.ts'
import { backendKills } from './measures/backend-kills.ts'
import { lostCommits } from './measures/lost-commits.ts'
import { frozen, stopped } from './measures/outages.ts'
import { poolExhausted } from './measures/pool.ts'
import { redisFaults } from './measures/redis.ts'
import { crashes, fastRestarts } from './measures/restarts.ts'
import { sigterm } from './measures/sigterm.ts'
import { workerKills } from './measures/worker-kills.ts'

export const measures: readonly Measure[] = [
  apiKills,
  backendKills,
  lostCommits,
  fastRestarts,
  crashes,
  stopped,
  frozen,
  redisFaults,
  poolExhausted,
  sigterm,
  workerKills,
]
