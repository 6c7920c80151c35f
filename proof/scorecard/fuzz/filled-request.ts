// Fills the ids of a draft and serializes it, for the wire and as a curl command.
import { randomUUID } from 'node:crypto'
import type { CallerName, Corruption, Draft } from './requests.ts'
import type { IdPlaceholder } from './values.ts'

export interface FilledRequest {
  readonly draft: Draft
  readonly caller: CallerName
  /** Path and query. */
  readonly url: string
  /** Path parameters, percent-encoded. */
  readonly params: Readonly<Record<string, string>>
  /** Names and values, percent-encoded. */
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly body: string | undefined
}

/** Known ids by collection. */
export type Ids = Map<string, string[]>

export function fill(draft: Draft, ids: Ids): FilledRequest {
  const { operation, caller } = draft
  const params = Object.fromEntries(
    Object.entries(draft.params).map(([name, value]) => [name, escaped(resolveIds(value, ids))]),
  )
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name) => params[name] ?? '')
  const query = draft.query.map(([name, value]) => [encodeURIComponent(name), escaped(resolveIds(value, ids))] as const)
  const text = query.map((pair) => pair.join('=')).join('&')
  const body = draft.body === undefined ? undefined : serializeBody(resolveIds(draft.body, ids), draft.corruption)
  return { draft, caller, url: text === '' ? path : `${path}?${text}`, params, query, body }
}

/** Replaces every id placeholder in the value. Every fifth id is random and does not exist. */
function resolveIds(value: unknown, ids: Ids): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one) => resolveIds(one, ids))
  if ('(id)' in value) {
    const { '(id)': kind, nth } = value as IdPlaceholder
    const known = ids.get(kind) ?? []
    return (nth % 5 === 0 ? undefined : known[nth % known.length]) ?? randomUUID()
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolveIds(one, ids)]))
}

function escaped(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'escaped' in value) return String(value.escaped)
  // encodeURIComponent throws on lone surrogates.
  return encodeURIComponent(String(value).toWellFormed())
}

const placeholder = '"(here)"'

function serializeBody(body: unknown, corruption: Corruption | undefined): string {
  const fields = body as Record<string, unknown>
  switch (corruption?.kind) {
    case 'field':
      return JSON.stringify({ ...fields, [corruption.name]: '(here)' }).replace(placeholder, () => corruption.json)
    case 'without':
      return JSON.stringify({ ...fields, [corruption.name]: undefined })
    case 'text':
      return corruption.text
    case 'cut': {
      const text = JSON.stringify(body)
      return text.slice(0, Math.floor(text.length * corruption.share))
    }
    default:
      return JSON.stringify(body)
  }
}

/** Without the token; it uses a shell variable such as `$ADMIN`. */
export function asCurl({ draft, caller, url, body }: FilledRequest, port: number): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  const parts = [`curl -s -X ${draft.operation.method} ${quoted(`http://127.0.0.1:${port}${url}`)}`]
  if (caller !== 'anonymous') parts.push(`-H "authorization: Bearer $${caller.toUpperCase()}"`)
  if (body !== undefined) parts.push("-H 'content-type: application/json'", `--data-raw ${quoted(body.slice(0, 2000))}`)
  return parts.join(' ')
}
