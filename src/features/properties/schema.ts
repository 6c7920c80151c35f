// Wire shapes of a property.
import { type Static, Type } from 'typebox'
import { Cents, Currency, Id, nullable, Page, pageQuery, strictObject, Timestamp, text } from '../../http/schema.ts'

export const propertyTypes = [
  'apartment',
  'house',
  'villa',
  'condo',
  'room',
  'studio',
  'cabin',
  'cottage',
  'chalet',
  'other',
] as const

const clock = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', examples: ['15:00'] })

const required = {
  name: text(255, 1),
  property_type: Type.Enum(propertyTypes),
  max_guests: Type.Integer({ minimum: 1, maximum: 500 }),
}

const details = {
  owner_id: nullable(Type.String({ format: 'uuid', description: 'User id of an active owner of this agency.' })),
  description: nullable(text(10_000)),
  bedrooms: nullable(Type.Integer({ minimum: 0, maximum: 100 })),
  beds: nullable(Type.Integer({ minimum: 0, maximum: 500 })),
  bathrooms: nullable(Type.Number({ minimum: 0, maximum: 100, multipleOf: 0.5, description: '1.5: one has no tub.' })),
  size_sqm: nullable(Type.Integer({ minimum: 1, maximum: 100_000 })),
  address_line1: nullable(text(200)),
  address_line2: nullable(text(200)),
  city: nullable(text(100)),
  postal_code: nullable(text(20)),
  country: nullable(Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2.', examples: ['AT'] })),
  latitude: nullable(Type.Number({ minimum: -90, maximum: 90 })),
  longitude: nullable(Type.Number({ minimum: -180, maximum: 180 })),
  check_in_time: clock,
  check_out_time: clock,
  base_price_cents: nullable(Cents),
  cleaning_fee_cents: Cents,
  currency: Currency,
  is_active: Type.Boolean({ description: 'An inactive property takes no bookings.' }),
}

const examples = [{ name: 'Haus Seeblick', property_type: 'house', max_guests: 6, base_price_cents: 24000 }]

export const NewProperty = strictObject({ ...required, ...Type.Partial(Type.Object(details)).properties }, { examples })
export type NewProperty = Static<typeof NewProperty>

export const PropertyPatch = Type.Partial(strictObject({ ...required, ...details }), {
  additionalProperties: false,
  minProperties: 1,
  examples: [{ max_guests: 8, is_active: true }],
})
export type PropertyPatch = Static<typeof PropertyPatch>

export const Property = strictObject({
  id: Id,
  ...required,
  ...details,
  source: Type.String({ description: 'Where it came from: manual, or the file it was imported from.' }),
  external_id: nullable(Type.String()),
  version: Type.Integer(),
  created_at: Timestamp,
  updated_at: Timestamp,
})
export type Property = Static<typeof Property>

export const PropertyPage = Page(Property)

export const PropertyQuery = strictObject({
  ...pageQuery,
  q: Type.Optional(text(100, 1, { description: 'Part of the name or city.' })),
  is_active: Type.Optional(Type.Boolean()),
  owner_id: Type.Optional(Id),
})
export type PropertyQuery = Static<typeof PropertyQuery>
