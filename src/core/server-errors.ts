// 5xx: a bug of ours, or something we need is down. Nothing was changed unless the code says so. Part of THE taxonomy.
import { define } from './app-error.ts'

export class InternalError extends define(
  'INTERNAL_ERROR',
  500,
  'Something went wrong on our side.',
  'A bug. The log holds the cause under the request_id.',
  'Tell the operator the request_id.',
) {}
export class DatabaseUnavailableError extends define(
  'DB_UNAVAILABLE',
  503,
  'The database cannot be reached.',
  'The database is down, restarting, read-only or out of resources. Nothing was changed.',
  'Send the request again after Retry-After.',
) {}
export class PoolExhaustedError extends define(
  'POOL_EXHAUSTED',
  503,
  'All database connections are busy.',
  'No connection became free in time. Nothing was changed.',
  'Send the request again after Retry-After.',
) {}
export class OverloadedError extends define(
  'OVERLOADED',
  503,
  'The service is overloaded.',
  'The process has more to do than it can: lists and exports are refused first, changes with an Idempotency-Key last. Or answers that have not been read take all the memory that one person, or everybody together, may use.',
  'Read the answers that are due, then send the request again after Retry-After, a change best with an Idempotency-Key.',
) {}
export class QueryTimeoutError extends define(
  'QUERY_TIMEOUT',
  503,
  'The database took too long.',
  'A statement ran into its time limit and was rolled back.',
  'Send the request again after Retry-After, or ask for less.',
) {}
export class LockTimeoutError extends define(
  'LOCK_TIMEOUT',
  503,
  'Another change holds a lock.',
  'A lock was not free within its time limit. Nothing was changed.',
  'Send the request again after Retry-After.',
) {}
export class TxContentionError extends define(
  'TX_CONTENTION',
  503,
  'Too many changes at once.',
  'The transaction lost against others three times, or too many changes of the same property or booking are waiting. Nothing was changed.',
  'Send the request again after Retry-After.',
) {}
export class CommitUnknownError extends define(
  'COMMIT_UNKNOWN',
  503,
  'The connection broke while the change was being saved.',
  'The answer to COMMIT was lost: the change may or may not have been saved.',
  'Read the record first; send the request again only if it is not there.',
) {}
export class SchemaDriftError extends define(
  'SCHEMA_DRIFT',
  503,
  'The database does not have the schema this version needs.',
  'A table, column or function is missing: migrations have not been applied.',
  'The operator runs: roost migrate up.',
) {}
export class TenancyFindingsError extends define(
  'TENANCY_FINDINGS',
  503,
  'The tenancy audit has findings.',
  'Only GET /health/ready answers it: the database lacks something that keeps agencies apart, so this process should get no requests.',
  'The operator runs: roost verify tenancy --explain.',
) {}
export class DatabaseUnsuitableError extends define(
  'DATABASE_UNSUITABLE',
  503,
  'The database server is not set up as Roost needs it.',
  'Only GET /health/ready answers it: the server is a read-only replica, its transactions only read, it is not UTF-8, or it does not check foreign keys. The message says which.',
  'The operator runs: roost doctor.',
) {}
export class IdentityUnavailableError extends define(
  'IDENTITY_UNAVAILABLE',
  503,
  'The identity provider cannot be reached.',
  'The signing keys (JWT_JWKS_URL) could not be fetched, so the token cannot be checked.',
  'Send the request again after Retry-After.',
) {}
export class ShuttingDownError extends define(
  'SHUTTING_DOWN',
  503,
  'This process is shutting down.',
  'The process was asked to stop and takes no new work.',
  'Send the request again; another process will answer.',
) {}
