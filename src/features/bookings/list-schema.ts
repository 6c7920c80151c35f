// Wire shapes of the queries for the list and the history of bookings, and of history entries.
import { type Static, Type } from 'typebox'
import { actorKinds } from '../../core/auth/actors.ts'
import { Id, LocalDate, nullable, Page, pageQuery, strictObject, Timestamp, text } from '../../http/schema.ts'
import { PaymentStatus, Source, statuses } from './schema.ts'

const oneStatus = `(${statuses.join('|')})`
const day = '[12]\\d{3}-\\d{2}-\\d{2}'

export const sortings = ['-check_in', 'check_in', 'updated_at'] as const

const filters = {
  status: Type.Optional(
    Type.String({
      pattern: `^${oneStatus}(,${oneStatus}){0,7}$`,
      description: 'One status, or several separated by commas.',
      examples: ['pending,confirmed'],
    }),
  ),
  property_id: Type.Optional(Id),
  guest_id: Type.Optional(
    Type.String({ format: 'uuid', description: 'Refused for owners and accountants, who cannot see guests.' }),
  ),
  source: Type.Optional(Source),
  payment_status: Type.Optional(PaymentStatus),
  check_in_from: Type.Optional(LocalDate),
  check_in_to: Type.Optional(LocalDate),
  check_out_from: Type.Optional(LocalDate),
  check_out_to: Type.Optional(LocalDate),
  overlaps: Type.Optional(
    Type.String({
      pattern: `^${day}/${day}$`,
      description: 'Stays with at least one night in this half-open range of dates, such as 2027-07-01/2027-07-08.',
      examples: ['2027-07-01/2027-07-08'],
    }),
  ),
  q: Type.Optional(
    text(100, 1, {
      description:
        "Part of the reference, of the guest's name, e-mail or phone number, or of external_code. Owners and accountants can search by reference only.",
    }),
  ),
}

export const BookingFilter = strictObject(filters)
export type BookingFilter = Static<typeof BookingFilter>

export const BookingQuery = strictObject({
  ...pageQuery,
  ...filters,
  updated_since: Type.Optional(
    Type.String({
      format: 'date-time',
      pattern: '^[12]',
      description:
        'For synchronisation: bookings changed at or after this time, oldest change first. updated_at is the start of the transaction of the change, so ask again from one minute before the newest updated_at you have.',
    }),
  ),
  include_deleted: Type.Optional(
    Type.Boolean({
      description: 'Includes deleted bookings, marked by deleted_at. Requires updated_since. For admins and managers.',
    }),
  ),
  sort: Type.Optional(
    Type.Enum(sortings, {
      description: 'Defaults to -check_in (latest arrival first), or to updated_at with updated_since.',
    }),
  ),
})
export type BookingQuery = Static<typeof BookingQuery>

export const HistoryQuery = strictObject(pageQuery)
export type HistoryQuery = Static<typeof HistoryQuery>

const Columns = nullable(
  Type.Object(
    {},
    { additionalProperties: true, description: 'Column values by name. Free text is replaced by "[text]".' },
  ),
)

export const HistoryEntry = strictObject(
  {
    id: Id,
    created_at: Timestamp,
    action: Type.String({ examples: ['booking.checked_in'] }),
    actor_id: nullable(Id),
    actor_kind: Type.Enum(actorKinds),
    actor_name: nullable(Type.String()),
    actor_role: Type.String({ description: 'The role at that time; operator for imports and other commands.' }),
    request_id: nullable(Type.String()),
    before: Columns,
    after: Columns,
  },
  { title: 'HistoryEntry' },
)
export type HistoryEntry = Static<typeof HistoryEntry>

export const HistoryPage = Page(HistoryEntry)
