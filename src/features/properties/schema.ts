// Wire shapes of a property.
import { type Static, Type } from 'typebox'
import {
  Cents,
  Currency,
  Id,
  line,
  nullable,
  Page,
  pageQuery,
  strictObject,
  Timestamp,
  text,
  Version,
  withDefaults,
} from '../../http/schema.ts'
import { type Amenity, amenities } from './amenities.ts'

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

/** In the order of ISO 8601, Monday first. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof weekdays)[number]

const clock = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', examples: ['15:00'] })

const required = {
  name: line(255, 1),
  property_type: Type.Enum(propertyTypes, { title: 'PropertyType' }),
  max_guests: Type.Integer({ minimum: 1, maximum: 500 }),
}

function weekdaysOf(what: string) {
  const limits = { minItems: 1, maxItems: 7, uniqueItems: true }
  return nullable(
    Type.Array(Type.Enum(weekdays, { title: 'Weekday' }), {
      ...limits,
      description: `Days on which ${what}; null: any.`,
    }),
  )
}

/** The largest value of the two buffers, also of their CHECK constraints. */
export const max_buffer_days = 30

/** Rules for stays. The defaults allow everything. */
export const rules = {
  min_nights: Type.Integer({ minimum: 1, maximum: 366, description: 'The minimum number of nights of a stay.' }),
  max_nights: Type.Integer({ minimum: 1, maximum: 366, description: 'The maximum number of nights of a stay.' }),
  buffer_days_before: Type.Integer({
    minimum: 0,
    maximum: max_buffer_days,
    description: 'Days kept free before a stay. Between two stays the longer of the two buffers applies.',
  }),
  buffer_days_after: Type.Integer({
    minimum: 0,
    maximum: max_buffer_days,
    description: 'Days kept free after a stay.',
  }),
  arrival_weekdays: weekdaysOf('a stay may begin'),
  departure_weekdays: weekdaysOf('a stay may end'),
  notice_days: Type.Integer({
    minimum: 0,
    maximum: 365,
    description: 'The minimum number of days between booking and check-in; 0: no rule, also for past dates.',
  }),
  booking_window_days: nullable(
    Type.Integer({
      minimum: 1,
      maximum: 1500,
      description: 'The maximum number of days between booking and check-in; null: no limit.',
    }),
  ),
}

const details = {
  owner_id: nullable(Type.String({ format: 'uuid', description: 'User id of an active owner of this agency.' })),
  // With the other fields it fits into the largest body, also when every character is written as \u00e4.
  description: nullable(text(9900)),
  bedrooms: nullable(Type.Integer({ minimum: 0, maximum: 100 })),
  beds: nullable(Type.Integer({ minimum: 0, maximum: 500 })),
  bathrooms: nullable(
    Type.Number({ minimum: 0, maximum: 100, multipleOf: 0.5, description: '1.5: one has no bathtub.' }),
  ),
  size_sqm: nullable(Type.Integer({ minimum: 1, maximum: 100_000 })),
  address_line1: nullable(line(200)),
  address_line2: nullable(line(200)),
  city: nullable(line(100)),
  postal_code: nullable(line(20)),
  country: nullable(Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2.', examples: ['AT'] })),
  latitude: nullable(Type.Number({ minimum: -90, maximum: 90 })),
  longitude: nullable(Type.Number({ minimum: -180, maximum: 180 })),
  check_in_time: clock,
  check_out_time: clock,
  time_zone: nullable(
    Type.String({
      pattern: '^[A-Za-z0-9_+/-]{1,64}$',
      description: 'IANA name: its days decide about arrivals, notice and "today". null: the zone of the agency.',
      examples: ['Asia/Makassar'],
    }),
  ),
  base_price_cents: nullable(Cents),
  cleaning_fee_cents: Cents,
  currency: Currency,
  is_active: Type.Boolean({ description: 'An inactive property takes no bookings.' }),
  amenities: Type.Array(Type.Enum([...amenities] as Amenity[], { title: 'Amenity' }), {
    maxItems: amenities.length,
    uniqueItems: true,
    description: 'What guests find there; empty: not known. Kept in the order of this list.',
  }),
  ...rules,
}

const examples = [{ name: 'Haus Seeblick', property_type: 'house', max_guests: 6, base_price_cents: 24000 }]

/** Of a new property. A new property accepts every stay until it gets booking rules. */
export const defaults = {
  check_in_time: '15:00',
  check_out_time: '10:00',
  cleaning_fee_cents: 0,
  is_active: true,
  amenities: [] as Amenity[],
  min_nights: 1,
  max_nights: 366,
  buffer_days_before: 0,
  buffer_days_after: 0,
  notice_days: 0,
}
const nullables = Object.keys(details).filter((name) => 'anyOf' in details[name as keyof typeof details])
const unset = Object.fromEntries(nullables.map((name) => [name, null]))

export const NewProperty = strictObject(
  { ...required, ...withDefaults(details, { ...unset, ...defaults }) },
  { title: 'NewProperty', examples },
)
export type NewProperty = Static<typeof NewProperty>

export const PropertyPatch = Type.Partial(strictObject({ ...required, ...details }), {
  title: 'PropertyPatch',
  additionalProperties: false,
  minProperties: 1,
  examples: [{ max_guests: 8, is_active: true }],
})
export type PropertyPatch = Static<typeof PropertyPatch>

export const Property = strictObject(
  {
    id: Id,
    ...required,
    ...details,
    description: nullable(text(10_000, 0, { description: 'Longer than it can be set, if it was set before.' })),
    source: Type.String({ description: 'manual, or the source of the import.' }),
    external_id: nullable(Type.String()),
    version: Version,
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { title: 'Property' },
)
export type Property = Static<typeof Property>

export const PropertyPage = Page(Property)

export const PropertyQuery = strictObject({
  ...pageQuery,
  q: Type.Optional(text(100, 1, { description: 'Part of the name or city.' })),
  is_active: Type.Optional(Type.Boolean()),
  owner_id: Type.Optional(Id),
  updated_since: Type.Optional(
    Type.String({
      format: 'date-time',
      pattern: '^[12]',
      description: 'Only rows changed at or after this time. A change counts from the start of its transaction.',
    }),
  ),
})
export type PropertyQuery = Static<typeof PropertyQuery>
