// Schemas decide what is well formed: nothing is coerced in bodies, unknown fields are refused, 20 findings are told.
import { Ajv, type AnySchema, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifyInstance, FastifySchemaCompiler, RouteOptions } from 'fastify'
import { ValidationError } from '../core/errors.ts'
import { findingsOf } from './findings.ts'
import { strictObject } from './schema.ts'
import { namesKeyword, sizesFirst } from './sizes-first.ts'

/** Where a part of the request begins in a finding's pointer. */
const places: Readonly<Record<string, string>> = {
  body: '',
  querystring: '/query',
  params: '/path',
  headers: '/header',
}

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/** Every part of a request goes through this one; what a schema gives as `default` is filled in. */
function createAjv(): Ajv {
  const ajv = new Ajv({ allErrors: true, removeAdditional: false, strict: false, useDefaults: true, verbose: true })
  addFormats.default(ajv, { mode: 'full', formats: ['date-time', 'email', 'time'] })
  ajv.addFormat('uuid', uuid)
  ajv.addFormat('date', isDate)
  ajv.addKeyword(namesKeyword)
  return ajv
}

/** A day that exists, in the years 1 to 9999: PostgreSQL knows no year 0. */
function isDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text) && text > '0001'
}

type Answer = { value: unknown } | { error: Error }

/** Query and path arrive as text, so their scalars are converted; bodies carry their own types. */
export function installValidation(app: FastifyInstance): void {
  const ajv = createAjv()
  const compile: FastifySchemaCompiler<AnySchema> = ({ schema, httpPart = 'body' }) => {
    const isValid = ajv.compile(sizesFirst(schema) as AnySchema)
    const place = places[httpPart] ?? ''
    return httpPart === 'body'
      ? (value: unknown) => answer(isValid, value, place)
      : (text: unknown) => answer(isValid, withScalars(schema, text), place)
  }
  app.setValidatorCompiler(compile)
  app.addHook('onRoute', refuseQuery)
}

const noQuery = strictObject({})

/** A parameter that an operation does not have is refused, not ignored; probes are asked with whatever a prober adds. */
function refuseQuery({ schema, url }: RouteOptions): void {
  if (schema?.tags === undefined || url.startsWith('/health')) return
  schema.querystring ??= noQuery
}

function answer(isValid: ValidateFunction, value: unknown, place: string): Answer {
  if (isValid(value)) return { value }
  return { error: new ValidationError({ details: findingsOf(isValid.errors as ErrorObject[], place) }) }
}

function withScalars(schema: AnySchema, part: unknown): unknown {
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> }
  if (typeof part !== 'object' || part === null) return part
  const entries = Object.entries(part).map(([name, text]) => {
    const type = Object.hasOwn(properties, name) ? properties[name]?.type : undefined
    return [name, typeof text === 'string' ? scalar(type, text) : text] as const
  })
  return Object.assign(Object.create(null), Object.fromEntries(entries))
}

/** The value a text is the plain spelling of; any other text stays one, and is refused as of the wrong type. */
function scalar(type: string | undefined, text: string): unknown {
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  if ((type === 'integer' || type === 'number') && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text)
  return text
}
