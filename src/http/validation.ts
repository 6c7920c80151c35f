// Validates requests with Ajv: no coercion in bodies, no unknown fields, at most 20 errors.
import { Ajv, type AnySchema, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifyInstance, FastifySchemaCompiler, RouteOptions } from 'fastify'
import { canonicalEmail } from '../core/emails.ts'
import { ValidationError } from '../core/errors.ts'
import { isDay } from '../core/instants.ts'
import { strictObject } from './schema.ts'
import { onlyNamesKeyword, rewriteSchema } from './schema-rewrite.ts'
import { storedFormKeyword } from './stored-form.ts'
import { toErrorDetails } from './validation-errors.ts'

/** The prefix of JSON pointers for each part of the request. */
const pointer_prefixes: Readonly<Record<string, string>> = {
  body: '',
  querystring: '/query',
  params: '/path',
  headers: '/header',
}

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/** One instance for all parts of a request. Fills in the `default` of a schema. */
function createAjv(): Ajv {
  const ajv = new Ajv({ allErrors: true, removeAdditional: false, strict: false, useDefaults: true, verbose: true })
  addFormats.default(ajv, { mode: 'full', formats: ['date-time', 'time'] })
  for (const format of ['email', 'idn-email']) ajv.addFormat(format, (text) => canonicalEmail(text) !== undefined)
  ajv.addFormat('uuid', uuid)
  ajv.addFormat('date', isDay)
  ajv.addKeyword(onlyNamesKeyword)
  ajv.addKeyword(storedFormKeyword)
  return ajv
}

type ValidationResult = { value: unknown } | { error: Error }

/** Converts strings of the query and the path to the types of their schema. Bodies have JSON types already. */
export function installValidation(app: FastifyInstance): void {
  const ajv = createAjv()
  const compile: FastifySchemaCompiler<AnySchema> = ({ schema, httpPart = 'body' }) => {
    const isValid = ajv.compile(rewriteSchema(schema) as AnySchema)
    const prefix = pointer_prefixes[httpPart] ?? ''
    return httpPart === 'body'
      ? (value: unknown) => validate(isValid, value, prefix)
      : (part: unknown) => validate(isValid, convertScalars(schema, part), prefix)
  }
  app.setValidatorCompiler(compile)
  app.addHook('onRoute', refuseUnknownQuery)
}

const no_query = strictObject({})

/** Refuses query parameters that an operation does not have, except for health probes. */
function refuseUnknownQuery({ schema, url }: RouteOptions): void {
  if (schema?.tags === undefined || url.startsWith('/health')) return
  schema.querystring ??= no_query
}

function validate(isValid: ValidateFunction, value: unknown, prefix: string): ValidationResult {
  if (isValid(value)) return { value }
  return { error: new ValidationError({ details: toErrorDetails(isValid.errors as ErrorObject[], prefix) }) }
}

function convertScalars(schema: AnySchema, part: unknown): unknown {
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> }
  if (typeof part !== 'object' || part === null) return part
  const entries = Object.entries(part).map(([name, text]) => {
    const type = Object.hasOwn(properties, name) ? properties[name]?.type : undefined
    return [name, typeof text === 'string' ? convertScalar(type, text) : text] as const
  })
  return Object.assign(Object.create(null), Object.fromEntries(entries))
}

/** Converts a boolean or a number. Other texts are returned unchanged, and validation reports the wrong type. */
function convertScalar(type: string | undefined, text: string): unknown {
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  if ((type === 'integer' || type === 'number') && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text)
  return text
}
