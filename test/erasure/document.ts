// The operations of /openapi.json, in the form that the erasure scenario needs.
import { dereference } from '../openapi-document.ts'
import type { Schema } from './planted-values.ts'

export interface Operation {
  /** `POST /bookings/:id` */
  readonly name: string
  readonly method: string
  /** With {id}: /api/v1/bookings/{id} */
  readonly path: string
  readonly body: Schema | undefined
  readonly example: object
  readonly query: Readonly<Record<string, Schema & { readonly required: boolean }>>
  /** False for operations without a role: sign-in, health. */
  readonly is_of_agency: boolean
  /** The schemas of its 2xx responses. */
  readonly answers: readonly Schema[]
}

interface Described {
  readonly parameters?: readonly { in: string; name: string; required?: boolean; schema: Schema }[]
  readonly requestBody?: {
    content: Record<string, { schema: Schema; example?: object; examples?: Record<string, { value: object }> }>
  }
  readonly responses: Record<string, { content?: Record<string, { schema: Schema }> }>
  readonly 'x-roles'?: readonly string[]
}

/** `document` is the JSON of /openapi.json. */
export function operationsIn(document: unknown): Operation[] {
  const { paths } = dereference<{ paths: Record<string, Record<string, Described>> }>(document)
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => operationOf(path, method.toUpperCase(), described)),
  )
}

function operationOf(path: string, method: string, described: Described): Operation {
  const content = described.requestBody?.content['application/json']
  const query = (described.parameters ?? []).filter((one) => one.in === 'query')
  return {
    name: `${method} ${path.replace('/api/v1', '').replaceAll(/\{(\w+)\}/g, ':$1')}`,
    method,
    path,
    body: content?.schema,
    example: content?.example ?? Object.values(content?.examples ?? {})[0]?.value ?? {},
    query: Object.fromEntries(query.map(({ name, required = false, schema }) => [name, { ...schema, required }])),
    is_of_agency: (described['x-roles'] ?? []).length > 0,
    answers: Object.entries(described.responses)
      .filter(([status]) => status.startsWith('2'))
      .flatMap(([, { content: answered = {} }]) => Object.values(answered).map(({ schema }) => schema)),
  }
}
