// Arbitrary values for a schema; ids and dates come from small sets so that requests interact.
import fc from 'fast-check'
import { password, players } from '../../../test/cast.ts'
import type { Schema } from './document.ts'

/** Replaced with the nth known id when the request is filled. */
export interface IdPlaceholder {
  readonly '(id)': string
  readonly nth: number
}

const emails = [players.staff.email, players.owner.email, 'ada@example.com', 'grace@example.com']
const days = fc
  .integer({ min: 0, max: 40 })
  .map((day) => new Date(Date.UTC(2031, 0, 1 + day)).toISOString().slice(0, 10))
const anyDay = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const instants = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString())

/** A placeholder for an id of the collection. */
export function idPlaceholder(collection: string): fc.Arbitrary<IdPlaceholder> {
  return fc.nat(1000).map((nth) => ({ '(id)': collection, nth }))
}

const collections: Readonly<Record<string, string>> = {
  property_id: 'properties',
  guest_id: 'guests',
  owner_id: 'team',
  actor_id: 'team',
  entity_id: 'bookings',
}

export function valuesFor(schema: Schema, name = ''): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one) => valuesFor(one, name)))
  switch (schema.type) {
    case 'object':
      return objectOf(schema)
    case 'array':
      return fc.array(valuesFor(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: schema.maxItems ?? 4,
      })
    case 'string':
      return textOf(schema, name)
    case 'integer':
      return integerOf(schema)
    case 'number':
      return numberOf(schema)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return fc.jsonValue({ maxDepth: 1 })
  }
}

/** All required and few optional fields: every additional field may cause a rejection. */
function objectOf({ properties = {}, required = [], minProperties = 0 }: Schema): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, schema]) => {
    const value = valuesFor(schema, name)
    return [name, required.includes(name) ? value : fc.option(value, { nil: undefined, freq: 1 })] as const
  })
  const some = Object.entries(properties).slice(0, 1)
  return fc
    .tuple(fc.record(Object.fromEntries(fields)), ...some.map(([name, schema]) => valuesFor(schema, name)))
    .map(([all, first]) => {
      const defined = Object.fromEntries(Object.entries(all as object).filter(([, value]) => value !== undefined))
      const is_enough = Object.keys(defined).length >= minProperties
      return is_enough ? defined : { ...defined, [some[0]?.[0] ?? '']: first }
    })
}

function integerOf({ minimum = -1000, maximum = 1000 }: Schema): fc.Arbitrary<number> {
  const near = fc.integer({ min: minimum, max: Math.min(maximum, minimum + 4) })
  return fc.oneof(
    { weight: 3, arbitrary: near },
    fc.integer({ min: minimum, max: maximum }),
    fc.constantFrom(minimum, maximum),
  )
}

function numberOf({ minimum = -1000, maximum = 1000, multipleOf }: Schema): fc.Arbitrary<number> {
  if (multipleOf !== undefined) {
    return fc
      .integer({ min: Math.ceil(minimum / multipleOf), max: Math.floor(maximum / multipleOf) })
      .map((n) => n * multipleOf)
  }
  const limits = fc.constantFrom(minimum, maximum)
  return fc.oneof(fc.double({ min: minimum, max: maximum, noNaN: true, noDefaultInfinity: true }), limits)
}

function textOf(schema: Schema, name: string): fc.Arbitrary<unknown> {
  const { format, pattern, minLength = 0, maxLength = 60, examples = [] } = schema
  if (format === 'uuid') return name in collections ? idPlaceholder(collections[name] ?? '') : fc.uuid()
  if (format === 'date')
    return fc.oneof(
      { weight: 9, arbitrary: days },
      anyDay.filter((day) => /^[12]/.test(day)),
    )
  if (format === 'date-time') return instants
  if (name === 'email') return fc.oneof(fc.constantFrom(...emails), fc.emailAddress({ size: '-1' }))
  if (/password/.test(name))
    return fc.oneof({ weight: 3, arbitrary: fc.constant(password) }, plainText(minLength, 200, pattern))
  if (/token/.test(name)) return idPlaceholder(name)
  if (name === 'time_zone') return fc.constantFrom('Europe/Vienna', 'UTC', 'Nowhere/Land')
  if (pattern === undefined || pattern.includes('ud800')) return plainText(minLength, Math.min(maxLength, 400), pattern)
  if (pattern.includes('/[12]')) return fc.tuple(days, days).map((pair) => pair.sort().join('/'))
  const matching = fc.stringMatching(new RegExp(pattern, 'u'))
  return examples.length === 0 ? matching : fc.oneof(fc.constantFrom(...examples), matching)
}

/** Any characters that the pattern allows, sometimes of the maximum length. */
function plainText(min: number, max: number, pattern = ''): fc.Arbitrary<string> {
  const fits = (text: string) => [...text].length <= max && new RegExp(pattern || '.*', 'su').test(text)
  const text = fc.string({ unit: 'binary', minLength: min, maxLength: Math.min(max, 20) })
  return fc.oneof(text, fc.constant('x'.repeat(Math.max(max, 1))), fc.constant('Ä😀 b'.slice(0, max))).filter(fits)
}
