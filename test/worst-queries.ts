// For every operation with parameters: the queries that cost most to parse, up to the limit of a URL.
import { dereference } from './openapi-document.ts'

/** An operation with query parameters. */
export interface QueryOperation {
  /** GET /api/v1/bookings */
  readonly name: string
  readonly path: string
  readonly parameters: readonly string[]
}

interface Described {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[]
}

/** `document` is the JSON of /openapi.json. Probes accept any query and are left out. */
export function queryOperations(document: object): QueryOperation[] {
  const { paths } = dereference<{ paths: Record<string, { get?: Described }> }>(document)
  return Object.entries(paths).flatMap(([path, { get }]) => {
    const all = (get?.parameters ?? []).filter((one) => one.in === 'query')
    if (all.length === 0 || path.startsWith('/health')) return []
    return [{ name: `GET ${path}`, path, parameters: all.map(({ name }) => name) }]
  })
}

/** Below 8 KiB together with the path and the parameter's name. */
const max_characters = 7900

function repeated(unit: (n: number) => string): string {
  let text = ''
  for (let n = 0; text.length + unit(n).length <= max_characters; n += 1) text += unit(n)
  return text
}

export interface WorstQuery {
  readonly name: string
  readonly query: string
}

/** Each answers 422 VALIDATION_ERROR, for any parameters. */
export function worstQueries({ parameters }: QueryOperation): WorstQuery[] {
  const long = ['x', ',', 'T', '0', 'a.', '+', '%20', '%00', '2027-01-01/', 'pending,']
  return [
    { name: 'unknown parameters', query: repeated((n) => `${n.toString(36)}&`) },
    { name: 'one unknown parameter many times', query: repeated(() => 'a&') },
    { name: 'escaped names', query: repeated((n) => `%61${n}=%F0%9F%98%80&`) },
    ...parameters.flatMap((parameter) => [
      { name: `?${parameter} many times`, query: repeated(() => `${parameter}=1&`) },
      ...long.map((unit) => ({
        name: `?${parameter} of ${unit}`,
        query: `${parameter}=${repeated(() => unit)}`,
      })),
    ]),
  ]
}
