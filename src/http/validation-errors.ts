// Converts errors of Ajv to error details: one per JSON pointer, with a readable message.
import type { ErrorObject } from 'ajv'
import type { ErrorDetail } from '../core/app-error.ts'
import { storable } from './schema.ts'

export const max_details = 20
const max_pointer = 200

const codes: Readonly<Record<string, string>> = {
  additionalProperties: 'UNKNOWN_FIELD',
  required: 'REQUIRED',
  type: 'WRONG_TYPE',
  enum: 'NOT_ALLOWED',
  const: 'NOT_ALLOWED',
}

/** Up to 20 details. `prefix` is prepended to each pointer. Requires the Ajv option `verbose`. */
export function toErrorDetails(errors: readonly ErrorObject[], prefix: string): ErrorDetail[] {
  const relevant = errors.filter(({ keyword }) => keyword !== 'if')
  const by_pointer = Object.groupBy(relevant, (error) => pointerOf(error, prefix))
  return Object.entries(by_pointer)
    .flatMap(([pointer, found = []]) => detailFor(pointer, found))
    .slice(0, max_details)
}

function pointerOf({ instancePath, params }: ErrorObject, prefix: string): string {
  const member: unknown = params.additionalProperty ?? params.missingProperty
  const pointer = `${prefix}${instancePath}${member === undefined ? '' : `/${escapePointer(String(member))}`}`
  return pointer.length > max_pointer ? `${pointer.slice(0, max_pointer)}…` : pointer
}

function escapePointer(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** An invalid value of a nullable type has errors of three keywords: its own, `type: null` and `anyOf`. */
function detailFor(pointer: string, errors: readonly ErrorObject[]): ErrorDetail[] {
  const is_nullable = errors.some(({ keyword }) => keyword === 'anyOf') && errors.some(requiresNull)
  const own = is_nullable ? errors.filter((error) => error.keyword !== 'anyOf' && !requiresNull(error)) : errors
  const [first] = own
  if (first === undefined) return []
  const messages = [...new Set(own.map(messageOf))].join(' and ')
  return [{ pointer, code: codes[first.keyword] ?? 'INVALID', message: messages + (is_nullable ? ', or null' : '') }]
}

function requiresNull({ keyword, params }: ErrorObject): boolean {
  return keyword === 'type' && params.type === 'null'
}

const types: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'an object',
  string: 'text',
}

const formats: Readonly<Record<string, string>> = {
  date: 'must be a calendar date, as YYYY-MM-DD',
  'date-time': 'must be a timestamp, as 2027-07-01T15:00:00Z',
  email: 'must be an e-mail address',
  'idn-email': 'must be an e-mail address',
  uuid: 'must be a UUID',
}

const messageByKeyword: Readonly<Record<string, (error: ErrorObject) => string>> = {
  additionalProperties: () => 'is not a field of this request',
  anyOf: () => 'does not match any of the allowed schemas',
  const: ({ params }) => `must be ${params.allowedValue}`,
  enum: ({ params }) => `must be one of ${(params.allowedValues as unknown[]).join(', ')}`,
  format: ({ params }) => formats[String(params.format)] ?? `must be a ${params.format}`,
  maxItems: ({ params }) => `must have at most ${items(params.limit)}`,
  maximum: ({ params }) => `must be at most ${params.limit}`,
  maxLength: ({ params }) => `must have at most ${characters(params.limit)}`,
  minItems: ({ params }) => `must have at least ${items(params.limit)}`,
  minimum: ({ params }) => `must be at least ${params.limit}`,
  minLength: ({ params }) => `must have at least ${characters(params.limit)}`,
  minProperties: () => 'must name at least one field',
  multipleOf: ({ params }) => `must be a multiple of ${params.multipleOf}`,
  pattern: wrongPattern,
  required: () => 'is required',
  uniqueItems: () => 'must not contain the same item twice',
  type: ({ params }) => `must be ${types[String(params.type)] ?? params.type}`,
}

function messageOf(error: ErrorObject): string {
  return messageByKeyword[error.keyword]?.(error) ?? error.message ?? 'is invalid'
}

function characters(count: unknown): string {
  return count === 1 ? '1 character' : `${count} characters`
}

function items(count: unknown): string {
  return count === 1 ? '1 item' : `${count} items`
}

function wrongPattern({ params, parentSchema }: ErrorObject): string {
  if (params.pattern === storable) return 'must not contain the character NUL or half of a surrogate pair'
  const [example] = (parentSchema?.examples ?? []) as unknown[]
  return example === undefined ? `must match ${params.pattern}` : `must look like ${example}`
}
