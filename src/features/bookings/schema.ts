// Wire shapes of a booking. What a role does not see is absent from its answers, not null.
import { type Static, Type } from 'typebox'
import {
  Cents,
  Currency,
  Id,
  LocalDate,
  nullable,
  Page,
  pageQuery,
  strictObject,
  Timestamp,
  text,
} from '../../http/schema.ts'
import { NewGuest } from '../guests/schema.ts'

export const statuses = [
  'inquiry',
  'pending',
  'confirmed',
  'checked_in',
  'checked_out',
  'cancelled',
  'declined',
  'no_show',
] as const
export const sources = [
  'direct',
  'airbnb',
  'booking_com',
  'expedia',
  'fewo_direkt',
  'google',
  'manual',
  'other',
] as const
export const paymentStatuses = [
  'pending',
  'partial',
  'paid',
  'refunded',
  'partial_refund',
  'failed',
  'external',
] as const

export type Status = (typeof statuses)[number]

const count = (minimum: number, maximum: number, rest: object = {}) => Type.Integer({ minimum, maximum, ...rest })

const money = { nightly_rate_cents: Cents, cleaning_fee_cents: Cents, tax_cents: Cents, total_cents: Cents }
const people = {
  num_adults: count(1, 500),
  num_children: count(0, 500, { description: 'Count towards max_guests.' }),
  num_infants: count(0, 500),
  num_pets: count(0, 100),
}
const notes = { guest_message: nullable(text(5000)), internal_notes: nullable(text(5000)) }

export const NewBooking = strictObject(
  {
    property_id: Id,
    check_in: LocalDate,
    check_out: LocalDate,
    ...people,
    num_children: Type.Optional(people.num_children),
    num_infants: Type.Optional(people.num_infants),
    num_pets: Type.Optional(people.num_pets),
    guest: Type.Optional(NewGuest),
    status: Type.Optional(Type.Enum(['inquiry', 'pending', 'confirmed'], { description: 'confirmed when left out.' })),
    source: Type.Optional(Type.Enum(sources)),
    external_code: Type.Optional(text(200, 1)),
    ...Type.Partial(Type.Object(money)).properties,
    currency: Type.Optional(Currency),
    payment_status: Type.Optional(Type.Enum(paymentStatuses)),
    ...Type.Partial(Type.Object(notes)).properties,
  },
  {
    examples: [
      {
        property_id: '0190163d-8694-739b-aea5-966c26f8ad91',
        check_in: '2027-07-01',
        check_out: '2027-07-08',
        num_adults: 2,
        guest: { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com' },
      },
    ],
  },
)
export type NewBooking = Static<typeof NewBooking>

export const BookingPatch = Type.Partial(
  strictObject({
    check_in: LocalDate,
    check_out: LocalDate,
    ...people,
    ...money,
    payment_status: Type.Enum(paymentStatuses),
    ...notes,
  }),
  { additionalProperties: false, minProperties: 1, examples: [{ check_out: '2027-07-09' }] },
)
export type BookingPatch = Static<typeof BookingPatch>

const GuestOfBooking = strictObject({
  id: Type.Optional(Id),
  first_name: Type.Optional(Type.String()),
  last_name: Type.String(),
  email: Type.Optional(nullable(Type.String())),
  phone: Type.Optional(nullable(Type.String())),
})

/** Everybody who may read bookings sees these. */
const shared = {
  id: Id,
  reference: Type.String({
    description: 'What people say on the phone; unique in the agency.',
    examples: ['7K3MX-9QXA2'],
  }),
  property_id: Id,
  property_name: Type.String(),
  status: Type.Enum(statuses),
  check_in: LocalDate,
  check_out: LocalDate,
  num_nights: Type.Integer(),
  total_cents: Cents,
  currency: Currency,
  payment_status: Type.Enum(paymentStatuses),
  source: Type.Enum(sources),
  version: Type.Integer({ description: 'Counts changes; the ETag begins with it.' }),
}
const counts = { ...people, num_guests: Type.Integer() }
const parts = {
  nightly_rate_cents: nullable(Cents),
  subtotal_cents: Cents,
  cleaning_fee_cents: Cents,
  tax_cents: Cents,
}
const house = {
  ...notes,
  external_code: nullable(Type.String()),
  cancelled_at: nullable(Timestamp),
  cancelled_by: nullable(Type.Enum(['guest', 'host', 'platform', 'system'])),
  created_at: Timestamp,
  updated_at: Timestamp,
}

export const Booking = strictObject({
  ...shared,
  ...Type.Partial(Type.Object({ ...counts, ...parts, ...house, guest: nullable(GuestOfBooking) })).properties,
})
export type Booking = Static<typeof Booking>

/** The columns each scope of `bookings:read` sees; `guest` beside them is another matter (bookings.ts). */
export const visibleFields = {
  all: Object.keys({ ...shared, ...counts, ...parts, ...house }),
  own: Object.keys({ ...shared, ...counts }),
  finance: Object.keys({ ...shared, ...parts }),
} as const

export const BookingPage = Page(Booking)

export const BookingQuery = strictObject({
  ...pageQuery,
  status: Type.Optional(Type.Enum(statuses)),
  property_id: Type.Optional(Id),
  check_in_from: Type.Optional(LocalDate),
  check_in_to: Type.Optional(LocalDate),
})
export type BookingQuery = Static<typeof BookingQuery>
