// Wire shapes of a booking. Fields that a role may not see are absent, not null.
import { type Static, Type } from 'typebox'
import {
  Cents,
  Currency,
  Id,
  LocalDate,
  line,
  nullable,
  Page,
  strictObject,
  Timestamp,
  text,
  Version,
  withDefaults,
} from '../../http/schema.ts'
import type { GivenGuest } from '../guests/of-booking.ts'
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
const sources = ['direct', 'airbnb', 'booking_com', 'expedia', 'fewo_direkt', 'google', 'manual', 'other'] as const
const paymentStatuses = ['pending', 'partial', 'paid', 'refunded', 'partial_refund', 'failed', 'external'] as const

export type Status = (typeof statuses)[number]

const Status = Type.Enum(statuses, { title: 'BookingStatus' })
export const Source = Type.Enum(sources, { title: 'BookingSource' })
export const PaymentStatus = Type.Enum(paymentStatuses, { title: 'PaymentStatus' })

const count = (minimum: number, maximum: number, rest: object = {}) => Type.Integer({ minimum, maximum, ...rest })

const money = { nightly_rate_cents: Cents, cleaning_fee_cents: Cents, tax_cents: Cents, total_cents: Cents }
const paid = Type.Integer({
  minimum: 0,
  maximum: 100_000_000_000,
  description: 'What was received in total, refunds not subtracted. payment_status follows from it.',
})
const derivedStatus = Type.Enum(paymentStatuses, {
  description:
    'Follows from paid_cents, total_cents and refund_cents. Given without paid_cents: paid means the total, pending nothing. external and failed are kept until a payment or refund is entered.',
})
const people = {
  num_adults: count(1, 500),
  num_children: count(0, 500, { description: 'Children count towards max_guests.' }),
  num_infants: count(0, 500),
  num_pets: count(0, 100),
}
const { num_adults: _, ...notAdults } = people
const givenGuest = strictObject(NewGuest.properties, {
  description: 'Linked to the guest with the same e-mail, who keeps name and contact; otherwise to a new guest.',
})
const guestId = Type.String({ format: 'uuid', description: 'A guest of the agency. Not together with `guest`.' })
const notes = { guest_message: nullable(text(5000)), internal_notes: nullable(text(5000)) }

export const NewBooking = strictObject(
  {
    property_id: Id,
    check_in: LocalDate,
    check_out: LocalDate,
    num_adults: people.num_adults,
    ...withDefaults(notAdults, { num_children: 0, num_infants: 0, num_pets: 0 }),
    guest: Type.Optional(givenGuest),
    guest_id: Type.Optional(guestId),
    ...withDefaults(
      { status: Type.Enum(['inquiry', 'pending', 'confirmed']), source: Source, ...notes },
      { status: 'confirmed', source: 'direct', guest_message: null, internal_notes: null },
    ),
    external_code: Type.Optional(line(200, 1)),
    ...Type.Partial(Type.Object(money)).properties,
    currency: Type.Optional(Currency),
    paid_cents: Type.Optional(paid),
    ...withDefaults({ payment_status: derivedStatus }, { payment_status: 'pending' }),
  },
  {
    title: 'NewBooking',
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
    property_id: Type.String({ format: 'uuid', description: 'Moves the stay to another property of the agency.' }),
    check_in: LocalDate,
    check_out: LocalDate,
    ...people,
    guest: Type.Union([NewGuest, Type.Null()], {
      description: 'Replaces the guest of this booking, as in a new booking; null removes the guest.',
    }),
    guest_id: guestId,
    ...money,
    paid_cents: paid,
    payment_status: derivedStatus,
    ...notes,
  }),
  { title: 'BookingPatch', additionalProperties: false, minProperties: 1, examples: [{ check_out: '2027-07-09' }] },
)
export type BookingPatch = Static<typeof BookingPatch>

export const StatusChange = strictObject(
  { status: Status },
  { title: 'StatusChange', examples: [{ status: 'checked_in' }] },
)

export const NewCancellation = strictObject(
  {
    cancelled_by: Type.Enum(['guest', 'host', 'platform']),
    reason: Type.Optional(text(1000)),
    refund_cents: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100_000_000_000,
        description: 'What is refunded to the guest in total, at most what was paid.',
      }),
    ),
  },
  { title: 'NewCancellation', examples: [{ cancelled_by: 'guest', reason: 'Flight cancelled', refund_cents: 12000 }] },
)
export type NewCancellation = Static<typeof NewCancellation>

export const RefundChange = strictObject(
  {
    refund_cents: Type.Integer({
      minimum: 0,
      maximum: 100_000_000_000,
      description: 'What is refunded to the guest in total, at most what was paid. Replaces an earlier amount.',
    }),
    refund_reason: text(1000, 1),
  },
  { title: 'RefundChange', examples: [{ refund_cents: 12000, refund_reason: 'Typing error: 120.00, not 1200.00' }] },
)
export type RefundChange = Static<typeof RefundChange>

export const Split = strictObject(
  {
    property_id: Type.String({ format: 'uuid', description: 'The property for the rest of the stay.' }),
    check_in: Type.String({
      format: 'date',
      pattern: '^[12]',
      description: 'The first night in that property, after the first night of the stay.',
    }),
  },
  { title: 'Split', examples: [{ property_id: '0190163d-8694-739b-aea5-966c26f8ad91', check_in: '2027-07-04' }] },
)
export type Split = Static<typeof Split>

/** Name and contact as given for the booking, and the country of the guest. */
const GuestOfBooking = strictObject(
  {
    id: Type.Optional(Id),
    first_name: Type.Optional(Type.String()),
    last_name: Type.String(),
    email: Type.Optional(nullable(Type.String())),
    phone: Type.Optional(nullable(Type.String())),
    country: Type.Optional(nullable(Type.String())),
  },
  { title: 'GuestOfBooking' },
)

/** Visible to every role that may read bookings. */
const shared = {
  id: Id,
  reference: Type.String({
    description: 'A short code for people to quote, unique in the agency.',
    examples: ['7K3MX-9QXA2'],
  }),
  property_id: Id,
  property_name: Type.String(),
  status: Status,
  check_in: LocalDate,
  check_out: LocalDate,
  num_nights: Type.Integer(),
  total_cents: Cents,
  currency: Currency,
  payment_status: PaymentStatus,
  source: Source,
  version: Version,
  updated_at: Timestamp,
}
const counts = { ...people, num_guests: Type.Integer() }
const priceParts = {
  nightly_rate_cents: nullable(Cents),
  subtotal_cents: Cents,
  cleaning_fee_cents: Cents,
  tax_cents: Cents,
}
const refund = {
  paid_cents: nullable(
    Type.Integer({
      minimum: 0,
      description: 'What was received in total, refunds not subtracted; null: not known, only payment_status is.',
    }),
  ),
  refund_cents: nullable(Cents),
}
/** What the channel says, beside the price. */
const channelAmounts = {
  payout_cents: nullable(
    Type.Integer({
      minimum: -100_000_000_000,
      maximum: 100_000_000_000,
      description: 'What the channel pays out for the stay; negative when it charges the host. Null: not known.',
    }),
  ),
  channel_fee_cents: nullable(Cents),
}
const firstTime = (what: string) =>
  nullable(Type.String({ format: 'date-time', description: `When the booking was first ${what}.` }))
const details = {
  ...notes,
  external_code: nullable(Type.String()),
  booked_on: nullable(
    Type.String({ format: 'date', description: 'The day on which the guest booked, as the channel says.' }),
  ),
  confirmed_at: firstTime('confirmed'),
  checked_in_at: firstTime('checked in'),
  checked_out_at: firstTime('checked out'),
  declined_at: firstTime('declined'),
  no_show_at: firstTime('a no-show'),
  cancelled_at: nullable(Timestamp),
  cancelled_by: nullable(Type.Enum(['guest', 'host', 'platform', 'system'])),
  cancellation_reason: nullable(Type.String()),
  refund_reason: nullable(Type.String({ description: 'Why the refund was given or last corrected.' })),
  split_from_id: nullable(Type.String({ format: 'uuid', description: 'The booking from which this one was split.' })),
  created_at: Timestamp,
}

export const Booking = strictObject(
  {
    ...shared,
    ...Type.Partial(
      Type.Object({
        ...counts,
        ...priceParts,
        ...refund,
        ...channelAmounts,
        ...details,
        guest: nullable(GuestOfBooking),
      }),
    ).properties,
    deleted_at: Type.Optional(nullable(Timestamp)),
  },
  { title: 'Booking' },
)
export type Booking = Static<typeof Booking>

/** A booking with all fields, as the roles that may change bookings see it. */
export type FullBooking = Required<Omit<Booking, 'deleted_at' | 'guest'>> & { readonly guest: GivenGuest | null }

/** The columns that each scope of `bookings:read` sees. The fields of `guest` are in list.ts. */
export const visibleFields = {
  all: Object.keys({ ...shared, ...counts, ...priceParts, ...refund, ...channelAmounts, ...details }),
  own: Object.keys({ ...shared, ...counts }),
  finance: Object.keys({ ...shared, ...priceParts, ...refund, ...channelAmounts }),
} as const

export const BookingPage = Page(Booking)
export const SplitBooking = strictObject({ first: Booking, second: Booking }, { title: 'SplitBooking' })
