// Wire shapes of the calendar of all properties: objects of arrays of equal length, one array for each column.
import { type Static, type TSchema, Type } from 'typebox'
import { Cents, Currency, Id, LocalDate, nullable, strictObject, Timestamp, text, Version } from '../../http/schema.ts'
import { Block } from '../availability/schema.ts'
import { Booking, PaymentStatus, Source } from '../bookings/schema.ts'
import { Conflict } from '../channels/schema.ts'

export const max_days = 400
export const max_properties = 5000
export const max_occupants = 60_000
export const max_bytes = 8 * 1024 * 1024

const filters = {
  q: Type.Optional(
    text(100, 1, { description: 'Part of the name or city of the property. Accountants search in the name only.' }),
  ),
  city: Type.Optional(
    text(100, 1, { description: 'The whole name, in any case, with or without accents. Not for accountants.' }),
  ),
  guests: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 500,
      description: 'Properties for at least so many people. Not for accountants.',
    }),
  ),
  owner_id: Type.Optional(
    Type.String({ format: 'uuid', description: 'Properties of this owner. Not for accountants.' }),
  ),
  is_active: Type.Optional(Type.Boolean()),
  free_from: Type.Optional({
    ...LocalDate,
    description: 'Together with free_to: only properties that have every night from free_from up to free_to free.',
  }),
  free_to: Type.Optional({ ...LocalDate, description: 'The day after the last free night.' }),
}

export const CalendarQuery = strictObject({
  from: LocalDate,
  to: Type.String({ ...LocalDate, description: `Not included. At most ${max_days} days after from.` }),
  ...filters,
  since: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 999_999_999_999_999,
      description: '`position` of an earlier answer with the same dates and filters: only what has changed since.',
    }),
  ),
})
export type CalendarQuery = Static<typeof CalendarQuery>

const columnOf = <S extends TSchema>(schema: S, description: string) => Type.Array(schema, { description })
const index = columnOf(Type.Integer({ minimum: 0 }), 'The index of the property in the columns of `properties`.')
const firstDay = columnOf(
  Type.Integer(),
  'The first night, as days since 1970-01-01. Not clipped: it can be before `from`.',
)
const nights = columnOf(Type.Integer({ minimum: 1 }), 'The last night can be after `to`.')

const Properties = strictObject(
  {
    id: Type.Array(Id),
    name: Type.Array(Type.String()),
    is_active: Type.Array(Type.Boolean()),
    time_zone: columnOf(Type.String(), 'Its own, or that of the agency. Its day is the today of the property.'),
    city: Type.Optional(Type.Array(nullable(Type.String()))),
    max_guests: Type.Optional(Type.Array(Type.Integer())),
    bedrooms: Type.Optional(Type.Array(nullable(Type.Integer()))),
    owner_id: Type.Optional(Type.Array(nullable(Id))),
    base_price_cents: Type.Optional(Type.Array(nullable(Cents))),
    currency: Type.Optional(Type.Array(Currency)),
    version: Type.Optional(Type.Array(Version)),
  },
  {
    description: 'By name. The columns from `city` on are for roles with `properties:read`.',
  },
)

const Occupants = strictObject(
  {
    property: index,
    first_day: firstDay,
    nights,
    kind: Type.Array(Type.Enum(['booking', 'block', 'hold', 'channel'] as const)),
    id: columnOf(nullable(Id), 'Of the booking, block or hold. Null if the caller may not read it.'),
    version: Type.Array(nullable(Version)),
    reason: columnOf(nullable(Block.properties.reason), 'Of a block.'),
    expires_at: Type.Optional(
      columnOf(nullable(Timestamp), 'Of a hold: its nights are free from then on. For roles with `holds:read`.'),
    ),
    reference: columnOf(nullable(Type.String()), 'Of a booking, like the columns after it.'),
    status: Type.Array(nullable(Booking.properties.status)),
    source: Type.Array(nullable(Source)),
    payment_status: Type.Array(nullable(PaymentStatus)),
    total_cents: Type.Array(nullable(Cents)),
    currency: Type.Array(nullable(Currency)),
    paid_cents: Type.Optional(
      columnOf(
        nullable(Type.Integer({ minimum: 0 })),
        'What was received in total, as in the booking. Not for owners.',
      ),
    ),
    num_guests: Type.Optional(columnOf(nullable(Type.Integer()), 'Not for accountants.')),
    guest_name: Type.Optional(
      columnOf(
        nullable(Type.String()),
        'First and last name as given for the booking; for owners the last name. Not for accountants.',
      ),
    ),
  },
  {
    description: 'What takes nights in the range. Expired holds do not. By property, in no particular order otherwise.',
  },
)

const Conflicts = strictObject(
  {
    property: Type.Array(Type.Integer()),
    first_day: Type.Array(Type.Integer()),
    nights: Type.Array(Type.Integer()),
    id: Type.Array(Id),
    kind: Type.Array(Conflict.properties.kind),
    source: Type.Array(Source),
    external_code: Type.Array(Type.String()),
    booking_id: Type.Array(nullable(Id)),
    other_kind: Type.Array(Conflict.properties.other_kind),
    other_booking_id: Type.Array(nullable(Id)),
    version: Type.Array(Version),
    guest_name: Type.Optional(columnOf(nullable(Type.String()), 'Null while the stay is a booking. Not for owners.')),
  },
  {
    description: 'Open conflicts with nights in the range, for roles with `conflicts:read`. They take no nights.',
  },
)

export const PropertyCalendars = strictObject(
  {
    from: LocalDate,
    to: LocalDate,
    position: Type.Integer({
      minimum: 0,
      description: 'For `since`. The id of the last change of `GET /changes` that this answer includes.',
    }),
    is_complete: Type.Boolean({
      description:
        'True: everything is in this answer. False: `properties` has only those with a change, and replaces them with everything they have in the range; the others are as before.',
    }),
    removed_property_ids: Type.Array(Id, {
      description: 'Changed properties that are no longer in the calendar: deleted, or other than the filters ask for.',
    }),
    properties: Properties,
    occupants: Occupants,
    conflicts: Type.Optional(Conflicts),
  },
  { title: 'PropertyCalendars' },
)
export type PropertyCalendars = Static<typeof PropertyCalendars>
