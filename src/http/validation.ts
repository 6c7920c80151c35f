// Schemas decide what is well formed: nothing is coerced in bodies, unknown fields are refused, every finding is told.

import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifyInstance, FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import type { ErrorDetail } from '../core/app-error.ts'
import { ValidationError } from '../core/errors.ts'

const places: Readonly<Record<string, string>> = {
  body: '',
  querystring: '/query',
  params: '/path',
  headers: '/header',
}

function compiler(coerce: boolean): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    coerceTypes: coerce,
    removeAdditional: false,
    useDefaults: true,
    strict: false,
  })
  addFormats.default(ajv, { mode: 'full', formats: ['date', 'date-time', 'email', 'uuid', 'time'] })
  // The library's own also takes urn:uuid:…, which the database does not.
  ajv.addFormat('uuid', /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i)
  return ajv
}

/** Query and path arrive as text, so their scalars are converted; bodies carry their own types. */
export function installValidation(app: FastifyInstance): void {
  const exact = compiler(false)
  const textual = compiler(true)
  const compile: FastifySchemaCompiler<object> = ({ schema, httpPart }) =>
    (httpPart === 'body' ? exact : textual).compile(schema)
  app.setValidatorCompiler(compile)
  app.setSchemaErrorFormatter((errors, part) => {
    const details = errors.map((error) => detailOf(error, places[part] ?? ''))
    return new ValidationError({ details: details.slice(0, 50) })
  })
}

const codes: Readonly<Record<string, string>> = {
  additionalProperties: 'UNKNOWN_FIELD',
  required: 'REQUIRED',
  type: 'WRONG_TYPE',
  enum: 'NOT_ALLOWED',
  const: 'NOT_ALLOWED',
}

function detailOf(error: FastifySchemaValidationError, place: string): ErrorDetail {
  const { keyword, params } = error
  const member = params.additionalProperty ?? params.missingProperty
  const pointer = `${place}${error.instancePath}${member === undefined ? '' : `/${escapePointer(String(member))}`}`
  return { pointer, code: codes[keyword] ?? 'INVALID', message: sentence(error) }
}

function escapePointer(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1')
}

function sentence({ keyword, params, message }: FastifySchemaValidationError): string {
  if (keyword === 'additionalProperties') return 'is not a field of this request'
  if (keyword === 'required') return 'is required'
  if (keyword === 'enum') return `must be one of ${(params.allowedValues as unknown[]).join(', ')}`
  return message ?? 'is invalid'
}
