// Schemas as the validator gets them: sizes are checked before contents, and unknown members are counted to 20.
import type { ErrorObject, FuncKeywordDefinition } from 'ajv'
import { max_findings } from './findings.ts'

type Schema = Readonly<Record<string, unknown>>

/** What decides how many items or characters there may be, and what is looked at only if they are not too many. */
const gates = [
  { size: 'maxItems', contents: ['minItems', 'items', 'uniqueItems'] },
  { size: 'maxLength', contents: ['minLength', 'pattern', 'format'] },
] as const

/**
 * The same schema in another form. The validator tells all findings of a value, so that by itself it would compare each
 * item of a list with each other one although the list is too long, and make a finding of every unknown member.
 */
export function sizesFirst(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(sizesFirst)
  if (typeof schema !== 'object' || schema === null) return schema
  return gates.reduce(gated, named(within(schema as Schema)))
}

/** Schemas stand in these keywords; whatever else an object holds is data. */
function within(schema: Schema): Schema {
  const { anyOf, items, properties } = schema
  return {
    ...schema,
    ...(anyOf !== undefined && { anyOf: sizesFirst(anyOf) }),
    ...(items !== undefined && { items: sizesFirst(items) }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties as Schema).map(([name, one]) => [name, sizesFirst(one)]),
      ),
    }),
  }
}

function named(schema: Schema): Schema {
  const { additionalProperties, ...rest } = schema
  return additionalProperties === false ? { ...rest, onlyNames: Object.keys(rest.properties ?? {}) } : schema
}

/** `examples` go with the contents, since the finding of a wrong pattern shows one. */
function gated(schema: Schema, { size, contents }: (typeof gates)[number]): Schema {
  const present = contents.filter((keyword) => schema[keyword] !== undefined)
  if (schema[size] === undefined || present.length === 0) return schema
  const moved = Object.fromEntries(present.map((keyword) => [keyword, schema[keyword]]))
  const rest = Object.fromEntries(Object.entries(schema).filter(([keyword]) => !Object.hasOwn(moved, keyword)))
  return { ...rest, if: { not: { [size]: schema[size] } }, else: { ...moved, examples: schema.examples } }
}

type Names = ((members: object) => boolean) & { errors?: Partial<ErrorObject>[] }

/** `additionalProperties: false` that stops after `max_findings` unknown members. */
export const namesKeyword: FuncKeywordDefinition = {
  keyword: 'onlyNames',
  type: 'object',
  schemaType: 'array',
  errors: true,
  compile(names: readonly string[]) {
    const known = new Set(names)
    const isValid: Names = (members) => {
      const errors: Partial<ErrorObject>[] = []
      for (const name in members) {
        if (known.has(name)) continue
        errors.push({ keyword: 'additionalProperties', params: { additionalProperty: name } })
        if (errors.length === max_findings) break
      }
      isValid.errors = errors
      return errors.length === 0
    }
    return isValid
  },
}
