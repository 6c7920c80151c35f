// Wire shapes of the search for free properties.
import { type Static, Type } from 'typebox'
import {
  Currency,
  Id,
  LocalDate,
  NextCursor,
  nullable,
  pageQuery,
  sampleId,
  strictObject,
  text,
} from '../../http/schema.ts'
import { Property } from '../properties/schema.ts'

export const SearchQuery = strictObject({
  check_in: LocalDate,
  check_out: LocalDate,
  guests: Type.Integer({
    minimum: 1,
    maximum: 1000,
    default: 1,
    description: 'Adults and children.',
  }),
  q: Type.Optional(text(100, 1, { description: 'Part of the name or city. Accountants can search by name only.' })),
  city: Type.Optional(
    text(100, 1, { description: 'The whole name, in any case, with or without accents. Refused for accountants.' }),
  ),
  max_base_price_cents: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 100_000_000_000,
      description:
        'In the currency of the property. Properties without a base price are left out. Refused for accountants.',
    }),
  ),
  currency: Type.Optional(
    Type.String({ ...Currency, description: 'Only properties with prices in this currency. Refused for accountants.' }),
  ),
  amenities: Type.Optional(
    Type.String({
      pattern: '^[a-z_]{1,40}(,[a-z_]{1,40}){0,19}$',
      description: 'Only properties that have all of these. Refused for accountants.',
      examples: ['wifi,dogs_allowed'],
    }),
  ),
  nearby: Type.Optional(
    Type.Boolean({
      description: 'Also properties that are free for as many nights up to 14 days earlier or later.',
    }),
  ),
  limit: Type.Integer({ ...pageQuery.limit, description: 'Properties per page, in both lists together.' }),
  cursor: pageQuery.cursor,
})
export type SearchQuery = Static<typeof SearchQuery>

const { property_type, currency, cleaning_fee_cents, base_price_cents } = Property.properties
const count = nullable(Type.Integer())

const details = {
  property_type,
  city: nullable(Type.String()),
  country: nullable(Type.String()),
  max_guests: Type.Integer(),
  bedrooms: count,
  beds: count,
  bathrooms: nullable(Type.Number()),
  size_sqm: count,
  base_price_cents,
  cleaning_fee_cents,
  currency,
}

/** For roles that may read properties. Others get id and name. */
export const detailFields = Object.keys(details)

const OtherDates = strictObject({ check_in: LocalDate, check_out: LocalDate }, { title: 'OtherDates' })
export type OtherDates = Static<typeof OtherDates>

const FreeProperty = strictObject(
  {
    id: Id,
    name: Type.String(),
    ...Type.Partial(Type.Object(details)).properties,
    dates: Type.Optional(
      Type.Array(OtherDates, {
        description: 'In `nearby` only: the nearest free dates before and after, the closer ones first.',
      }),
    ),
  },
  { title: 'FreeProperty', examples: [{ id: sampleId, name: 'Haus Seeblick', max_guests: 6 }] },
)
export type FreeProperty = Static<typeof FreeProperty>

export const FreeProperties = strictObject(
  {
    items: Type.Array(FreeProperty),
    nearby: Type.Optional(Type.Array(FreeProperty, { description: 'Not free on these dates, but on `dates`.' })),
    next_cursor: NextCursor,
  },
  { title: 'FreeProperties' },
)
export type FreeProperties = Static<typeof FreeProperties>
