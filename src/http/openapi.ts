// Generates the OpenAPI 3.1 document from the routes, with roles, errors and security.
import swagger from '@fastify/swagger'
import type { FastifySchema, RouteOptions } from 'fastify'
import { Type } from 'typebox'
import type { ErrorEntry } from '../core/app-error.ts'
import { listRolesWith } from '../core/auth/permissions.ts'
import {
  AgencyRequiredError,
  AuthRequiredError,
  FeatureDisabledError,
  ForbiddenError,
  IdempotencyAnswerWithheldError,
  IdempotencyInProgressError,
  IdempotencyKeyInvalidError,
  IdempotencyKeyReusedError,
  RateLimitedError,
  TokenExpiredError,
  TokenInvalidError,
  ValidationError,
} from '../core/errors.ts'
import {
  BadRequestError,
  MalformedJsonError,
  PayloadTooLargeError,
  UnsupportedMediaTypeError,
  UriTooLongError,
} from '../core/request-errors.ts'
import { DatabaseUnavailableError, InternalError, OverloadedError } from '../core/server-errors.ts'
import type { Api } from './api.ts'
import { bodyLimitOf, formatSize } from './body-limits.ts'
import { sampleId } from './schema.ts'

const ErrorBody = Type.Object(
  {
    error: Type.Object(
      {
        code: Type.String({ description: 'Stable; see docs/errors.md.' }),
        message: Type.String(),
        request_id: Type.Optional(Type.String()),
        retryable: Type.Optional(Type.Boolean()),
        details: Type.Optional(
          Type.Array(Type.Object({ pointer: Type.String(), code: Type.String(), message: Type.String() })),
        ),
        meta: Type.Optional(Type.Object({}, { additionalProperties: true })),
      },
      { additionalProperties: true },
    ),
  },
  { additionalProperties: true, $id: 'Error', title: 'Error' },
)

interface Declared {
  readonly entry: ErrorEntry
}

/** Registers the generator. Call it before any route is registered. */
export async function installOpenapi(app: Api, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Roost',
        version,
        description: 'Property management for holiday-rental agencies. Errors: docs/errors.md.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
      tags: [],
    },
    hideUntagged: true,
    transform: ({ schema, url, route }) => ({ schema: withDefaults(withHeaders(route as RouteOptions, schema)), url }),
    refResolver: { buildLocalReference: ({ $id }) => String($id) },
  })
  app.addSchema(ErrorBody)
  app.addHook('onRoute', (route) => describe(route))
}

/** Adds the description, errors and security that follow from the route's rule and schemas. */
function describe(route: RouteOptions): void {
  const { schema } = route
  if (schema?.tags === undefined || route.method === 'HEAD') return
  const { can, open } = route.config ?? {}
  const errors = sharedErrors(route).concat(route.config?.errors ?? [])
  const roles = can === undefined ? undefined : listRolesWith(can)
  const access =
    roles === undefined ? (open ? 'No authentication required.' : 'Any signed-in user.') : `Roles: ${roles.join(', ')}.`
  const codes = errors.map(({ entry }) => entry)
  const bytes = schema.body === undefined ? undefined : bodyLimitOf(route)
  const size = bytes && `Body: at most ${formatSize(bytes)}.`
  Object.assign(schema, {
    description: [schema.description, access, size, `\`\`\`sh\n${curl(route)}\n\`\`\``].filter(Boolean).join('\n\n'),
    ...(!open && { security: [{ bearer: [] }] }),
    response: { ...byStatus(codes), ...successes(schema.response) },
    ...(bytes !== undefined && { 'x-max-body-bytes': bytes }),
    'x-roles': roles ?? [],
    'x-error-codes': codes.map(({ code }) => code),
  })
}

/** The curl command of an operation, with the example of its body schema. */
function curl({ method, url, config, schema }: RouteOptions): string {
  const example = (schema?.body as { examples?: unknown[] } | undefined)?.examples?.[0]
  const parts = [
    `curl -s${method === 'GET' ? '' : ` -X ${String(method)}`} http://127.0.0.1:3000${url.replace(':id', sampleId)}`,
    config?.open ? '' : "-H 'authorization: Bearer <token>'",
    example === undefined ? '' : `-H 'content-type: application/json' -d '${JSON.stringify(example)}'`,
  ]
  return parts.filter(Boolean).join(' \\\n  ')
}

function sharedErrors(route: RouteOptions): Declared[] {
  const { config, schema } = route
  const shared: Declared[] = [
    RateLimitedError,
    InternalError,
    DatabaseUnavailableError,
    BadRequestError,
    UriTooLongError,
  ]
  if (!route.url.startsWith('/health')) shared.push(OverloadedError)
  if (!config?.open) shared.push(AuthRequiredError, TokenInvalidError, TokenExpiredError, ForbiddenError)
  if (config?.can !== undefined) shared.push(AgencyRequiredError)
  if (config?.feature !== undefined) shared.push(FeatureDisabledError)
  if (acceptsKey(route)) {
    shared.push(IdempotencyKeyInvalidError, IdempotencyInProgressError, IdempotencyKeyReusedError)
    shared.push(IdempotencyAnswerWithheldError)
  }
  if (schema?.body !== undefined) shared.push(MalformedJsonError, UnsupportedMediaTypeError, PayloadTooLargeError)
  if (schema?.body ?? schema?.params ?? schema?.querystring) shared.push(ValidationError)
  return shared
}

/** Routes that use http/mutation.ts accept an Idempotency-Key. */
function acceptsKey({ config, method }: RouteOptions): boolean {
  return config?.can !== undefined && ['POST', 'PATCH', 'DELETE'].includes(String(method))
}

const key = Type.Optional(
  Type.String({
    maxLength: 255,
    description:
      'Chosen by the client, for example a new UUID. A request that is repeated with the same key is executed only once.',
  }),
)
const ifMatch = Type.Optional(
  Type.String({
    description: 'The ETag of the record. If the record has changed, the response is 412 VERSION_MISMATCH.',
  }),
)

/** Adds the request headers to the document only. The code reads them without a schema, which is faster. */
function withHeaders(route: RouteOptions, schema: FastifySchema): FastifySchema {
  const errors = route.config?.errors ?? []
  const has_version = errors.some(({ entry }) => entry.code === 'VERSION_MISMATCH')
  const headers = {
    ...(acceptsKey(route) && { 'idempotency-key': key }),
    ...(has_version && { 'if-match': ifMatch }),
  }
  return Object.keys(headers).length === 0 ? schema : { ...schema, headers: Type.Object(headers) }
}

interface Parameters {
  readonly properties?: Readonly<Record<string, { readonly default?: unknown }>>
  readonly required?: readonly string[]
}

/** Parameters with a default are not required. Routes that are not in the document may have no schema. */
function withDefaults(schema: FastifySchema): FastifySchema {
  const query = schema?.querystring as Parameters | undefined
  if (query?.required === undefined) return schema
  const required = query.required.filter((name) => query.properties?.[name]?.default === undefined)
  return { ...schema, querystring: { ...query, required } }
}

const status_texts: Readonly<Record<string, string>> = { 200: 'OK', 201: 'Created', 204: 'No Content' }

function successes(response: unknown): Record<string, object> {
  const entries = Object.entries((response ?? {}) as Record<string, object>)
  return Object.fromEntries(
    entries.map(([status, schema]) => [status, { description: status_texts[status], ...schema }]),
  )
}

function byStatus(entries: readonly ErrorEntry[]): Record<string, object> {
  const statuses = [...new Set(entries.map(({ status }) => status))].sort()
  return Object.fromEntries(
    statuses.map((status) => {
      const codes = entries.filter((entry) => entry.status === status).map((entry) => `${entry.code}: ${entry.message}`)
      return [status, { $ref: 'Error#', description: codes.join('\n\n') }]
    }),
  )
}
