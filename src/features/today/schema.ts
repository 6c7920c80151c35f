// Wire shapes of the day at the desk.
import { type Static, Type } from 'typebox'
import { Cents, LocalDate, nullable, strictObject } from '../../http/schema.ts'
import { Booking, statuses } from '../bookings/schema.ts'
import { Conflict } from '../channels/schema.ts'
import { Hold } from '../holds/schema.ts'

export const TodayQuery = strictObject({
  day: Type.Optional(
    Type.String({
      ...LocalDate,
      description: 'Default: today, by the time zone of each property.',
    }),
  ),
})
export type TodayQuery = Static<typeof TodayQuery>

/** The fields of a booking that a line has, as far as the role may see them. */
export const lineFields = [
  'id',
  'reference',
  'property_id',
  'property_name',
  'status',
  'check_in',
  'check_out',
  'num_guests',
  'num_adults',
  'num_children',
  'num_infants',
  'num_pets',
  'total_cents',
  'currency',
  'payment_status',
  'source',
  'version',
] as const

export const lineGuestFields = ['id', 'first_name', 'last_name', 'phone'] as const

const { guest } = Booking.properties

const TodayBooking = strictObject({
  ...Type.Pick(Booking, lineFields).properties,
  guest,
  balance_cents: Type.Optional(
    nullable(Type.Integer({ ...Cents, description: 'What is still to be paid; null: not known.' })),
  ),
  next_statuses: Type.Array(Type.Enum(statuses, { title: 'BookingStatus' }), {
    description: 'What you may change the status to now.',
  }),
})
export type TodayBooking = Static<typeof TodayBooking>

const total = Type.Integer()
const TodayBookings = strictObject({ total, items: Type.Array(TodayBooking) }, { title: 'TodayBookings' })

const empty = { total: 0, items: [] }

export const Today = strictObject(
  {
    day: Type.String({ format: 'date' }),
    arrivals: TodayBookings,
    departures: TodayBookings,
    in_house: TodayBookings,
    overdue: TodayBookings,
    unconfirmed: TodayBookings,
    unpaid: TodayBookings,
    conflicts: Type.Optional(strictObject({ total, items: Type.Array(Conflict) })),
    holds: Type.Optional(strictObject({ total, items: Type.Array(Hold) })),
  },
  {
    title: 'Today',
    examples: [
      {
        day: '2027-07-01',
        arrivals: empty,
        departures: empty,
        in_house: empty,
        overdue: empty,
        unconfirmed: empty,
        unpaid: empty,
        conflicts: empty,
        holds: empty,
      },
    ],
  },
)
export type Today = Static<typeof Today>
