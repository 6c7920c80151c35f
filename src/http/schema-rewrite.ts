// Rewrites schemas for Ajv: checks sizes before contents, and stops after 20 unknown members.
import type { ErrorObject, FuncKeywordDefinition } from 'ajv'
import { form_annotation } from './stored-form.ts'
import { max_details } from './validation-errors.ts'

type Schema = Readonly<Record<string, unknown>>

/** A size keyword, and the keywords that are checked only when the size is valid. */
const size_checks = [
  { size: 'maxItems', contents: ['minItems', 'items', 'uniqueItems'] },
  { size: 'maxLength', contents: ['minLength', 'pattern', 'format', form_annotation] },
] as const

/**
 * An equivalent schema with bounded work. Ajv with `allErrors` would compare every pair of items although the list is too long,
 * and would report every unknown member.
 */
export function rewriteSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(rewriteSchema)
  if (typeof schema !== 'object' || schema === null) return schema
  return size_checks.reduce(sizeFirst, withOnlyNames(rewriteSubschemas(schema as Schema)))
}

/** Only these keywords contain subschemas; the others contain data. */
function rewriteSubschemas(schema: Schema): Schema {
  const { anyOf, items, properties } = schema
  return {
    ...schema,
    ...(anyOf !== undefined && { anyOf: rewriteSchema(anyOf) }),
    ...(items !== undefined && { items: rewriteSchema(items) }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties as Schema).map(([name, property]) => [name, rewriteSchema(property)]),
      ),
    }),
  }
}

/** Replaces `additionalProperties: false` by the keyword `onlyNames`. */
function withOnlyNames(schema: Schema): Schema {
  const { additionalProperties, ...rest } = schema
  return additionalProperties === false ? { ...rest, onlyNames: Object.keys(rest.properties ?? {}) } : schema
}

/** Moves the content keywords into `else`. `examples` move with them, because the error of `pattern` shows one. */
function sizeFirst(schema: Schema, { size, contents }: (typeof size_checks)[number]): Schema {
  const present = contents.filter((keyword) => schema[keyword] !== undefined)
  if (schema[size] === undefined || present.length === 0) return schema
  const moved = Object.fromEntries(present.map((keyword) => [keyword, schema[keyword]]))
  const rest = Object.fromEntries(Object.entries(schema).filter(([keyword]) => !Object.hasOwn(moved, keyword)))
  // The stored form of a text has to respect the limits as well.
  const limit = form_annotation in moved ? { [size]: schema[size] } : {}
  return { ...rest, if: { not: { [size]: schema[size] } }, else: { ...moved, ...limit, examples: schema.examples } }
}

type NamesValidator = ((members: object) => boolean) & { errors?: Partial<ErrorObject>[] }

/** Like `additionalProperties: false`, but stops after `max_details` unknown members. */
export const onlyNamesKeyword: FuncKeywordDefinition = {
  keyword: 'onlyNames',
  type: 'object',
  schemaType: 'array',
  errors: true,
  compile(names: readonly string[]) {
    const known = new Set(names)
    const isValid: NamesValidator = (members) => {
      const errors: Partial<ErrorObject>[] = []
      for (const name in members) {
        if (known.has(name)) continue
        errors.push({ keyword: 'additionalProperties', params: { additionalProperty: name } })
        if (errors.length === max_details) break
      }
      isValid.errors = errors
      return errors.length === 0
    }
    return isValid
  },
}
