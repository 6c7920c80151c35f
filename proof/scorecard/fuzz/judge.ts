// What must be true of every answer, whatever was asked: as Schemathesis checks it, and a little more.
import { players } from '../../../test/cast.ts'
import type { Answer } from '../../../test/sender.ts'
import type { Schema } from './document.ts'
import type { CallerName } from './requests.ts'
import type { Sent } from './sent.ts'

/** What is wrong with the answer, in words; nothing when all is well. `gone`: addresses of what has been deleted. */
export function judge(sent: Sent, answer: Answer, gone: ReadonlySet<string>): string[] {
  const { operation } = sent.draft
  const { status, code } = answer
  const findings = conformity(sent, answer)
  if (status >= 500) return [`${status} ${code}`, ...findings]
  if (!isSound(sent)) return status >= 400 ? findings : [...findings, 'accepted a URL that is no text']
  const expected = refusalOf(sent)
  if (expected !== undefined && status !== expected) return [`${status} where ${expected} was due`, ...findings]
  if (expected === undefined && status < 300 && !isValid(sent)) findings.push(`accepted what its schema refuses`)
  const [path = ''] = sent.url.split('?')
  const is_gone = [...gone].some((address) => path.startsWith(address)) && !operation.path.endsWith('/history')
  if (is_gone && status < 300) findings.push('found what has been deleted')
  return findings
}

/** The status, the type and the shape of the body are as the document says, and the code is one of the operation's. */
function conformity({ draft }: Sent, { status, code, text, body, headers }: Answer): string[] {
  const documented = draft.operation.responses[status]
  if (documented === undefined) return [`status ${status} ${code} is not documented`]
  const is_unknown = status >= 400 && !draft.operation.codes.includes(code)
  const findings = is_unknown ? [`code ${code} is not documented`] : []
  if (status >= 400 && body.error === undefined) findings.push('an error without an envelope')
  const types = Object.entries(documented)
  if (types.length === 0) return text === '' ? findings : [...findings, 'a body where none is documented']
  const [type = '', charset] = String(headers['content-type']).split('; ')
  const isAsDocumented = documented[type]
  if (isAsDocumented === undefined) return [...findings, `content type ${type} is not documented`]
  if (charset !== 'charset=utf-8') findings.push(`charset ${charset}`)
  if (isAsDocumented(type === 'application/json' ? body : text)) return findings
  const [error] = isAsDocumented.errors ?? []
  return [...findings, `a body that is not as documented: ${error?.instancePath} ${error?.message}`]
}

/** The status that this caller must get whatever they ask, before anything they say is looked at. */
function refusalOf({ draft, caller }: Sent): 401 | 403 | undefined {
  const { is_open, roles } = draft.operation
  if (is_open) return undefined
  if (caller === 'nobody') return 401
  if (roles.length === 0) return undefined
  return roles.some((role) => role === roleOf(caller)) ? undefined : 403
}

function roleOf(caller: Exclude<CallerName, 'nobody'>): string | undefined {
  const [membership] = players[caller].memberships
  return membership?.is_active ? membership.role : undefined
}

/** Whether the address can be read at all, and is no longer than the server takes. */
function isSound({ url, params }: Sent): boolean {
  return isText(url) && url.length <= 8000 && Object.values(params).every((text) => text.length <= 1000)
}

function isText(escaped: string): boolean {
  try {
    decodeURIComponent(escaped)
    return true
  } catch {
    return false
  }
}

/** Whether the request is one that the document allows. */
export function isValid(sent: Sent): boolean {
  const { operation } = sent.draft
  // Probes are asked with whatever a prober adds.
  if (operation.path.startsWith('/health')) return true
  return (
    isValidBody(sent) &&
    isValidQuery(sent) &&
    Object.entries(sent.params).every(([name, text]) => operation.isParameter[name]?.(decodeURIComponent(text)))
  )
}

function isValidBody({ draft, body }: Sent): boolean {
  if (draft.operation.isBody === undefined) return true
  if (body !== undefined && Buffer.byteLength(body) > draft.operation.max_body_bytes) return false
  try {
    return draft.operation.isBody(JSON.parse(body ?? ''))
  } catch {
    return false
  }
}

function isValidQuery({ draft, query }: Sent): boolean {
  const { operation } = draft
  const names = query.map(([name]) => decodeURIComponent(name))
  if (new Set(names).size < names.length) return false
  if (operation.required_query.some((name) => !names.includes(name))) return false
  return query.every(([, text], i) => {
    const schema = operation.query[names[i] ?? '']
    return schema !== undefined && operation.isParameter[names[i] ?? '']?.(scalar(schema, decodeURIComponent(text)))
  })
}

/** A query is text: the number or truth it spells, where the schema asks for one. */
function scalar({ type }: Schema, text: string): unknown {
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true'
  return (type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}
