// What a schema found wrong, in words: one finding per place, however many ways the schema has to say it.
import type { ErrorObject } from 'ajv'
import type { ErrorDetail } from '../core/app-error.ts'
import { storable } from './schema.ts'

export const max_findings = 20
const max_pointer = 200

const codes: Readonly<Record<string, string>> = {
  additionalProperties: 'UNKNOWN_FIELD',
  required: 'REQUIRED',
  type: 'WRONG_TYPE',
  enum: 'NOT_ALLOWED',
  const: 'NOT_ALLOWED',
}

/** Up to 20 findings; `place` is put before each pointer. The errors must carry their schemas (`verbose`). */
export function findingsOf(errors: readonly ErrorObject[], place: string): ErrorDetail[] {
  const own = errors.filter(({ keyword }) => keyword !== 'if')
  const at = Object.groupBy(own, (error) => pointerOf(error, place))
  return Object.entries(at)
    .flatMap(([pointer, found = []]) => findingAt(pointer, found))
    .slice(0, max_findings)
}

function pointerOf({ instancePath, params }: ErrorObject, place: string): string {
  const member: unknown = params.additionalProperty ?? params.missingProperty
  const pointer = `${place}${instancePath}${member === undefined ? '' : `/${escapePointer(String(member))}`}`
  return pointer.length > max_pointer ? `${pointer.slice(0, max_pointer)}…` : pointer
}

function escapePointer(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** A value that may be null breaks three rules when it is wrong: its own, "is null" and "one of the two". */
function findingAt(pointer: string, errors: readonly ErrorObject[]): ErrorDetail[] {
  const is_nullable = errors.some(({ keyword }) => keyword === 'anyOf') && errors.some(asksForNull)
  const own = is_nullable ? errors.filter((error) => error.keyword !== 'anyOf' && !asksForNull(error)) : errors
  const [first] = own
  if (first === undefined) return []
  const sentences = [...new Set(own.map(sentence))].join(' and ')
  return [{ pointer, code: codes[first.keyword] ?? 'INVALID', message: sentences + (is_nullable ? ', or null' : '') }]
}

function asksForNull({ keyword, params }: ErrorObject): boolean {
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
  date: 'must be a day of the calendar, as YYYY-MM-DD',
  'date-time': 'must be a point in time, as 2027-07-01T15:00:00Z',
  email: 'must be an e-mail address',
  uuid: 'must be a UUID',
}

const sentences: Readonly<Record<string, (error: ErrorObject) => string>> = {
  additionalProperties: () => 'is not a field of this request',
  anyOf: () => 'has none of the forms it may have',
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
  uniqueItems: () => 'must not hold the same item twice',
  type: ({ params }) => `must be ${types[String(params.type)] ?? params.type}`,
}

function sentence(error: ErrorObject): string {
  return sentences[error.keyword]?.(error) ?? error.message ?? 'is invalid'
}

function characters(count: unknown): string {
  return count === 1 ? '1 character' : `${count} characters`
}

function items(count: unknown): string {
  return count === 1 ? '1 item' : `${count} items`
}

function wrongPattern({ params, parentSchema }: ErrorObject): string {
  if (params.pattern === storable) return 'must not hold the character NUL or half of a surrogate pair'
  const [example] = (parentSchema?.examples ?? []) as unknown[]
  return example === undefined ? `must match ${params.pattern}` : `must look like ${example}`
}
