// The measures in the order they run; each stands in a file of its own in measures/.
import type { Measure } from './measure.ts'
import { apiKills } from './measures/api-kills.ts'
import { backendKills } from './measures/backend-kills.ts'
import { coldStart } from './measures/cold-start.ts'
import { crashCheck } from './measures/crash-check.ts'
import { lostCommits } from './measures/lost-commits.ts'
import { migrationsUnderLoad, migratorsAtOnce } from './measures/migrations.ts'
import { frozen, stopped } from './measures/outages.ts'
import { pgbouncer } from './measures/pgbouncer.ts'
import { poolExhausted } from './measures/pool.ts'
import { redisFaults } from './measures/redis.ts'
import { crashes, fastRestarts } from './measures/restarts.ts'
import { sigterm } from './measures/sigterm.ts'
import { audit, mutation, proof } from './measures/tenancy.ts'
import { workerKills } from './measures/worker-kills.ts'

export const measures: readonly Measure[] = [
  proof,
  audit,
  mutation,
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
  migrationsUnderLoad,
  migratorsAtOnce,
  crashCheck,
  coldStart,
  pgbouncer,
]
