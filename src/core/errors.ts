// THE error taxonomy: one code, one status, one class. docs/errors.md and the OpenAPI responses are generated from it.
import { define } from './app-error.ts'

// --- 400: the request could not be read -------------------------------------------------------------------------
export class BadRequestError extends define(
  'BAD_REQUEST',
  400,
  'The request could not be understood.',
  'The request line, the URL, a header or the framing of the request is malformed.',
  'Correct the request; most HTTP libraries never send one like this.',
) {}
export class MalformedJsonError extends define(
  'MALFORMED_JSON',
  400,
  'The body is not valid JSON.',
  'The body cannot be parsed as JSON, is empty, is not UTF-8, or names __proto__ or constructor.prototype.',
  'Send one JSON object encoded as UTF-8.',
) {}
export class AgencyRequiredError extends define(
  'AGENCY_REQUIRED',
  400,
  'You belong to several agencies: say which one in the X-Agency-Id header.',
  'The user is an active member of several agencies and the request names none. `meta.agencies` lists them.',
  'Repeat the request with the header X-Agency-Id.',
) {}
export class CursorInvalidError extends define(
  'CURSOR_INVALID',
  400,
  'The cursor does not belong to this list.',
  'The cursor was changed, or comes from another agency, user, list or set of filters.',
  'Start again without a cursor.',
) {}

// --- 401: who are you ------------------------------------------------------------------------------------------
export class AuthRequiredError extends define(
  'AUTH_REQUIRED',
  401,
  'Sign in first: send Authorization: Bearer <token>.',
  'The request carries no bearer token.',
  'Get a token from POST /api/v1/auth/login and send it.',
) {}
export class TokenInvalidError extends define(
  'TOKEN_INVALID',
  401,
  'The token is not valid.',
  'Signature, algorithm, issuer, audience or form of the token is wrong, or its user is unknown or inactive.',
  'Sign in again.',
) {}
export class TokenExpiredError extends define(
  'TOKEN_EXPIRED',
  401,
  'The token has expired.',
  'The token was valid once.',
  'Sign in again.',
) {}
export class LoginFailedError extends define(
  'LOGIN_FAILED',
  401,
  'E-mail or password is wrong.',
  'Unknown e-mail, wrong password or an inactive user: the answer does not tell which.',
  'Check both; an admin of the agency can tell whether you are a member.',
) {}

// --- 403: you may not --------------------------------------------------------------------------------------------
export class ForbiddenError extends define(
  'FORBIDDEN',
  403,
  'Your role does not allow this.',
  'The role lacks the permission (docs/permissions.md), or you are no active member of the agency asked for.',
  'Ask an admin of your agency.',
) {}

// --- 404: not there, or not yours: the same answer ---------------------------------------------------------------
export class RouteNotFoundError extends define(
  'ROUTE_NOT_FOUND',
  404,
  'There is nothing at this address.',
  'No operation has this path.',
  'See /docs for every operation.',
) {}
export class PropertyNotFoundError extends define(
  'PROPERTY_NOT_FOUND',
  404,
  'No such property.',
  'The property does not exist, was deleted, belongs to another agency or to another owner.',
  'Check the id with GET /api/v1/properties.',
) {}
export class BookingNotFoundError extends define(
  'BOOKING_NOT_FOUND',
  404,
  'No such booking.',
  'The booking does not exist, was deleted, belongs to another agency or to another owner.',
  'Check the id with GET /api/v1/bookings.',
) {}

// --- 405 to 417: the form of the request ---------------------------------------------------------------------------
export class MethodNotAllowedError extends define(
  'METHOD_NOT_ALLOWED',
  405,
  'This address does not take this method.',
  'The path exists, but not with this method. The Allow header lists those it takes.',
  'Use one of the methods in Allow.',
) {}
export class RequestTimeoutError extends define(
  'REQUEST_TIMEOUT',
  408,
  'The request took too long to arrive.',
  'Headers or body were not complete in time.',
  'Send the request again over a better connection.',
) {}
export class PayloadTooLargeError extends define(
  'PAYLOAD_TOO_LARGE',
  413,
  'The body is larger than 1 MiB.',
  'The body exceeds the limit.',
  'Send less at once.',
) {}
export class UriTooLongError extends define(
  'URI_TOO_LONG',
  414,
  'The address is too long.',
  'The path or one part of it exceeds the limit.',
  'Shorten the address.',
) {}
export class UnsupportedMediaTypeError extends define(
  'UNSUPPORTED_MEDIA_TYPE',
  415,
  'Send the body as application/json.',
  'The Content-Type is missing or another than application/json in UTF-8, or there is a Content-Encoding.',
  'Send Content-Type: application/json.',
) {}
export class ExpectationFailedError extends define(
  'EXPECTATION_FAILED',
  417,
  'Only Expect: 100-continue is understood.',
  'The Expect header asks for something else.',
  'Leave the Expect header out.',
) {}
export class HeadersTooLargeError extends define(
  'HEADERS_TOO_LARGE',
  431,
  'The headers are larger than 16 KiB.',
  'The request line and all headers together exceed the limit.',
  'Send fewer or shorter headers.',
) {}

// --- 409: the state of things forbids it -------------------------------------------------------------------------
export class BookingConflictError extends define(
  'BOOKING_CONFLICT',
  409,
  'The nights are taken.',
  'Another stay, block or hold has one of these nights. `meta.conflict` holds its dates. Decided by the database.',
  'Choose other dates or another property.',
) {}
export class BookingCancelledError extends define(
  'BOOKING_CANCELLED',
  409,
  'The booking is over and cannot be changed.',
  'The booking is cancelled, declined, a no-show or checked out.',
  'Create a new booking.',
) {}
export class PropertyUnavailableError extends define(
  'PROPERTY_UNAVAILABLE',
  409,
  'The property does not take bookings.',
  'The property is not active.',
  'Activate it (PATCH is_active) or choose another.',
) {}
export class PropertyHasBookingsError extends define(
  'PROPERTY_HAS_BOOKINGS',
  409,
  'The property still has bookings.',
  'A stay in the property is on or still to come.',
  'Cancel or move them first.',
) {}
export class ConflictError extends define(
  'CONFLICT',
  409,
  'Another record already has this value.',
  'A value that must be unique in the agency is taken. `details` names the field.',
  'Choose another value, or use the existing record.',
) {}

// --- 422: well formed, but wrong ---------------------------------------------------------------------------------
export class ValidationError extends define(
  'VALIDATION_ERROR',
  422,
  'The request has invalid values.',
  'A field is missing, unknown, of the wrong type or breaks a rule. `details` holds a JSON pointer for each.',
  'Correct the named fields.',
) {}

// --- 429 ----------------------------------------------------------------------------------------------------------
export class RateLimitedError extends define(
  'RATE_LIMITED',
  429,
  'Too many requests.',
  'The user, the address or the account has used up its requests for now.',
  'Wait as many seconds as Retry-After says.',
) {}

// --- 500 ----------------------------------------------------------------------------------------------------------
export class InternalError extends define(
  'INTERNAL_ERROR',
  500,
  'Something went wrong on our side.',
  'A bug. The log holds the cause under the request_id.',
  'Tell the operator the request_id.',
) {}

// --- 503: something we need is down; nothing was changed unless the code says so --------------------------------------
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
  'The transaction lost against others three times. Nothing was changed.',
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

/** A ValidationError about one field. `pointer` is a JSON pointer into the body, or /query/name, /path/name. */
export function invalid(pointer: string, message: string, code = 'INVALID'): ValidationError {
  return new ValidationError({ details: [{ pointer, code, message }] })
}
