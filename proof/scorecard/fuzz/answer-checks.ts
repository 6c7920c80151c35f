// The checks of every fuzzing answer, similar to those of Schemathesis.
import { players } from '../../../test/cast.ts'
import type { Answer } from '../../../test/sender.ts'
import type { Schema } from './document.ts'
import type { FilledRequest } from './filled-request.ts'
import type { CallerName } from './requests.ts'

/** Returns the violations of the answer. `deleted`: URLs of deleted resources. */
export function checkAnswer(request: FilledRequest, answer: Answer, deleted: ReadonlySet<string>): string[] {
  const { operation } = request.draft
  const { status, code } = answer
  const violations = checkConformity(request, answer)
  if (status >= 500) return [`${status} ${code}`, ...violations]
  if (!isWellFormedUrl(request))
    return status >= 400 ? violations : [...violations, 'accepted a URL that is not valid percent-encoded text']
  const expected = expectedRefusal(request)
  if (expected !== undefined && status !== expected) return [`status ${status}, expected ${expected}`, ...violations]
  if (expected === undefined && status < 300 && !isValid(request))
    violations.push('accepted a request that violates the schema')
  const [path = ''] = request.url.split('?')
  const is_deleted = [...deleted].some((address) => path.startsWith(address)) && !operation.path.endsWith('/history')
  if (is_deleted && status < 300) violations.push('found a deleted resource')
  return violations
}

/** Checks status, error code, content type and body against the document. */
function checkConformity({ draft }: FilledRequest, { status, code, text, body, headers }: Answer): string[] {
  const documented = draft.operation.responses[status]
  if (documented === undefined) return [`status ${status} ${code} is not documented`]
  const is_unknown = status >= 400 && !draft.operation.codes.includes(code)
  const violations = is_unknown ? [`code ${code} is not documented`] : []
  if (status >= 400 && body.error === undefined) violations.push('an error without the error envelope')
  const types = Object.entries(documented)
  if (types.length === 0) return text === '' ? violations : [...violations, 'a body where none is documented']
  const [type = '', charset] = String(headers['content-type']).split('; ')
  const isAsDocumented = documented[type]
  if (isAsDocumented === undefined) return [...violations, `content type ${type} is not documented`]
  if (charset !== 'charset=utf-8') violations.push(`unexpected charset ${charset}`)
  if (isAsDocumented(type === 'application/json' ? body : text)) return violations
  const [error] = isAsDocumented.errors ?? []
  return [...violations, `the body violates its schema: ${error?.instancePath} ${error?.message}`]
}

/** The status that this caller must get regardless of the request, or undefined. */
function expectedRefusal({ draft, caller }: FilledRequest): 401 | 403 | undefined {
  const { is_open, roles } = draft.operation
  if (is_open) return undefined
  if (caller === 'anonymous') return 401
  if (roles.length === 0) return undefined
  return roles.some((role) => role === roleOf(caller)) ? undefined : 403
}

function roleOf(caller: Exclude<CallerName, 'anonymous'>): string | undefined {
  const [membership] = players[caller].memberships
  return membership?.is_active ? membership.role : undefined
}

/** Whether the URL can be decoded and does not exceed the length limits of the server. */
function isWellFormedUrl({ url, params }: FilledRequest): boolean {
  return isDecodable(url) && url.length <= 8000 && Object.values(params).every((text) => text.length <= 1000)
}

function isDecodable(escaped: string): boolean {
  try {
    decodeURIComponent(escaped)
    return true
  } catch {
    return false
  }
}

/** Whether the document allows the request. */
export function isValid(request: FilledRequest): boolean {
  const { operation } = request.draft
  // Health endpoints ignore the query.
  if (operation.path.startsWith('/health')) return true
  return (
    isValidBody(request) &&
    isValidQuery(request) &&
    Object.entries(request.params).every(([name, text]) => operation.isParameter[name]?.(decodeURIComponent(text)))
  )
}

function isValidBody({ draft, body }: FilledRequest): boolean {
  if (draft.operation.isBody === undefined) return true
  if (body !== undefined && Buffer.byteLength(body) > draft.operation.max_body_bytes) return false
  try {
    return draft.operation.isBody(JSON.parse(body ?? ''))
  } catch {
    return false
  }
}

function isValidQuery({ draft, query }: FilledRequest): boolean {
  const { operation } = draft
  const names = query.map(([name]) => decodeURIComponent(name))
  if (new Set(names).size < names.length) return false
  if (operation.required_query.some((name) => !names.includes(name))) return false
  return query.every(([, text], i) => {
    const schema = operation.query[names[i] ?? '']
    return (
      schema !== undefined && operation.isParameter[names[i] ?? '']?.(parseScalar(schema, decodeURIComponent(text)))
    )
  })
}

/** Converts a query value to the number or boolean that its schema requires. */
function parseScalar({ type }: Schema, text: string): unknown {
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true'
  return (type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}
