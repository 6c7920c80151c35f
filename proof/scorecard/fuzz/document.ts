// Reads the OpenAPI document into operations with compiled validators.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { canonicalEmail } from '../../../src/core/emails.ts'
import { dereference, errorCodesOf } from '../../../test/openapi-document.ts'
import type { Sender } from '../../../test/sender.ts'

export interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly minProperties?: number
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly multipleOf?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly examples?: readonly unknown[]
}

export interface Operation {
  /** For example `POST /api/v1/bookings/{id}/split`. */
  readonly name: string
  readonly method: string
  readonly path: string
  /** Empty: any signed-in user, or any caller when `is_open`. */
  readonly roles: readonly string[]
  readonly is_open: boolean
  readonly codes: readonly string[]
  readonly body: Schema | undefined
  readonly max_body_bytes: number
  /** The example body of the document. */
  readonly example: object | undefined
  readonly query: Readonly<Record<string, Schema>>
  readonly required_query: readonly string[]
  readonly params: Readonly<Record<string, Schema>>
  /** Status -> content type -> body validator. No content type: no body. */
  readonly responses: Readonly<Record<string, Readonly<Record<string, ValidateFunction>>>>
  readonly isBody: ValidateFunction | undefined
  /** Validators of path and query parameters by name. */
  readonly isParameter: Readonly<Record<string, ValidateFunction>>
}

interface Parameter {
  readonly in: string
  readonly name: string
  readonly required?: boolean
  readonly schema: Schema
}
interface Content {
  readonly schema: Schema
  readonly example?: object
  readonly examples?: Record<string, { value: object }>
}
interface Described {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { content: Record<string, Content> }
  readonly responses: Record<string, { description?: string; content?: Record<string, { schema: Schema }> }>
  readonly security: readonly object[]
  readonly 'x-max-body-bytes'?: number
  readonly 'x-roles': readonly string[]
}
interface Document {
  readonly paths: Record<string, Record<string, Described>>
}

/** Fetches the document. Compiles its schemas with a separate Ajv instance, independent of the service. */
export async function fetchOperations(sender: Sender): Promise<Operation[]> {
  return operationsOf(dereference((await sender.send('GET', '/openapi.json')).body))
}

function operationsOf(document: Document): Operation[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv, { mode: 'full' })
  ajv.addFormat('idn-email', (text) => canonicalEmail(text) !== undefined)
  const compile = (schema: Schema) => ajv.compile(schema)
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => operationOf(path, method.toUpperCase(), described, compile)),
  )
}

type Compile = (schema: Schema) => ValidateFunction

function operationOf(path: string, method: string, described: Described, compile: Compile): Operation {
  const { parameters = [], requestBody, security } = described
  const place = (where: string) => parameters.filter((one) => one.in === where)
  const schemasOf = (where: string) => Object.fromEntries(place(where).map(({ name, schema }) => [name, schema]))
  const { schema: body, example, examples = {} } = requestBody?.content['application/json'] ?? {}
  const parts = [...place('query'), ...place('path')]
  return {
    name: `${method} ${path}`,
    method,
    path,
    roles: described['x-roles'],
    is_open: !security.some((scheme) => 'bearer' in scheme),
    codes: errorCodesOf(described),
    body,
    max_body_bytes: described['x-max-body-bytes'] ?? 0,
    example: example ?? Object.values(examples)[0]?.value,
    query: schemasOf('query'),
    required_query: place('query').flatMap(({ name, required }) => (required ? [name] : [])),
    params: schemasOf('path'),
    responses: Object.fromEntries(
      Object.entries(described.responses).map(([status, { content = {} }]) => [
        status,
        Object.fromEntries(Object.entries(content).map(([type, { schema }]) => [type, compile(schema)])),
      ]),
    ),
    isBody: body && compile(body),
    isParameter: Object.fromEntries(parts.map(({ name, schema }) => [name, compile(schema)])),
  }
}
