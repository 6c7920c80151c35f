// THE error taxonomy, of what Roost does: one code, one status, one class. docs/errors.md and the OpenAPI responses come
// from it. Requests nobody can read are in request-errors.ts, what is down in outages.ts.
import { define } from './app-error.ts'

// --- 400: unclear --------------------------------------------------------------------------------------------------
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
export class IdempotencyKeyInvalidError extends define(
  'IDEMPOTENCY_KEY_INVALID',
  400,
  'The Idempotency-Key cannot be used.',
  'The header is there twice, is empty, longer than 255 characters, or holds other than visible ASCII.',
  'Send one key, best a new UUID for each thing you want done.',
) {}

// --- 401: who are you ----------------------------------------------------------------------------------------------
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
export class RefreshTokenInvalidError extends define(
  'REFRESH_TOKEN_INVALID',
  401,
  'The refresh token is not valid any more.',
  'It is unknown, expired, signed out, or was used before: then its session and access tokens have ended, since somebody may have copied it.',
  'Sign in again.',
) {}
export class LoginFailedError extends define(
  'LOGIN_FAILED',
  401,
  'E-mail or password is wrong.',
  'Unknown e-mail, wrong password, an inactive user, or no member of the agency named: the answer does not tell which.',
  'Check both; an admin of the agency can tell whether you are a member.',
) {}

// --- 403: you may not ----------------------------------------------------------------------------------------------
export class ForbiddenError extends define(
  'FORBIDDEN',
  403,
  'Your role does not allow this.',
  'The role lacks the permission (docs/permissions.md), or you are no active member of the agency asked for.',
  'Ask an admin of your agency.',
) {}
export class FeatureDisabledError extends define(
  'FEATURE_DISABLED',
  403,
  'This feature is not enabled for your agency.',
  'The route belongs to a feature that the operator has not enabled for the agency.',
  'Ask the operator: roost feature enable.',
) {}

// --- 404: not there, or not yours ----------------------------------------------------------------------------------
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
export class GuestNotFoundError extends define(
  'GUEST_NOT_FOUND',
  404,
  'There is no such guest.',
  'No guest of your agency has this id.',
  'Check the id.',
) {}
export class BlockNotFoundError extends define(
  'BLOCK_NOT_FOUND',
  404,
  'There is no such block.',
  'No block you may see has this id: it was deleted, is not yours, or never was.',
  'Check the id.',
) {}
export class HoldNotFoundError extends define(
  'HOLD_NOT_FOUND',
  404,
  'There is no such hold.',
  'No hold of your agency has this id.',
  'Check the id.',
) {}
export class MemberNotFoundError extends define(
  'MEMBER_NOT_FOUND',
  404,
  'There is no such member.',
  'No member of your agency has this id.',
  'Check the id.',
) {}
export class InvitationNotFoundError extends define(
  'INVITATION_NOT_FOUND',
  404,
  'There is no such open invitation.',
  'It was accepted, revoked, has expired or never was, or its inviter may not invite any more.',
  'Ask an admin of the agency for a new one.',
) {}

// --- 409: the state of things forbids it ---------------------------------------------------------------------------
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
export class InvalidStatusTransitionError extends define(
  'INVALID_STATUS_TRANSITION',
  409,
  'The booking cannot go to this status.',
  'The move is not in the table of transitions, or not for your role. `meta.from` is the status it has, `meta.allowed` lists where you may move it.',
  'Read the booking again and choose one of meta.allowed.',
) {}
export class HoldExpiredError extends define(
  'HOLD_EXPIRED',
  409,
  'The hold is over.',
  'It has expired, was released, or has become a booking already (`meta.booking_id`). Nothing was changed.',
  'Make a new hold, or book directly.',
) {}
export class HoldLimitReachedError extends define(
  'HOLD_LIMIT_REACHED',
  409,
  'You hold as many stays as one person may.',
  'The agency limits how many holds a person has at once: `meta.limit`.',
  'Release a hold or wait until one expires.',
) {}
export class LastAdminError extends define(
  'LAST_ADMIN',
  409,
  'An agency keeps at least one admin.',
  'The change would leave the agency without an active admin.',
  'Make somebody else an admin first.',
) {}
export class IdempotencyInProgressError extends define(
  'IDEMPOTENCY_IN_PROGRESS',
  409,
  'The first request with this Idempotency-Key is still running.',
  'Two requests with the same key at once.',
  'Send it again after Retry-After: you will get the answer of the first.',
) {}
export class ConflictError extends define(
  'CONFLICT',
  409,
  'Another record already has this value.',
  'A value that must be unique in the agency is taken. `details` names the field.',
  'Choose another value, or use the existing record.',
) {}

// --- 410: it was, and is not kept ----------------------------------------------------------------------------------
export class IdempotencyAnswerWithheldError extends define(
  'IDEMPOTENCY_ANSWER_WITHHELD',
  410,
  'The request was carried out before; its answer is not repeated.',
  'A repeated request with this Idempotency-Key. Nothing was done again. `meta.reason` says why the answer is withheld: `erased` (it held data of a guest who has been erased, or notes that were deleted), `secret` (it held a secret that is shown once), `role_changed` (your role or your properties have changed since). `meta.status` is the status of the first answer, `meta.location` where the record is.',
  'Read the record. For a secret, repeat the step with a new key: a new invitation replaces the open one.',
) {}

// --- 412: you have seen an older state -----------------------------------------------------------------------------
export class VersionMismatchError extends define(
  'VERSION_MISMATCH',
  412,
  'The record has changed since you read it.',
  'If-Match names another version than the record has: `meta.current_version`. Nothing was changed.',
  'Read it again, apply your change to what is there now, and send the new ETag.',
) {}

// --- 422: well formed but wrong ------------------------------------------------------------------------------------
export class ValidationError extends define(
  'VALIDATION_ERROR',
  422,
  'The request has invalid values.',
  'A field is missing, unknown, of the wrong type or breaks a rule. `details` holds a JSON pointer for each.',
  'Correct the named fields.',
) {}
export class IdempotencyKeyReusedError extends define(
  'IDEMPOTENCY_KEY_REUSED',
  422,
  'This Idempotency-Key was used for another request.',
  'Method, path, query or body differ from the first request with the key. Nothing was changed.',
  'Use a new key for a new request; repeat a request unchanged.',
) {}

// --- 429: too often ------------------------------------------------------------------------------------------------
export class RateLimitedError extends define(
  'RATE_LIMITED',
  429,
  'Too many requests.',
  'The user, the address or the account has used up its requests for now.',
  'Wait as many seconds as Retry-After says.',
) {}
export class ExportInProgressError extends define(
  'EXPORT_IN_PROGRESS',
  429,
  'Another export of yours is still running.',
  'A person has one export at a time in an agency: of the audit log, or of a guest. It ends when its client has read all of it, leaves, or after ten minutes.',
  'Read the other export to its end or close its connection, and send the request again after Retry-After.',
) {}

/** A ValidationError about one field. `pointer` is a JSON pointer into the body, or /query/name, /path/name. */
export function invalid(pointer: string, message: string, code = 'INVALID'): ValidationError {
  return new ValidationError({ details: [{ pointer, code, message }] })
}
