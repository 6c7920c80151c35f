// Errors of the API as exceptions, and as sentences in the language of the screen.
import type { I18n, MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { components } from './openapi.gen.ts'

type Failure = components['schemas']['Error']['error']

interface Given extends Partial<Omit<Failure, 'code'>> {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** A response that is not 2xx. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly details: NonNullable<Failure['details']>
  readonly meta: Readonly<Record<string, unknown>>
  readonly request_id: string | undefined

  constructor({ status, code, message, details = [], meta = {}, request_id }: Given) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.details = details
    this.meta = meta
    this.request_id = request_id
  }
}

/** There was no answer. */
export class OfflineError extends Error {
  override readonly name = 'OfflineError'
}

/** Reads the error of a response. Proxies answer with pages of their own, which have no code. */
export async function errorOf(response: Response): Promise<ApiError> {
  const { status } = response
  try {
    const { error } = (await response.json()) as { error: Failure }
    return new ApiError({ ...error, status })
  } catch {
    return new ApiError({ status, code: `HTTP_${status}`, message: response.statusText })
  }
}

const signed_out = msg`Your session has ended. Sign in again, then repeat what you did.`

const sentences = {
  AGENCY_REQUIRED: msg`Choose an agency first.`,
  AUTH_REQUIRED: signed_out,
  BLOCK_NOT_FOUND: msg`This block does not exist any more.`,
  BOOKING_CANCELLED: msg`This booking is cancelled and cannot be changed.`,
  BOOKING_CONFLICT: msg`These nights are taken.`,
  BOOKING_NOT_FOUND: msg`This booking does not exist, or you may not see it.`,
  BOOKING_RULE_BROKEN: msg`A rule of the home does not allow this stay.`,
  COMMIT_UNKNOWN: msg`The service did not confirm the change. Look whether it was made before you try again.`,
  EXPORT_IN_PROGRESS: msg`An export is running already. Wait until it has ended.`,
  FEATURE_DISABLED: msg`This is not switched on for your agency.`,
  FORBIDDEN: msg`Your role does not allow this.`,
  GUEST_NOT_FOUND: msg`This guest does not exist, or you may not see them.`,
  HOLD_EXPIRED: msg`This hold has expired.`,
  HOLD_LIMIT_REACHED: msg`There are too many open holds. Release one first.`,
  HOLD_NOT_FOUND: msg`This hold does not exist any more.`,
  INTERNAL_ERROR: msg`The service has made a mistake. It was recorded; try again, and report it if it happens again.`,
  INVALID_STATUS_TRANSITION: msg`The booking cannot go from its status to this one.`,
  INVITATION_NOT_FOUND: msg`This invitation is no longer valid.`,
  LAST_ADMIN: msg`An agency needs at least one active admin.`,
  LINK_NOT_FOUND: msg`This link is no longer valid.`,
  LOCK_TIMEOUT: msg`Somebody else is changing this home at the moment. Try again.`,
  LOGIN_FAILED: msg`The e-mail address or the password is wrong.`,
  MEMBER_NOT_FOUND: msg`This member does not exist any more.`,
  MEDIA_UNAVAILABLE: msg`Pictures cannot be stored at the moment. Try again soon.`,
  PHOTO_NOT_FOUND: msg`This picture does not exist any more.`,
  PROPERTY_HAS_BOOKINGS: msg`This home has bookings, so it cannot be deleted. Make it inactive instead.`,
  PROPERTY_NOT_FOUND: msg`This home does not exist, or you may not see it.`,
  PROPERTY_UNAVAILABLE: msg`This home is not active.`,
  RATE_LIMITED: msg`Too many requests. Wait a moment, then try again.`,
  SAME_ORIGIN_REQUIRED: msg`The service does not accept sign-ins from this address. Ask whoever runs it to set PUBLIC_URL.`,
  STATUS_TOO_EARLY: msg`It is too early for this: the stay has not begun yet.`,
  TOKEN_EXPIRED: signed_out,
  TOKEN_INVALID: signed_out,
  VERSION_MISMATCH: msg`Somebody has changed this in the meantime. The screen shows the new state; look at it and try again.`,
} as const satisfies Partial<Record<components['schemas']['ErrorCode'], MessageDescriptor>>

/** By the code of the first problem of a request. */
const problems: Readonly<Record<string, MessageDescriptor>> = {
  NOT_A_PICTURE: msg`This is no picture: JPEG, PNG, WebP or AVIF.`,
  TOO_MANY_PHOTOS: msg`A home can have 50 pictures. Delete one first.`,
}

/** What happened, for people. Texts of the server that have no translation are shown as they are. */
export function errorSentence(i18n: I18n, error: unknown): string {
  if (error instanceof OfflineError) return i18n._(msg`There is no connection to the service. Nothing was changed.`)
  if (!(error instanceof ApiError)) return i18n._(msg`Something went wrong. Load the page again.`)
  if (Object.hasOwn(sentences, error.code)) return i18n._(sentences[error.code as keyof typeof sentences])
  if (error.status === 503) return i18n._(msg`The service is not available at the moment. Try again soon.`)
  const [detail] = error.details
  const known = problems[detail?.code ?? '']
  if (known !== undefined) return i18n._(known)
  return detail === undefined ? error.message : `${fieldOf(detail.pointer)}${detail.message}`
}

const fieldOf = (pointer: string) => (pointer === '' ? '' : `${pointer.slice(1).replaceAll('/', ' › ')}: `)

/** The message of the first problem of a field, by its JSON pointer. */
export function fieldProblem(error: unknown, pointer: string): string | undefined {
  return error instanceof ApiError ? error.details.find((detail) => detail.pointer === pointer)?.message : undefined
}
