// Wire shapes of a conflict between a channel and the calendar.
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
  Version,
} from '../../http/schema.ts'
import { Source, statuses } from '../bookings/schema.ts'

const what = (description: string) => nullable(Type.String({ format: 'uuid', description }))
const count = Type.Integer({ minimum: 0, maximum: 500 })

const kinds = Type.Enum(['overlap', 'changed_here', 'deleted_here'], {
  title: 'ConflictKind',
  description:
    'overlap: other_kind has the nights. changed_here: the channel changed what people changed in Roost, to another value. deleted_here: the booking was deleted in Roost, and the channel still expects the guest.',
})

export const Conflict = strictObject(
  {
    id: Id,
    kind: kinds,
    property_id: Id,
    property_name: Type.String(),
    source: Source,
    external_code: Type.String(),
    check_in: LocalDate,
    check_out: LocalDate,
    channel: strictObject(
      {
        listing: Type.String(),
        status: nullable(Type.Enum(statuses, { title: 'BookingStatus' })),
        num_adults: nullable(count),
        num_children: nullable(count),
        total_cents: nullable(Cents),
        payout_cents: nullable(Type.Integer({ minimum: -100_000_000_000, maximum: 100_000_000_000 })),
        currency: nullable(Currency),
      },
      { description: 'What the channel says.' },
    ),
    guest: nullable(
      strictObject(
        { id: Id, first_name: Type.String(), last_name: Type.String() },
        { description: 'Null for owners, and while the stay is a booking.' },
      ),
    ),
    booking_id: what('The booking of the channel itself. Null: the stay is not a booking yet.'),
    other_kind: nullable(Type.Enum(['booking', 'block', 'hold', 'channel'])),
    other_booking_id: what('The booking that has the nights.'),
    other_check_in: nullable(LocalDate),
    other_check_out: nullable(LocalDate),
    resolved_at: nullable(Timestamp),
    resolution: nullable(
      Type.Enum(['applied', 'withdrawn'], {
        description: 'applied: what the channel says is in the calendar. withdrawn: the channel no longer says it.',
      }),
    ),
    version: Version,
    created_at: Timestamp,
  },
  { title: 'Conflict' },
)
export type Conflict = Static<typeof Conflict>

export const ConflictPage = Page(Conflict)

export const ConflictQuery = strictObject({
  ...pageQuery,
  property_id: Type.Optional(Id),
  state: Type.Optional(Type.Enum(['open', 'resolved'], { description: 'Both when it is not given.' })),
})
export type ConflictQuery = Static<typeof ConflictQuery>
