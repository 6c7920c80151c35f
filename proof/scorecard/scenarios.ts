// The measures in the order they run; each stands in a file of its own in measures/.

import { fuzz } from './fuzz/fuzz.ts'
import { model } from './model/model.ts'
import type { Measure } from './scenario.ts'
import { accountStories } from './scenarios/account-stories.ts'
import { apiKills } from './scenarios/api-kills.ts'
import { authorisationGap } from './scenarios/authorisation-gap.ts'
import { backendKills } from './scenarios/backend-kills.ts'
import { bystanders } from './scenarios/bystanders.ts'
import { coldStart } from './scenarios/cold-start.ts'
import { crashCheck } from './scenarios/crash-check.ts'
import { crossTenant } from './scenarios/cross-tenant.ts'
import { erasure } from './scenarios/erasure.ts'
import { forgedTokens } from './scenarios/forged-tokens.ts'
import { idleReaders } from './scenarios/idle-readers.ts'
import { localFiles } from './scenarios/local-files.ts'
import { lostCommits } from './scenarios/lost-commits.ts'
import { memory } from './scenarios/memory.ts'
import { migrationsUnderLoad, migratorsAtOnce } from './scenarios/migrations.ts'
import { mixedBookings } from './scenarios/mixed-bookings.ts'
import { noisyNeighbour } from './scenarios/noisy-neighbour.ts'
import { operatorSettings } from './scenarios/operator-settings.ts'
import { frozen, stopped } from './scenarios/outages.ts'
import { overload } from './scenarios/overload.ts'
import { pgbouncer } from './scenarios/pgbouncer.ts'
import { poolExhausted } from './scenarios/pool.ts'
import { rawSockets } from './scenarios/raw-requests.ts'
import { redisFaults } from './scenarios/redis.ts'
import { crashes, fastRestarts } from './scenarios/restarts.ts'
import { roleMatrix } from './scenarios/roles.ts'
import { sameKey } from './scenarios/same-key.ts'
import { sameNight } from './scenarios/same-night.ts'
import { schemaChanges } from './scenarios/schema-changes.ts'
import { signInFlood } from './scenarios/sign-in-flood.ts'
import { sigterm } from './scenarios/sigterm.ts'
import { slowClients } from './scenarios/slow-clients.ts'
import { sqlstates } from './scenarios/sqlstates.ts'
import { audit, mutation, proof } from './scenarios/tenancy.ts'
import { reads, writes } from './scenarios/throughput.ts'
import { withoutDatabase } from './scenarios/without-database.ts'
import { workerKills } from './scenarios/worker-kills.ts'
import { worstBody } from './scenarios/worst-body.ts'

/** Of many clients at once, and of clients who mean harm. */
const attacks: readonly Measure[] = [
  sameNight,
  mixedBookings,
  bystanders,
  fuzz,
  rawSockets,
  worstBody,
  crossTenant,
  roleMatrix,
  forgedTokens,
  accountStories,
  withoutDatabase,
  slowClients,
  idleReaders,
  sqlstates,
  sameKey,
  erasure,
  model,
  signInFlood,
  authorisationGap,
]

/** Nothing else may run beside them. */
const loads: readonly Measure[] = [reads, writes, overload, noisyNeighbour, memory]

export const measures: readonly Measure[] = [
  proof,
  audit,
  mutation,
  ...attacks,
  ...loads,
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
  schemaChanges,
  operatorSettings,
  migratorsAtOnce,
  crashCheck,
  localFiles,
  coldStart,
  pgbouncer,
]
