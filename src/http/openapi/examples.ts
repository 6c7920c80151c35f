// Examples of responses, made from the examples, formats and enums of their schemas.
import { sampleId } from '../schema.ts'
import type { Schema } from './named-schemas.ts'

const by_format: Readonly<Record<string, string>> = {
  date: '2027-07-01',
  'date-time': '2027-06-01T12:00:00Z',
  email: 'ada@example.com',
  time: '16:00:00',
  uuid: sampleId,
}

/** `find` returns the schema of a reference. */
export function exampleOf(schema: Schema, find: (reference: string) => Schema): unknown {
  const { $ref, anyOf, examples, items, properties, type } = schema as Schema & { $ref?: string; examples?: unknown[] }
  if ($ref !== undefined) return exampleOf(find($ref), find)
  const given = examples?.[0] ?? schema.default ?? schema.const ?? schema.enum?.[0]
  if (given !== undefined) return given
  if (anyOf?.[0] !== undefined) return exampleOf(anyOf[0], find)
  switch ([type].flat()[0]) {
    case 'object':
      return Object.fromEntries(Object.entries(properties ?? {}).map(([name, one]) => [name, exampleOf(one, find)]))
    case 'array':
      return items === undefined ? [] : [exampleOf(items, find)]
    case 'integer':
    case 'number':
      return schema.minimum ?? 1
    case 'boolean':
      return true
    case 'string':
      return by_format[String(schema.format)] ?? 'text'
    default:
      return null
  }
}
