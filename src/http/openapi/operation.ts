// Completes one operation of the document: description, parameters, headers, responses and errors.
import { STATUS_CODES } from 'node:http'
import type { RouteOptions } from 'fastify'
import type { ErrorEntry } from '../../core/app-error.ts'
import { listRolesWith } from '../../core/auth/permissions.ts'
import { bodyLimitOf, formatSize } from '../body-limits.ts'
import { sampleId } from '../schema.ts'
import { hasSecret } from '../secrets.ts'
import { max_upload_bytes, upload_type } from '../upload.ts'
import type { Schema } from './named-schemas.ts'
import type { Operation, Parameter, Response } from './paths.ts'
import { acceptsKey, errorsOf } from './route-errors.ts'
import {
  codesOf,
  errorResponseName,
  type HeaderComponent,
  headersOf,
  not_modified,
  type requestHeaders,
  transport_errors,
  transport_statuses,
} from './shared-components.ts'

/** `operation` is what the generator made of the route's schemas. */
export function completeOperation(operation: Operation, route: RouteOptions, usual: UsualCodes): Operation {
  const { config, schema } = route
  const { description: _, parameters = [], requestBody, responses, ...rest } = operation
  const errors = errorsOf(route)
  return {
    ...rest,
    description: describe(route),
    parameters: [...parameters, ...headerParameters(route)],
    ...(requestBody && { requestBody: withMediaTypes(route, requestBody) }),
    ...(config?.upload && { requestBody: fileBody }),
    responses: { ...errorsByStatus(errors, usual), ...successes(route, responses) },
    security: securityOf(config),
    'x-roles': config?.can === undefined ? [] : listRolesWith(config.can),
    ...(schema?.body !== undefined && { 'x-max-body-bytes': bodyLimitOf(route) }),
  }
}

/** A request with the cookie needs no token, and one without it has the refresh token in its body. */
function securityOf(config: RouteOptions['config']): object[] {
  if (!config?.open) return [{ bearer: [] }]
  return config.session_cookie === 'read' ? [{}, { session_cookie: [] }] : []
}

function describe(route: RouteOptions): string {
  const { config, schema } = route
  const limit = config?.upload ? max_upload_bytes : schema?.body === undefined ? undefined : bodyLimitOf(route)
  const size = limit === undefined ? undefined : `Body: at most ${formatSize(limit)}.`
  const access = [accessOf(config), size].filter(Boolean).join(' ')
  const has_body = schema?.body !== undefined || config?.upload !== undefined
  const command = has_body ? `\`\`\`sh\n${curl(route)}\n\`\`\`` : undefined
  return [schema?.description, access, command].filter(Boolean).join('\n\n')
}

function accessOf(config: RouteOptions['config']): string {
  if (config?.can !== undefined) return `Requires \`${config.can}\`: ${listRolesWith(config.can).join(', ')}.`
  return config?.open ? 'Requires no token.' : 'Requires a token of any member.'
}

/** The curl command of an operation with a body, with the example of its schema. */
function curl({ method, url, config, schema }: RouteOptions): string {
  const example = (schema?.body as { examples?: unknown[] } | undefined)?.examples?.[0]
  const parts = [
    `curl -s${method === 'GET' ? '' : ` -X ${String(method)}`} http://127.0.0.1:3000${url.replace(':id', sampleId)}`,
    config?.open ? '' : "-H 'authorization: Bearer <token>'",
    example === undefined ? '' : `-H 'content-type: application/json' -d '${JSON.stringify(example)}'`,
    config?.upload ? `-H 'content-type: ${upload_type}' --data-binary @${config.upload.example}` : '',
  ]
  return parts.filter(Boolean).join(' \\\n  ')
}

function headerParameters(route: RouteOptions): Parameter[] {
  const names: (keyof typeof requestHeaders)[] = []
  if (!route.config?.open) names.push('AgencyId')
  if (acceptsKey(route)) names.push('IdempotencyKey')
  if (route.config?.errors?.some(({ entry }) => entry.code === 'VERSION_MISMATCH')) names.push('IfMatch')
  if (hasTag(route)) names.push('IfNoneMatch')
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }))
}

/** The body of a route with `upload`. */
const fileBody = {
  required: true,
  content: { [upload_type]: { schema: { type: 'string', format: 'binary' }, example: 'a file' } },
}

/** A PATCH is a merge patch under both media types. */
function withMediaTypes({ method }: RouteOptions, body: NonNullable<Operation['requestBody']>) {
  const { 'application/json': json } = body.content
  if (method !== 'PATCH' || json === undefined) return body
  return { ...body, content: { ...body.content, 'application/merge-patch+json': { schema: json.schema } } }
}

/** Name of a response component -> its status and codes. */
export type UsualCodes = ReadonlyMap<string, { readonly status: number; readonly codes: string }>

/** One reference for each status. Its description lists the codes, unless they are the usual ones of the status. */
function errorsByStatus(entries: readonly ErrorEntry[], usual: UsualCodes): Record<string, { $ref: string }> {
  const responses = codesByStatus(entries).map(([status, codes]) => {
    const [same] = [...usual].find(([, usually]) => usually.status === status && usually.codes === codes) ?? []
    const $ref = `#/components/responses/${same ?? errorResponseName(status)}`
    return [status, { $ref, ...(same === undefined && { description: codes }) }]
  })
  return { '4XX': { $ref: `#/components/responses/${transport_errors}` }, ...Object.fromEntries(responses) }
}

/** [409, 'BOOKING_CONFLICT, CONFLICT'] */
function codesByStatus(entries: readonly ErrorEntry[]): [status: number, codes: string][] {
  const of_route = entries.filter(({ status }) => !transport_statuses.includes(status))
  const statuses = Object.entries(Object.groupBy(of_route, ({ status }) => status))
  return statuses.map(([status, some = []]) => [Number(status), codesOf(some)])
}

/** Reads can be unavailable for fewer reasons than changes. */
const write_outage = 'WriteUnavailable'

/** The codes that most of these routes have for each status, and those of changes for 503. The components describe them. */
export function usualCodesOf(routes: readonly RouteOptions[]): UsualCodes {
  const counts = new Map<number, Map<string, number>>()
  for (const [status, codes] of routes.flatMap((route) => codesByStatus(errorsOf(route)))) {
    const of_status = counts.get(status) ?? new Map<string, number>()
    counts.set(status, of_status.set(codes, (of_status.get(codes) ?? 0) + 1))
  }
  const usual = [...counts].flatMap(([status, all]) => {
    const [first, second] = [...all].sort((a, b) => b[1] - a[1]).map(([codes]) => ({ status, codes }))
    const names = [errorResponseName(status), ...(status === 503 ? [write_outage] : [])]
    return [first, second].flatMap((codes, n) => (codes && names[n] ? [[names[n], codes] as const] : []))
  })
  return new Map(usual)
}

function successes(route: RouteOptions, responses: Operation['responses']): Operation['responses'] {
  const own = Object.entries(responses as Record<string, Response>).map(([status, response]) => {
    const { description = '', headers: _, ...rest } = response
    const is_default = description === '' || description === 'Default Response'
    const headers = headersOf(responseHeadersOf(route, status, response))
    return [status, { description: is_default ? (STATUS_CODES[status] ?? '') : description, headers, ...rest }] as const
  })
  const known = { 304: { $ref: `#/components/responses/${not_modified}` } }
  return { ...Object.fromEntries(own), ...(hasTag(route) && known) }
}

function responseHeadersOf(route: RouteOptions, status: string, { content }: Response): HeaderComponent[] {
  const response = (route.schema?.response as Record<string, object> | undefined)?.[status]
  const names: HeaderComponent[] = ['RequestId']
  if (status >= '500') return [...names, 'RetryAfter']
  if (!route.url.startsWith('/health')) names.push('RateLimit')
  if (acceptsKey(route) && !hasSecret(response)) names.push('IdempotencyReplayed')
  if (isVersioned(response) || (route.config?.tagged && status === '200')) names.push('ETag')
  if (status === '201') names.push('Location')
  if ('text/csv' in (content ?? {})) names.push('ContentDisposition')
  if (route.config?.session_cookie !== undefined) names.push('SetCookie')
  return names
}

/** GET of one record with a version, or of an answer with a tag of its own: it has an ETag and answers If-None-Match. */
function hasTag({ method, schema, config }: RouteOptions): boolean {
  const response = (schema?.response as Record<string, object> | undefined)?.['200']
  return config?.tagged === true || (method === 'GET' && isVersioned(response))
}

function isVersioned(response: object | undefined): boolean {
  return 'version' in ((response as Schema | undefined)?.properties ?? {})
}
