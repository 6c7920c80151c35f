// Server errors (5xx). Nothing was changed unless the code says so.
import { defineError } from './app-error.ts'

export class InternalError extends defineError(
  'INTERNAL_ERROR',
  500,
  'An internal error occurred.',
  'A bug in Roost. The log contains the cause with the request_id.',
  'Report the request_id to the operator.',
) {}
export class DatabaseUnavailableError extends defineError(
  'DB_UNAVAILABLE',
  503,
  'The database cannot be reached.',
  'The database is down, restarting, read-only or out of resources. Nothing was changed.',
  'Send the request again after Retry-After.',
) {}
export class PoolExhaustedError extends defineError(
  'POOL_EXHAUSTED',
  503,
  'All database connections are busy.',
  'No connection became free in time. Nothing was changed.',
  'Send the request again after Retry-After.',
) {}
export class OverloadedError extends defineError(
  'OVERLOADED',
  503,
  'The service is overloaded.',
  'The process is overloaded: lists and exports are refused first, requests with an Idempotency-Key last. Or unread responses use all the memory that is available for one user or for all users.',
  'Read all pending responses, then send the request again after Retry-After. Use an Idempotency-Key for changes.',
) {}
export class QueryTimeoutError extends defineError(
  'QUERY_TIMEOUT',
  503,
  'The database took too long.',
  'A statement exceeded its time limit and was rolled back.',
  'Send the request again after Retry-After, or request less data.',
) {}
export class LockTimeoutError extends defineError(
  'LOCK_TIMEOUT',
  503,
  'Another change holds a lock.',
  'A lock was not released within the time limit. Nothing was changed.',
  'Send the request again after Retry-After.',
) {}
export class TxContentionError extends defineError(
  'TX_CONTENTION',
  503,
  'Too many concurrent changes.',
  'The transaction conflicted with others three times, or too many changes of the same property or booking are waiting. Nothing was changed.',
  'Send the request again after Retry-After.',
) {}
export class CommitUnknownError extends defineError(
  'COMMIT_UNKNOWN',
  503,
  'The connection failed while the change was being saved.',
  'The result of COMMIT is unknown: the change may or may not have been saved.',
  'Read the record first. Send the request again only if the change was not saved.',
) {}
export class MediaUnavailableError extends defineError(
  'MEDIA_UNAVAILABLE',
  503,
  'The store of pictures cannot be reached.',
  'The folder or the service in which pictures are stored does not answer, or is full.',
  'Send the request again after Retry-After.',
) {}
export class SchemaDriftError extends defineError(
  'SCHEMA_DRIFT',
  503,
  'The database does not have the schema that this version requires.',
  'A table, column or function is missing because migrations have not been applied.',
  'The operator runs: roost migrate up.',
) {}
export class TenancyFindingsError extends defineError(
  'TENANCY_FINDINGS',
  503,
  'The tenancy audit has findings.',
  'Only GET /health/ready returns it: the isolation of agencies in the database is incomplete, so this process must not get requests.',
  'The operator runs: roost verify tenancy --explain.',
) {}
export class DatabaseUnsuitableError extends defineError(
  'DATABASE_UNSUITABLE',
  503,
  'The database server is not configured as Roost requires.',
  'Only GET /health/ready returns it: the server is a read-only replica, its transactions are read-only by default, its encoding is not UTF-8, or it does not check foreign keys. The message says which.',
  'The operator runs: roost doctor.',
) {}
export class IdentityUnavailableError extends defineError(
  'IDENTITY_UNAVAILABLE',
  503,
  'The identity provider cannot be reached.',
  'The signing keys (JWT_JWKS_URL) could not be fetched, so the token cannot be checked.',
  'Send the request again after Retry-After.',
) {}
export class ShuttingDownError extends defineError(
  'SHUTTING_DOWN',
  503,
  'This process is shutting down.',
  'The process is stopping and accepts no new requests.',
  'Send the request again; another process will handle it.',
) {}
