// JSON schemas that several features share: ids, dates, money, pages.
import { type TOptional, type TProperties, type TSchema, Type } from 'typebox'
import { form_annotation } from './stored-form.ts'

/** An object without additional properties. The option `title` is its name in the OpenAPI document (http/openapi). */
export function strictObject<P extends TProperties>(properties: P, options: object = {}) {
  return Type.Object(properties, { additionalProperties: false, ...options })
}

export function nullable<S extends TSchema>(schema: S) {
  return Type.Union([schema, Type.Null()])
}

/** A pattern for text that PostgreSQL can store unchanged: no NUL, no unpaired surrogates. */
export const storable = '^[^\\u0000\\ud800-\\udfff]*$'

/** A string with a length limit that PostgreSQL can store. */
export function text(maxLength: number, minLength = 0, options: object = {}) {
  return Type.String({ minLength, maxLength, pattern: storable, ...options })
}

/** A name or another text of one line: stored in NFC, trimmed and with single blanks, and refused when it is not seen. */
export function line(maxLength: number, minLength = 0, options: object = {}) {
  return text(maxLength, minLength, { [form_annotation]: 'line', ...options })
}

/** Stored in lower case, with the domain in Unicode: all spellings of an address are one. */
export function email(options: object = {}) {
  return text(254, 3, { format: 'idn-email', [form_annotation]: 'email', ...options })
}

/**
 * The same properties, each optional with this default: a request means the same with and without it (core/request-meaning.ts).
 * Not for PATCH, where a member that is absent stays as it is. Not the keyword `default`, with which generators of clients make a
 * member required.
 */
export function withDefaults<P extends TProperties, D extends Partial<Record<keyof P, unknown>>>(
  properties: P,
  defaults: D,
) {
  const entries = Object.entries(properties).map(([name, schema]) => {
    return [
      name,
      Type.Optional(Object.hasOwn(defaults, name) ? { ...schema, 'x-default': defaults[name as keyof D] } : schema),
    ]
  })
  return Object.fromEntries(entries) as { [K in keyof P]: TOptional<P[K]> }
}

export const sampleId = '0190163d-8694-739b-aea5-966c26f8ad91'
export const Id = Type.String({ title: 'Id', format: 'uuid', examples: [sampleId] })
export const LocalDate = Type.String({
  title: 'LocalDate',
  format: 'date',
  pattern: '^[12]',
  description: 'A local calendar day, YYYY-MM-DD.',
  examples: ['2027-07-01'],
})
export const Timestamp = Type.String({ title: 'Timestamp', format: 'date-time', description: 'RFC 3339, UTC.' })
export const Version = Type.Integer({
  title: 'Version',
  description: 'Increases with every change. The ETag begins with it.',
})
export const Cents = Type.Integer({
  title: 'Cents',
  minimum: 0,
  maximum: 100_000_000_000,
  description: 'Money in minor units of the currency.',
  examples: [24000],
})
export const Currency = Type.String({
  title: 'Currency',
  pattern: '^[A-Z]{3}$',
  [form_annotation]: 'currency',
  description: 'ISO 4217.',
  examples: ['EUR'],
})

export const Country = Type.String({
  title: 'Country',
  pattern: '^[A-Z]{2}$',
  [form_annotation]: 'country',
  description: 'ISO 3166-1 alpha-2.',
  examples: ['AT'],
})

export const IdPath = strictObject({ id: Id })

export const pageQuery = {
  limit: Type.Integer({
    minimum: 1,
    maximum: 100,
    default: 50,
    description:
      'Rows per page, 1 to 100. A page of large rows can have fewer: continue with next_cursor until it is null.',
  }),
  cursor: Type.Optional(Type.String({ maxLength: 2000, description: 'next_cursor of the previous page.' })),
}

export const NextCursor = Type.Union([Type.String(), Type.Null()], {
  title: 'NextCursor',
  description: 'null only on the last page. Other pages can also have fewer rows than `limit`.',
})

export function Page<S extends TSchema>(item: S) {
  return strictObject(
    {
      items: Type.Array(item),
      next_cursor: NextCursor,
    },
    { title: `${(item as { title?: string }).title}Page` },
  )
}
