// Reads /openapi.json: replaces references by what they refer to, and lists the error codes of an operation.

type Json = Readonly<Record<string, unknown>>

/** Statuses that operations document by the range 4XX. */
const transport_statuses = ['408', '414', '417', '431']

/**
 * The document without references and without the range 4XX. A nullable schema is an `anyOf` with null, and the objects of
 * responses have no additional members.
 */
export function dereference<Document>(document: unknown): Document {
  const { components, ...rest } = document as { components: Json }
  const resolve = (value: unknown, is_response: boolean): unknown => {
    if (Array.isArray(value)) return value.map((one) => resolve(one, is_response))
    if (typeof value !== 'object' || value === null) return value
    const { $ref, ...own } = value as { $ref?: string }
    if ($ref !== undefined) return { ...(resolve(lookUp(components, $ref), is_response) as object), ...own }
    const entries = Object.entries(own).map(([name, one]) => [name, resolve(one, is_response || name === 'responses')])
    return asDocumented(Object.fromEntries(entries), is_response)
  }
  return resolve(rest, false) as Document
}

function lookUp(components: Json, reference: string): unknown {
  const [kind = '', name = ''] = reference.replace('#/components/', '').split('/')
  const found = (components[kind] as Json | undefined)?.[name]
  if (found === undefined) throw new Error(`the document has no ${reference}`)
  return found
}

function asDocumented(value: Json, is_response: boolean): Json {
  const { '4XX': range, ...responses } = value
  if (range !== undefined) return { ...Object.fromEntries(transport_statuses.map((one) => [one, range])), ...responses }
  const { type, description, ...rest } = value
  if (Array.isArray(type) && type.length === 2 && type[1] === 'null') {
    const described = description === undefined ? {} : { description }
    return { ...described, anyOf: [{ ...rest, type: type[0] }, { type: 'null' }] }
  }
  const is_closed = is_response && type === 'object' && 'properties' in value && !('additionalProperties' in value)
  return is_closed ? { ...value, additionalProperties: false } : value
}

interface Described {
  readonly responses: Readonly<Record<string, { readonly description?: string }>>
}

/** The codes of all error responses of a dereferenced operation. Their descriptions list them. */
export function errorCodesOf({ responses }: Described): string[] {
  return Object.entries(responses).flatMap(([status, { description = '' }]) =>
    status >= '400' ? (description.match(/\b[A-Z][A-Z_]{3,}\b/g) ?? []) : [],
  )
}
