// The scenarios in the order they run.

import { fuzz } from './fuzz/fuzz.ts'
import { model } from './model/model.ts'
import type { Scenario } from './scenario.ts'
import { accountTakeover } from './scenarios/account-takeover.ts'
import { apiKills } from './scenarios/api-kills.ts'
import { authorisationGap } from './scenarios/authorisation-gap.ts'
import { backendKills } from './scenarios/backend-kills.ts'
import { coldStart } from './scenarios/cold-start.ts'
import { concurrentMigrations } from './scenarios/concurrent-migrations.ts'
import { crashCheck } from './scenarios/crash-check.ts'
import { crossTenant } from './scenarios/cross-tenant.ts'
import { erasure } from './scenarios/erasure.ts'
import { forgedTokens } from './scenarios/forged-tokens.ts'
import { frozenDatabase } from './scenarios/frozen-database.ts'
import { hotProperty } from './scenarios/hot-property.ts'
import { localFiles } from './scenarios/local-files.ts'
import { lostCommits } from './scenarios/lost-commits.ts'
import { memory } from './scenarios/memory.ts'
import { migrationsUnderLoad } from './scenarios/migrations-under-load.ts'
import { mixedBookings } from './scenarios/mixed-bookings.ts'
import { noisyNeighbour } from './scenarios/noisy-neighbour.ts'
import { operatorSettings } from './scenarios/operator-settings.ts'
import { overload } from './scenarios/overload.ts'
import { pgbouncer } from './scenarios/pgbouncer.ts'
import { poolExhausted } from './scenarios/pool-exhausted.ts'
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
import { stoppedDatabase } from './scenarios/stopped-database.ts'
import { audit, isolation, mutation } from './scenarios/tenancy.ts'
import { reads, writes } from './scenarios/throughput.ts'
import { unreadAnswers } from './scenarios/unread-answers.ts'
import { withoutDatabase } from './scenarios/without-database.ts'
import { workerKills } from './scenarios/worker-kills.ts'
import { worstBody } from './scenarios/worst-body.ts'

/** Concurrent and hostile clients. */
const attacks: readonly Scenario[] = [
  sameNight,
  mixedBookings,
  hotProperty,
  fuzz,
  rawSockets,
  worstBody,
  crossTenant,
  roleMatrix,
  forgedTokens,
  accountTakeover,
  withoutDatabase,
  slowClients,
  unreadAnswers,
  sqlstates,
  sameKey,
  erasure,
  model,
  signInFlood,
  authorisationGap,
]

/** Performance under load. The machine must be otherwise idle. */
const loads: readonly Scenario[] = [reads, writes, overload, noisyNeighbour, memory]

export const scenarios: readonly Scenario[] = [
  isolation,
  audit,
  mutation,
  ...attacks,
  ...loads,
  apiKills,
  backendKills,
  lostCommits,
  fastRestarts,
  crashes,
  stoppedDatabase,
  frozenDatabase,
  redisFaults,
  poolExhausted,
  sigterm,
  workerKills,
  migrationsUnderLoad,
  schemaChanges,
  operatorSettings,
  concurrentMigrations,
  crashCheck,
  localFiles,
  coldStart,
  pgbouncer,
]
