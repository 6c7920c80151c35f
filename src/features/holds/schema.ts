// Wire shapes of a hold.
import { type Static, Type } from 'typebox'
import {
  Id,
  LocalDate,
  nullable,
  Page,
  pageQuery,
  strictObject,
  Timestamp,
  text,
  Version,
  withDefaults,
} from '../../http/schema.ts'
import { NewBooking } from '../bookings/schema.ts'

const holdStatuses = ['active', 'expired', 'released', 'converted'] as const

const Status = Type.Enum(holdStatuses, { title: 'HoldStatus' })

const stay = { property_id: Id, check_in: LocalDate, check_out: LocalDate }

export const NewHold = strictObject(
  { ...stay, ...withDefaults({ notes: nullable(text(1000)) }, { notes: null }) },
  {
    title: 'NewHold',
    examples: [
      {
        property_id: '0190163d-8694-739b-aea5-966c26f8ad91',
        check_in: '2027-07-01',
        check_out: '2027-07-08',
        notes: 'Mrs Lovelace calls back',
      },
    ],
  },
)
export type NewHold = Static<typeof NewHold>

export const Hold = strictObject(
  {
    id: Id,
    ...stay,
    property_name: Type.String(),
    notes: nullable(Type.String()),
    status: Status,
    expires_at: Type.String({ format: 'date-time', description: 'The nights are free again from this time on.' }),
    created_by: nullable(Id),
    booking_id: nullable(Type.String({ format: 'uuid', description: 'The booking to which the hold was converted.' })),
    version: Version,
    created_at: Timestamp,
  },
  { title: 'Hold' },
)
export type Hold = Static<typeof Hold>

export const HoldPage = Page(Hold)

export const HoldQuery = strictObject({
  ...pageQuery,
  property_id: Type.Optional(Id),
  status: Type.Optional(Status),
})
export type HoldQuery = Static<typeof HoldQuery>

const { property_id: _, check_in: __, check_out: ___, ...rest } = NewBooking.properties

/** A new booking without property and dates, which the hold has. */
export const HoldBooking = strictObject(
  {
    ...rest,
    ...withDefaults(
      { status: Type.Enum(['pending', 'confirmed'], { description: 'An inquiry would free the nights.' }) },
      { status: 'confirmed' },
    ),
  },
  {
    title: 'HoldBooking',
    examples: [{ num_adults: 2, guest: { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com' } }],
  },
)
export type HoldBooking = Static<typeof HoldBooking>
