// Domain errors. docs/errors.md lists them with request-errors.ts and server-errors.ts.
import { defineError } from './app-error.ts'

// --- 400 Bad Request
export class AgencyRequiredError extends defineError(
  'AGENCY_REQUIRED',
  400,
  'You are a member of several agencies: name one in the X-Agency-Id header.',
  'The user is an active member of several agencies, and the request does not name one. `meta.agencies` lists them.',
  'Send the request again with the header X-Agency-Id.',
) {}
export class CursorInvalidError extends defineError(
  'CURSOR_INVALID',
  400,
  'The cursor does not belong to this list.',
  'The cursor was modified, or belongs to another agency, user, list or set of filters.',
  'Read the list again without a cursor.',
) {}
export class IdempotencyKeyInvalidError extends defineError(
  'IDEMPOTENCY_KEY_INVALID',
  400,
  'The Idempotency-Key header is not valid.',
  'The header is repeated, empty, longer than 255 characters, or contains characters other than visible ASCII.',
  'Send one key, for example a new UUID for each operation.',
) {}

// --- 401 Unauthorized
export class AuthRequiredError extends defineError(
  'AUTH_REQUIRED',
  401,
  'Sign in first: send Authorization: Bearer <token>.',
  'The request carries no bearer token.',
  'Get a token from POST /api/v1/auth/login and send it.',
) {}
export class TokenInvalidError extends defineError(
  'TOKEN_INVALID',
  401,
  'The token is not valid.',
  'The signature, algorithm, issuer, audience or format of the token is wrong, or its user is unknown or inactive.',
  'Sign in again.',
) {}
export class TokenExpiredError extends defineError(
  'TOKEN_EXPIRED',
  401,
  'The token has expired.',
  'The expiry time of the token (exp) has passed.',
  'Sign in again.',
) {}
export class RefreshTokenInvalidError extends defineError(
  'REFRESH_TOKEN_INVALID',
  401,
  'The refresh token is not valid.',
  'The refresh token is unknown, expired, signed out, or was used before. Reuse ends its session and access tokens, because the token may have been copied.',
  'Sign in again.',
) {}
export class LoginFailedError extends defineError(
  'LOGIN_FAILED',
  401,
  'E-mail or password is wrong.',
  'The e-mail is unknown, the password is wrong, the user is inactive, or is not a member of the named agency. The response does not tell which.',
  'Check both. An admin of the agency can check whether you are a member.',
) {}

// --- 403 Forbidden
export class ForbiddenError extends defineError(
  'FORBIDDEN',
  403,
  'Your role does not allow this.',
  'The role does not have the permission (docs/permissions.md), or the user is not an active member of the requested agency.',
  'Ask an admin of your agency.',
) {}
export class SameOriginRequiredError extends defineError(
  'SAME_ORIGIN_REQUIRED',
  403,
  'Only pages of this service can use the session cookie.',
  'The request has `session: cookie`, and no page of this service sent it: Sec-Fetch-Site is not same-origin, or is missing and Origin is not the address of the service. Nothing was changed.',
  'Leave `session` out: the refresh token is then in the body. For a page behind a proxy that replaces the Host header, the operator sets PUBLIC_URL.',
) {}
export class FeatureDisabledError extends defineError(
  'FEATURE_DISABLED',
  403,
  'This feature is not enabled for your agency.',
  'The operation belongs to a feature that the operator has not enabled for the agency.',
  'Ask the operator: roost feature enable.',
) {}

// --- 404 Not Found: does not exist, or is not visible to the caller
export class PropertyNotFoundError extends defineError(
  'PROPERTY_NOT_FOUND',
  404,
  'No such property.',
  'The property does not exist, was deleted, or belongs to another agency or another owner.',
  'Check the id with GET /api/v1/properties.',
) {}
export class BookingNotFoundError extends defineError(
  'BOOKING_NOT_FOUND',
  404,
  'No such booking.',
  'The booking does not exist, was deleted, or belongs to another agency or another owner.',
  'Check the id with GET /api/v1/bookings.',
) {}
export class GuestNotFoundError extends defineError(
  'GUEST_NOT_FOUND',
  404,
  'No such guest.',
  'No guest of your agency has the id in the path, or the `guest_id` in the body.',
  'Check the id.',
) {}
export class BlockNotFoundError extends defineError(
  'BLOCK_NOT_FOUND',
  404,
  'No such block.',
  'The block does not exist, was deleted, or is not visible to you.',
  'Check the id.',
) {}
export class PhotoNotFoundError extends defineError(
  'PHOTO_NOT_FOUND',
  404,
  'No such picture.',
  'The picture does not exist, was deleted, or its property is not visible to you.',
  'Check the id with GET /api/v1/photos.',
) {}
export class ConflictNotFoundError extends defineError(
  'CONFLICT_NOT_FOUND',
  404,
  'No such conflict.',
  'No conflict of your agency has this id, or it is about a property that is not visible to you.',
  'Check the id.',
) {}
export class HoldNotFoundError extends defineError(
  'HOLD_NOT_FOUND',
  404,
  'No such hold.',
  'No hold of your agency has this id.',
  'Check the id.',
) {}
export class LinkNotFoundError extends defineError(
  'LINK_NOT_FOUND',
  404,
  'This link is no longer valid.',
  'The link of an e-mail was used, has expired after an hour, or was replaced by a later one.',
  'Request a new link.',
) {}
export class SessionNotFoundError extends defineError(
  'SESSION_NOT_FOUND',
  404,
  'No such session.',
  'You have no active session with this id.',
  'Check the id with GET /api/v1/me/sessions.',
) {}
export class MemberNotFoundError extends defineError(
  'MEMBER_NOT_FOUND',
  404,
  'No such member.',
  'No member of your agency has this id.',
  'Check the id.',
) {}
export class InvitationNotFoundError extends defineError(
  'INVITATION_NOT_FOUND',
  404,
  'No such open invitation.',
  'The invitation does not exist, was accepted or revoked, has expired, or its sender is no longer allowed to invite.',
  'Ask an admin of the agency for a new one.',
) {}

// --- 409 Conflict
export class BookingConflictError extends defineError(
  'BOOKING_CONFLICT',
  409,
  'The nights are not available.',
  'Another booking, block or hold occupies one of these nights. `meta.conflicts` lists up to five, by first night: kind, dates, and id and reference where you may read them. `meta.conflict` contains the kind and dates of one.',
  'Choose other dates or another property.',
) {}
export class BookingCancelledError extends defineError(
  'BOOKING_CANCELLED',
  409,
  'The booking has a final status and cannot be changed.',
  'The booking is cancelled, declined, a no-show or checked out.',
  'Create a new booking.',
) {}
export class BookingRuleBrokenError extends defineError(
  'BOOKING_RULE_BROKEN',
  409,
  'A booking rule of the property does not allow this stay.',
  'The stay breaks a rule of the property: nights, weekdays, notice, booking window, or days that must be free between two stays. `meta.rule` is the rule, `meta.limit` its setting, `details` names the date.',
  'Choose other dates, or change the rule of the property. GET /api/v1/availability/explain evaluates all rules for a stay.',
) {}
export class PropertyUnavailableError extends defineError(
  'PROPERTY_UNAVAILABLE',
  409,
  'The property does not accept bookings.',
  'The property is not active.',
  'Set is_active of the property to true, or choose another property.',
) {}
export class PropertyHasBookingsError extends defineError(
  'PROPERTY_HAS_BOOKINGS',
  409,
  'The property still has bookings.',
  'The property has a current or future booking.',
  'Cancel these bookings or move them to another property first.',
) {}
export class InvalidStatusTransitionError extends defineError(
  'INVALID_STATUS_TRANSITION',
  409,
  'The booking cannot change to this status.',
  'The transition does not exist, your role does not allow it, or it undoes a change of more than two days ago. `meta.from` is the current status, `meta.allowed` lists the statuses that are allowed.',
  'Read the booking again and choose one of meta.allowed.',
) {}
export class StatusTooEarlyError extends defineError(
  'STATUS_TOO_EARLY',
  409,
  'The booking cannot have this status before its day.',
  'A check-in or no-show before the day of arrival, or a check-out before the day of departure, by the local day of the property. `meta.earliest_on` is the day, `meta.today` the present one.',
  'Wait for the day, or change the dates of the booking first: a guest who leaves early has an earlier check_out.',
) {}
export class HoldExpiredError extends defineError(
  'HOLD_EXPIRED',
  409,
  'The hold is not active.',
  'The hold has expired, was released, or was converted to a booking (`meta.booking_id`). Nothing was changed.',
  'Create a new hold or a booking.',
) {}
export class HoldLimitReachedError extends defineError(
  'HOLD_LIMIT_REACHED',
  409,
  'You have reached the limit of active holds.',
  'The agency limits the active holds of each user: `meta.limit`.',
  'Release a hold, or wait until one expires.',
) {}
export class LastAdminError extends defineError(
  'LAST_ADMIN',
  409,
  'An agency needs at least one admin.',
  'The change would leave the agency without an active admin.',
  'Give another member the role admin first.',
) {}
export class IdempotencyInProgressError extends defineError(
  'IDEMPOTENCY_IN_PROGRESS',
  409,
  'The first request with this Idempotency-Key is still running.',
  'Two requests with the same key were sent at the same time.',
  'Send it again after Retry-After: you will get the response of the first request.',
) {}
export class ConflictError extends defineError(
  'CONFLICT',
  409,
  'Another record already has this value.',
  'A value that must be unique in the agency is already in use. `details` names the field.',
  'Choose another value, or use the existing record.',
) {}

// --- 410 Gone
export class IdempotencyAnswerWithheldError extends defineError(
  'IDEMPOTENCY_ANSWER_WITHHELD',
  410,
  'The request was executed before; its response is no longer available.',
  'A request with this Idempotency-Key was repeated. Nothing was executed again. `meta.reason` is the reason: `erased` (the response contained data of a guest who was erased, or notes that were deleted), `secret` (it contained a secret that is shown only once), `role_changed` (your role or your properties have changed since). `meta.status` is the status of the first response, `meta.location` the URL of the record.',
  'Read the record. For a secret, send the request with a new key: a new invitation replaces the open one.',
) {}

// --- 412 Precondition Failed
export class VersionMismatchError extends defineError(
  'VERSION_MISMATCH',
  412,
  'The record has changed since you read it.',
  'If-Match does not contain the current version of the record, `meta.current_version`. Nothing was changed.',
  'Read the record again, apply your change to it, and send the new ETag.',
) {}

// --- 422 Unprocessable Content
export class ValidationError extends defineError(
  'VALIDATION_ERROR',
  422,
  'The request has invalid values.',
  'A field is missing, unknown, has the wrong type or violates a rule. `details` contains a JSON pointer for each field.',
  'Correct the named fields.',
) {}
export class IdempotencyKeyReusedError extends defineError(
  'IDEMPOTENCY_KEY_REUSED',
  422,
  'This Idempotency-Key was used for another request.',
  'The method, path, query or body mean something else than in the first request with this key. Nothing was changed.',
  'Use a new key for each new request, and repeat a request with the same values.',
) {}

// --- 429 Too Many Requests
export class RateLimitedError extends defineError(
  'RATE_LIMITED',
  429,
  'Too many requests.',
  'The user, the IP address or the account has reached its rate limit.',
  'Wait for the number of seconds in Retry-After.',
) {}

/** A ValidationError for one field. `pointer` is a JSON pointer into the body, or /query/name, /path/name. */
export function invalid(pointer: string, message: string, code = 'INVALID'): ValidationError {
  return new ValidationError({ details: [{ pointer, code, message }] })
}
