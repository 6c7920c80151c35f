// A draft with its ids filled in, as it goes over the wire, and as a line that a person can paste.
import { randomUUID } from 'node:crypto'
import type { CallerName, Draft, Spoil } from './requests.ts'
import type { Wish } from './values.ts'

export interface Sent {
  readonly draft: Draft
  readonly caller: CallerName
  /** Path and query. */
  readonly url: string
  /** Path parameters as they stand in the URL. */
  readonly params: Readonly<Record<string, string>>
  /** Names and values as they stand in the URL. */
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly body: string | undefined
}

/** The ids that are known so far, by what they are of. */
export type Ids = Map<string, string[]>

export function fill(draft: Draft, ids: Ids): Sent {
  const { operation, caller } = draft
  const params = Object.fromEntries(
    Object.entries(draft.params).map(([name, value]) => [name, escaped(granted(value, ids))]),
  )
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name) => params[name] ?? '')
  const query = draft.query.map(([name, value]) => [encodeURIComponent(name), escaped(granted(value, ids))] as const)
  const text = query.map((pair) => pair.join('=')).join('&')
  const body = draft.body === undefined ? undefined : textOf(granted(draft.body, ids), draft.spoil)
  return { draft, caller, url: text === '' ? path : `${path}?${text}`, params, query, body }
}

/** The value with every wish in it granted; every fifth of the ids names nothing. */
function granted(value: unknown, ids: Ids): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one) => granted(one, ids))
  if ('(id)' in value) {
    const { '(id)': kind, nth } = value as Wish
    const known = ids.get(kind) ?? []
    return (nth % 5 === 0 ? undefined : known[nth % known.length]) ?? randomUUID()
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, granted(one, ids)]))
}

function escaped(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'escaped' in value) return String(value.escaped)
  // A URL holds no half of a surrogate pair.
  return encodeURIComponent(String(value).toWellFormed())
}

const hole = '"(here)"'

function textOf(body: unknown, spoil: Spoil | undefined): string {
  const fields = body as Record<string, unknown>
  switch (spoil?.kind) {
    case 'field':
      return JSON.stringify({ ...fields, [spoil.name]: '(here)' }).replace(hole, () => spoil.json)
    case 'without':
      return JSON.stringify({ ...fields, [spoil.name]: undefined })
    case 'text':
      return spoil.text
    case 'cut': {
      const text = JSON.stringify(body)
      return text.slice(0, Math.floor(text.length * spoil.share))
    }
    default:
      return JSON.stringify(body)
  }
}

/** Without the token: `$ADMIN` stands for it. */
export function asCurl({ draft, caller, url, body }: Sent, port: number): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  const parts = [`curl -s -X ${draft.operation.method} ${quoted(`http://127.0.0.1:${port}${url}`)}`]
  if (caller !== 'nobody') parts.push(`-H "authorization: Bearer $${caller.toUpperCase()}"`)
  if (body !== undefined) parts.push("-H 'content-type: application/json'", `--data-raw ${quoted(body.slice(0, 2000))}`)
  return parts.join(' ')
}
