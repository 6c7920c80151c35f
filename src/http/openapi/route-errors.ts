// The errors that an operation can return: those of its route, and those that follow from its rule and its schemas.
import type { RouteOptions } from 'fastify'
import type { ErrorEntry } from '../../core/app-error.ts'
import * as errors from '../../core/errors.ts'
import * as requestErrors from '../../core/request-errors.ts'
import * as serverErrors from '../../core/server-errors.ts'

interface Declared {
  readonly entry: ErrorEntry
}

/** Any request, before its route is known. */
const every: readonly Declared[] = [
  requestErrors.BadRequestError,
  requestErrors.RequestTimeoutError,
  requestErrors.UriTooLongError,
  requestErrors.ExpectationFailedError,
  requestErrors.HeadersTooLargeError,
  errors.RateLimitedError,
  serverErrors.InternalError,
]

/** What every use of the database can return. */
const database: readonly Declared[] = [
  serverErrors.DatabaseUnavailableError,
  serverErrors.PoolExhaustedError,
  serverErrors.QueryTimeoutError,
  serverErrors.SchemaDriftError,
]

/** What every change can return besides. */
const change: readonly Declared[] = [
  serverErrors.LockTimeoutError,
  serverErrors.TxContentionError,
  serverErrors.CommitUnknownError,
]

const authentication: readonly Declared[] = [
  errors.AuthRequiredError,
  errors.TokenInvalidError,
  errors.TokenExpiredError,
  errors.ForbiddenError,
  serverErrors.IdentityUnavailableError,
]

const idempotency: readonly Declared[] = [
  errors.IdempotencyKeyInvalidError,
  errors.IdempotencyInProgressError,
  errors.IdempotencyKeyReusedError,
  errors.IdempotencyAnswerWithheldError,
]

const body: readonly Declared[] = [
  requestErrors.MalformedJsonError,
  requestErrors.UnsupportedMediaTypeError,
  requestErrors.PayloadTooLargeError,
]

/** The catalogue entries of all errors of a route, by status. */
export function errorsOf(route: RouteOptions): ErrorEntry[] {
  const { config, schema } = route
  const is_probe = route.url.startsWith('/health')
  const is_change = route.method !== 'GET'
  const declared = [
    every,
    is_probe ? [] : [serverErrors.OverloadedError, serverErrors.ShuttingDownError],
    route.url.startsWith('/health/live') ? [] : database,
    is_change ? [...change, ...body] : [],
    config?.open ? [] : authentication,
    config?.can === undefined ? [] : [errors.AgencyRequiredError],
    config?.feature === undefined ? [] : [errors.FeatureDisabledError],
    acceptsKey(route) ? idempotency : [],
    (schema?.body ?? schema?.params ?? schema?.querystring) ? [errors.ValidationError] : [],
    config?.errors ?? [],
  ]
  const entries = new Set(declared.flat().map(({ entry }) => entry))
  return [...entries].sort((a, b) => a.status - b.status)
}

/** Whether the route accepts an Idempotency-Key: those that use http/mutation.ts. */
export function acceptsKey({ config, method }: RouteOptions): boolean {
  return config?.can !== undefined && !config.upload && ['POST', 'PATCH', 'DELETE'].includes(String(method))
}
