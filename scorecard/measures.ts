// The measures in the order they run; each stands in a file of its own in measures/.

import { fuzz } from './fuzz/fuzz.ts'
import type { Measure } from './measure.ts'
import { accountStories } from './measures/account-stories.ts'
import { apiKills } from './measures/api-kills.ts'
import { authorisationGap } from './measures/authorisation-gap.ts'
import { backendKills } from './measures/backend-kills.ts'
import { bystanders } from './measures/bystanders.ts'
import { coldStart } from './measures/cold-start.ts'
import { crashCheck } from './measures/crash-check.ts'
import { crossTenant } from './measures/cross-tenant.ts'
import { erasure } from './measures/erasure.ts'
import { forgedTokens } from './measures/forged-tokens.ts'
import { idleReaders } from './measures/idle-readers.ts'
import { localFiles } from './measures/local-files.ts'
import { lostCommits } from './measures/lost-commits.ts'
import { memory } from './measures/memory.ts'
import { migrationsUnderLoad, migratorsAtOnce } from './measures/migrations.ts'
import { mixedBookings } from './measures/mixed-bookings.ts'
import { noisyNeighbour } from './measures/noisy-neighbour.ts'
import { operatorSettings } from './measures/operator-settings.ts'
import { frozen, stopped } from './measures/outages.ts'
import { overload } from './measures/overload.ts'
import { pgbouncer } from './measures/pgbouncer.ts'
import { poolExhausted } from './measures/pool.ts'
import { rawSockets } from './measures/raw-requests.ts'
import { redisFaults } from './measures/redis.ts'
import { crashes, fastRestarts } from './measures/restarts.ts'
import { roleMatrix } from './measures/roles.ts'
import { sameKey } from './measures/same-key.ts'
import { sameNight } from './measures/same-night.ts'
import { schemaChanges } from './measures/schema-changes.ts'
import { signInFlood } from './measures/sign-in-flood.ts'
import { sigterm } from './measures/sigterm.ts'
import { slowClients } from './measures/slow-clients.ts'
import { sqlstates } from './measures/sqlstates.ts'
import { audit, mutation, proof } from './measures/tenancy.ts'
import { reads, writes } from './measures/throughput.ts'
import { withoutDatabase } from './measures/without-database.ts'
import { workerKills } from './measures/worker-kills.ts'
import { worstBody } from './measures/worst-body.ts'
import { model } from './model/model.ts'

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
