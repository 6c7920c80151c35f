// The components that operations share: parameters, response headers, and one response for each error status.
import { STATUS_CODES } from 'node:http'
import { Type } from 'typebox'
import { type ErrorEntry, errorCatalogue } from '../../core/app-error.ts'
import { stored_statuses } from '../../core/idempotency.ts'
import { sampleId } from '../schema.ts'
import { plain_cookie, secure_cookie } from '../session-cookie.ts'
import type { Schema } from './named-schemas.ts'

const text = (schema: Schema = {}): Schema => ({ type: 'string', ...schema })

export const requestHeaders = {
  AgencyId: {
    name: 'X-Agency-Id',
    in: 'header',
    description: 'The agency of the request. Only needed by members of several agencies: see `GET /api/v1/me`.',
    schema: text({ format: 'uuid' }),
    example: sampleId,
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Chosen by the client, for example a new UUID. A request that is repeated with the same key is executed only once.',
    schema: text({ minLength: 1, maxLength: 257 }),
    example: '7f1b6a52-58f0-4a0e-9d0c-5c8e3f1f6a11',
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description:
      'The ETag of the record, also with `W/` in front. If the record has changed, the response is 412 `VERSION_MISMATCH`.',
    schema: text(),
    example: '"3-5QJ2rWq0bA"',
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'An ETag that you have. If the answer would still have it, the response is 304 without a body.',
    schema: text(),
    example: '"3-5QJ2rWq0bA"',
  },
} as const

export const responseHeaders = {
  CacheControl: { description: '`no-store` for secrets, else `private, no-cache`.', required: true, schema: text() },
  ContentDisposition: { description: 'The suggested file name.', required: true, schema: text() },
  ETag: {
    description: 'For If-None-Match. Of a record with a version, which it begins with, also for If-Match.',
    required: true,
    schema: text(),
  },
  IdempotencyReplayed: {
    description: '`true` if this is the stored response of an earlier request with the same Idempotency-Key.',
    schema: text({ enum: ['true'] }),
  },
  Location: { description: 'The path of the created record.', schema: text() },
  RateLimit: { description: 'What is left of the rate limit: draft-ietf-httpapi-ratelimit-headers.', schema: text() },
  RequestId: { description: 'The id of the request, which is also in the log.', required: true, schema: text() },
  RetryAfter: { description: 'Seconds to wait before the next attempt.', schema: text({ pattern: '^[0-9]+$' }) },
  SetCookie: {
    description:
      'Sets or deletes the cookie of a browser session (`session: cookie`). Only of operations that describe it.',
    schema: text({ pattern: '^(__Host-)?roost_session=' }),
  },
  WwwAuthenticate: { description: 'The challenge of RFC 6750.', required: true, schema: text({ pattern: '^Bearer' }) },
} as const

export const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  session_cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: secure_cookie,
    description:
      'The refresh token of a browser session, which `session: cookie` sets at sign-in. Only pages of the service can use it. ' +
      `Over plain http, except on the own machine, its name is \`${plain_cookie}\`.`,
  },
} as const

export type HeaderComponent = keyof typeof responseHeaders

/** The names of the headers as they are sent. */
const header_names: Readonly<Record<HeaderComponent, string>> = {
  CacheControl: 'Cache-Control',
  ContentDisposition: 'Content-Disposition',
  ETag: 'ETag',
  IdempotencyReplayed: 'Idempotency-Replayed',
  Location: 'Location',
  RateLimit: 'RateLimit',
  RequestId: 'X-Request-Id',
  RetryAfter: 'Retry-After',
  SetCookie: 'Set-Cookie',
  WwwAuthenticate: 'WWW-Authenticate',
}

/** The `headers` of a response. */
export function headersOf(names: readonly HeaderComponent[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [header_names[name], { $ref: `#/components/headers/${name}` }]))
}

export const errorBody = Type.Object(
  {
    error: Type.Object({
      code: Type.Enum([...errorCatalogue.map(({ code }) => code)].sort(), {
        title: 'ErrorCode',
        description: 'Stable; docs/errors.md explains each. New codes can be added.',
      }),
      message: Type.String({ description: 'For people. It can change.' }),
      request_id: Type.Optional(Type.String()),
      retryable: Type.Boolean({ description: 'Whether the same request can succeed later.' }),
      details: Type.Optional(
        Type.Array(
          Type.Object(
            {
              pointer: Type.String({ description: 'A JSON pointer into the body, or /query/name, /path/name.' }),
              code: Type.String(),
              message: Type.String(),
            },
            { title: 'ErrorDetail' },
          ),
        ),
      ),
      meta: Type.Optional(Type.Object({}, { additionalProperties: true, description: 'What the code says of it.' })),
    }),
  },
  { title: 'Error' },
) as unknown as Schema

/** BOOKING_CONFLICT, CONFLICT */
export function codesOf(entries: readonly ErrorEntry[]): string {
  return entries.map(({ code }) => code).join(', ')
}

/** The component of an error status: 404 -> NotFound */
export function errorResponseName(status: number): string {
  return (STATUS_CODES[status] ?? '').replaceAll(/[^A-Za-z]/g, '')
}

/** Statuses of requests that fail before their route is known. Operations refer to them by the range 4XX. */
export const transport_statuses: readonly number[] = [408, 414, 417, 431]
export const transport_errors = 'TransportError'

export const not_modified = 'NotModified'

interface Codes {
  readonly status: number
  readonly codes: string
}

/** The response of each error status, with the first of its codes as the example, and 304. `usual`: name -> status and codes. */
export function sharedResponses(schema: Schema, usual: ReadonlyMap<string, Codes>): Record<string, object> {
  const nameOf = ({ status }: ErrorEntry) =>
    transport_statuses.includes(status) ? transport_errors : errorResponseName(status)
  // 405 answers a method that no operation has.
  const catalogue = errorCatalogue.filter(({ status }) => status !== 405)
  const all = Object.entries(Object.groupBy(catalogue, nameOf)).flatMap(([name, entries = []]) =>
    entries.slice(0, 1).map(({ status }) => [name, { status, codes: codesOf(entries) }] as const),
  )
  const responses = [...new Map([...all, ...usual])].flatMap(([name, { status, codes }]) => {
    const first = catalogue.find((entry) => entry.status === status)
    return first === undefined ? [] : [[name, errorResponse(first, codes, schema)] as const]
  })
  const headers = headersOf(['ETag', 'CacheControl', 'RequestId'])
  return { [not_modified]: { description: STATUS_CODES[304], headers }, ...Object.fromEntries(responses) }
}

function errorResponse({ code, message, retryable, status }: ErrorEntry, codes: string, schema: Schema): object {
  const names: HeaderComponent[] = ['CacheControl', 'RequestId']
  // Refusals that are stored for an Idempotency-Key: core/idempotency.ts.
  if (stored_statuses.includes(status)) names.push('IdempotencyReplayed')
  if (status === 401) names.push('SetCookie', 'WwwAuthenticate')
  if (status === 409 || status === 429 || status === 503) names.push('RetryAfter')
  return {
    description: codes,
    headers: headersOf(names),
    content: { 'application/json': { schema, example: { error: { code, message, request_id: sampleId, retryable } } } },
  }
}
