// The triggers of each documented error, and why some errors have none here.
import type { Triggers } from './environment.ts'
import { record_triggers } from './record-triggers.ts'
import { request_triggers } from './request-triggers.ts'

/** By error code, in order of preference. */
export const triggers: Triggers = { ...request_triggers, ...record_triggers }

/** The test suite triggers these in its own process, with proof/contract. */
const inside = [
  'COMMIT_UNKNOWN',
  'DB_UNAVAILABLE',
  'EXPORT_IN_PROGRESS',
  'FEATURE_DISABLED',
  'IDENTITY_UNAVAILABLE',
  'IMPORT_IN_PROGRESS',
  'MEDIA_UNAVAILABLE',
  'INTERNAL_ERROR',
  'OVERLOADED',
  'POOL_EXHAUSTED',
  'QUERY_TIMEOUT',
  'SCHEMA_DRIFT',
  'SHUTTING_DOWN',
  'TX_CONTENTION',
]

/** By error code: why it is not triggered, and what tests it instead. */
export const not_triggered: Readonly<Record<string, string>> = {
  TENANCY_FINDINGS: 'needs a database that does not keep agencies apart; tested by src/core/tenancy/watch.test.ts',
  DATABASE_UNSUITABLE: 'needs a server with other settings; tested by src/core/health.test.ts',
  ...Object.fromEntries(
    inside.map((code) => [
      code,
      'needs a fault or a test route inside the process; tested by test/sweeps/contract.test.ts',
    ]),
  ),
}
