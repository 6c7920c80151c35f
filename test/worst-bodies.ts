// For every operation with a body: the bodies that cost most to parse, at the size limit.

import { max_depth, max_values } from '../src/http/body-limits.ts'
import { dereference } from './openapi-document.ts'

export interface BodySchema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly BodySchema[]
  readonly items?: BodySchema
  readonly properties?: Readonly<Record<string, BodySchema>>
  readonly format?: string
  readonly pattern?: string
  readonly maxLength?: number
  readonly maximum?: number
  readonly maxItems?: number
  readonly examples?: readonly unknown[]
}

/** An operation of the OpenAPI document, as far as its body is concerned. */
export interface BodyOperation {
  /** PATCH /api/v1/bookings/{id} */
  readonly name: string
  readonly method: 'POST' | 'PATCH'
  readonly path: string
  readonly is_open: boolean
  /** Bytes. */
  readonly limit: number
  readonly schema: BodySchema
  readonly example: Readonly<Record<string, unknown>>
}

export interface WorstBody {
  readonly name: string
  readonly json: string
  /** The expected status and code; undefined where the outcome depends on more than the body. */
  readonly refusal: readonly [status: number, code: string] | undefined
}

interface Described {
  readonly requestBody?: { content: Record<string, { schema: BodySchema; example?: object }> }
  readonly security: readonly unknown[]
  readonly 'x-max-body-bytes'?: number
}

/** `document` is the JSON of /openapi.json. */
export function bodyOperations(document: object): BodyOperation[] {
  const { paths } = dereference<{ paths: Record<string, Record<string, Described>> }>(document)
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody, security, 'x-max-body-bytes': bytes = Number.NaN }]) => {
      const { schema, example } = requestBody?.content['application/json'] ?? {}
      if (schema === undefined) return []
      const name = `${method.toUpperCase()} ${path}`
      const its_example = (example ?? schema.examples?.[0] ?? {}) as BodyOperation['example']
      const how = {
        name,
        method: method.toUpperCase() as BodyOperation['method'],
        path,
        is_open: security.length === 0,
      }
      return [{ ...how, limit: bytes, schema, example: its_example }]
    }),
  )
}

/** A JSON text of at most `bytes` bytes. */
type Filling = (bytes: number) => string

const text =
  (unit: string): Filling =>
  (bytes) =>
    `"${unit.repeat(Math.floor((bytes - 2) / Buffer.byteLength(unit)))}"`

/** As many units as fit, at most `most`. */
function series(open: string, unit: (n: number) => string, close: string, most = max_values - 100): Filling {
  return (bytes) => {
    const units: string[] = []
    let left = bytes - open.length - close.length
    for (let n = 0; n < most; n += 1) {
      left -= unit(n).length + 1
      if (left < 0) break
      units.push(unit(n))
    }
    return open + units.join(',') + close
  }
}

function nested(open: string, close: string, most: number): Filling {
  return (bytes) => {
    const levels = Math.min(most, Math.floor((bytes - 1) / (open.length + close.length)))
    return `${open.repeat(levels)}0${close.repeat(levels)}`
  }
}

const everything = Number.MAX_SAFE_INTEGER
const key = (n: number) => `k${n.toString(36)}`
/** Exactly between two doubles: the last digit decides the rounding. */
const halfWay = `9007199254740993.${'0'.repeat(700)}1`

const texts: Readonly<Record<string, Filling>> = {
  'a long text': text('x'),
  'a text of spaces': text(' '),
  'a text of digits': text('0'),
  'a text like an e-mail address': text('a.'),
  'a text like many e-mail addresses': text('a@'),
  'a text outside the basic plane': text('\u{1f600}'),
  'a text of escaped NULs': text('\\u0000'),
  'a text of escaped pairs': text('\\ud83d\\ude00'),
  'a text of combining characters': text('e\u0301\u0323'),
  'a text that NFKC makes 18 times as long': text('\ufdfa'),
}
const numbers: Readonly<Record<string, Filling>> = {
  'a number of many digits': (bytes) => '1'.repeat(bytes),
  'a fraction of many digits': (bytes) => `0.${'1'.repeat(bytes - 2)}`,
}
const lists: Readonly<Record<string, Filling>> = {
  'a list of empty objects': series('[', () => '{}', ']'),
  'a list of equal objects': series('[', () => '{"a":[0]}', ']', 600),
  'a list of objects with different values': series('[', (n) => `{"a":${n}}`, ']', 900),
  'a list of objects of different shapes': series('[', (n) => `{"${key(n)}":0}`, ']', 900),
  'a list of texts': series('[', (n) => `"${key(n)}"`, ']'),
  'a list of repeated weekdays': series('[', (n) => `"${['mon', 'tue'][n % 2]}"`, ']'),
  'a list of numbers between two doubles': series('[', () => halfWay, ']'),
}
const objects: Readonly<Record<string, Filling>> = {
  'unknown members': series('{', (n) => `"${key(n)}":0`, '}'),
  'unknown members with long names of control characters': series(
    '{',
    (n) => `"${key(n)}${'\\u0001'.repeat(200)}":0`,
    '}',
  ),
  'nested objects': nested('{"a":', '}', max_depth - 3),
  'nested lists': nested('[', ']', max_depth - 3),
}
const anything = { ...texts, ...numbers, ...lists, ...objects }

/** Refused before parsing, whatever the schema. */
const overLimit: Readonly<Record<string, Filling>> = {
  'too many values': series('[', () => '0', ']', everything),
  'too many members': series('{', (n) => `"${n.toString(36)}":0`, '}', everything),
  'too many objects': series('[', (n) => `{"${key(n)}":0}`, ']', everything),
  'too deeply nested lists': nested('[', ']', everything),
  'too deeply nested objects': nested('{"a":', '}', everything),
}
const malformed: Readonly<Record<string, Filling>> = {
  'an unterminated text': (bytes) => text('x')(bytes).slice(0, -1),
  '__proto__ before many objects': series('[{"__proto__":0},', (n) => `{"${key(n)}":0}`, ']', 900),
  'only spaces': (bytes) => ' '.repeat(bytes),
}

export function worstBodies(operation: BodyOperation): WorstBody[] {
  const { limit, schema, example } = operation
  const invalid = [422, 'VALIDATION_ERROR'] as const
  const whole = (fillings: Readonly<Record<string, Filling>>, refusal: WorstBody['refusal']) =>
    Object.entries(fillings).map(([name, fill]) => ({ name, json: fill(limit), refusal }))
  const known = Object.keys(schema.properties ?? {})
  const within = fieldsOf(schema).flatMap(([name, field]) =>
    Object.entries(fillingsFor(field)).map(([what, fill]) => ({
      name: `/${name}: ${what}`,
      json: placed(example, name, fill, limit),
      refusal: mayFit(field) ? undefined : invalid,
    })),
  )
  const scanned = series('{"constructor":0,"a":[', (n) => `{"${key(n)}":0}`, ']}', 900)(limit)
  const repeated = series('{', () => `"${known[0]}":{}`, '}')(limit)
  return [
    ...whole(overLimit, limit > 8 * max_values ? invalid : undefined),
    ...whole(malformed, [400, 'MALFORMED_JSON']),
    ...whole(anything, invalid),
    ...Object.entries(anything).map(([what, fill]) => ({
      name: `an unknown member: ${what}`,
      json: placed(example, 'unknown', fill, limit),
      refusal: invalid,
    })),
    { name: 'objects after constructor', json: scanned, refusal: invalid },
    { name: 'one member many times', json: repeated, refusal: invalid },
    ...within,
    { name: 'the largest valid body', json: largestBody(schema, '\u{1f600}'), refusal: undefined },
    {
      name: 'one byte above the limit',
      json: JSON.stringify(example).padEnd(limit + 1),
      refusal: [413, 'PAYLOAD_TOO_LARGE'],
    },
  ]
}

/** The example with one member replaced by the filling, up to the limit. */
function placed(example: object, name: string, fill: Filling, limit: number): string {
  const around = JSON.stringify({ ...example, [name]: '(here)' })
  const room = limit - Buffer.byteLength(around) + '"(here)"'.length
  return around.replace('"(here)"', () => fill(room))
}

/** One field for each distinct schema. */
function fieldsOf({ properties = {} }: BodySchema): [name: string, schema: BodySchema][] {
  const kinds = new Map<string, [string, BodySchema]>()
  for (const [name, schema] of Object.entries(properties)) {
    const kind = JSON.stringify(schema, (word, value) => (word === 'description' ? undefined : value))
    if (!kinds.has(kind)) kinds.set(kind, [name, schema])
  }
  return [...kinds.values()]
}

const formsOf = (schema: BodySchema): readonly BodySchema[] => schema.anyOf ?? [schema]
const isOf = (schema: BodySchema, ...types: readonly string[]) =>
  formsOf(schema).some(({ type = '' }) => types.includes(type))
/** A text can be valid when it is short enough, and a number can have any number of digits. */
const mayFit = (schema: BodySchema) => isOf(schema, 'string', 'number')

function fillingsFor(schema: BodySchema): Readonly<Record<string, Filling>> {
  if (isOf(schema, 'string')) return texts
  if (isOf(schema, 'array')) return { ...lists, ...objects }
  if (isOf(schema, 'object')) return { ...objects, ...lists }
  return isOf(schema, 'integer', 'number') ? numbers : { 'a long text': text('x') }
}

/** Every field with the longest valid value. Texts consist of `unit`, one character as written in JSON. */
export function largestBody(schema: BodySchema, unit: string): string {
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const json = largest(field, name, unit)
    return json === undefined ? [] : [`${JSON.stringify(name)}:${json}`]
  })
  return `{${fields.join(',')}}`
}

/** Values for a pattern or a format. A field without an entry is left out. */
const fitting: Readonly<Record<string, string>> = {
  date: '2031-07-01',
  email: `${'a'.repeat(60)}@${'b'.repeat(60)}.example`,
  uuid: '0190163d-8694-739b-aea5-966c26f8ad91',
  phone: '+1234567890 123',
}

function largest(schema: BodySchema, name: string, unit: string): string | undefined {
  const [form = schema] = formsOf(schema)
  const { type, maximum = 0, maxLength, maxItems, items, pattern, format } = form
  if (form.enum !== undefined) return JSON.stringify(form.enum.at(-1))
  if (type === 'object') return largestBody(form, unit)
  if (type === 'array') return JSON.stringify((items?.enum ?? []).slice(0, maxItems))
  if (type === 'boolean') return 'true'
  if (type !== 'string') return String(maximum)
  const is_free = format === undefined && (pattern === undefined || pattern.includes('ud800'))
  if (is_free && maxLength !== undefined) return `"${unit.repeat(maxLength)}"`
  const known = fitting[format ?? name] ?? form.examples?.[0]
  return known === undefined ? undefined : JSON.stringify(known)
}
