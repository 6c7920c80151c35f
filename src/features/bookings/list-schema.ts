// What the list of bookings and the history of one can be asked, and what a line of the history looks like.
import { type Static, Type } from 'typebox'
import { Id, LocalDate, nullable, Page, pageQuery, strictObject, Timestamp, text } from '../../http/schema.ts'
import { paymentStatuses, sources, statuses } from './schema.ts'

const oneStatus = `(${statuses.join('|')})`
const day = '[12]\\d{3}-\\d{2}-\\d{2}'

export const sortings = ['-check_in', 'check_in', 'updated_at'] as const

export const BookingQuery = strictObject({
  ...pageQuery,
  status: Type.Optional(
    Type.String({
      pattern: `^${oneStatus}(,${oneStatus}){0,7}$`,
      description: 'One of the statuses or several, separated by commas.',
      examples: ['pending,confirmed'],
    }),
  ),
  property_id: Type.Optional(Id),
  guest_id: Type.Optional(
    Type.String({ format: 'uuid', description: 'Not for owners and accountants: they do not see who the guest is.' }),
  ),
  source: Type.Optional(Type.Enum(sources)),
  payment_status: Type.Optional(Type.Enum(paymentStatuses)),
  check_in_from: Type.Optional(LocalDate),
  check_in_to: Type.Optional(LocalDate),
  check_out_from: Type.Optional(LocalDate),
  check_out_to: Type.Optional(LocalDate),
  overlaps: Type.Optional(
    Type.String({
      pattern: `^${day}/${day}$`,
      description: 'Stays with a night in these days, the second one not included: 2027-07-01/2027-07-08.',
      examples: ['2027-07-01/2027-07-08'],
    }),
  ),
  q: Type.Optional(
    text(100, 1, {
      description:
        "Part of the reference, the guest's name or e-mail, or the channel's code; for owners and accountants of the reference only.",
    }),
  ),
  updated_since: Type.Optional(
    Type.String({
      format: 'date-time',
      pattern: '^[12]',
      description:
        'For copies kept elsewhere: what has changed at or after this time, oldest change first. A change counts from when its transaction began: ask again from a minute before the newest updated_at you have.',
    }),
  ),
  include_deleted: Type.Optional(
    Type.Boolean({
      description: 'With updated_since: deleted bookings too, told by deleted_at. For admins and managers.',
    }),
  ),
  sort: Type.Optional(
    Type.Enum(sortings, {
      description: '-check_in (latest arrival first) when left out; updated_at with updated_since.',
    }),
  ),
})
export type BookingQuery = Static<typeof BookingQuery>

export const HistoryQuery = strictObject(pageQuery)
export type HistoryQuery = Static<typeof HistoryQuery>

const Columns = nullable(
  Type.Object({}, { additionalProperties: true, description: 'Columns by name. Free text is only "[text]".' }),
)

export const HistoryEntry = strictObject({
  id: Id,
  created_at: Timestamp,
  action: Type.String({ examples: ['booking.checked_in'] }),
  actor_id: nullable(Id),
  actor_name: nullable(Type.String()),
  actor_role: Type.String({ description: 'At that time; operator: an import or another command.' }),
  request_id: nullable(Type.String()),
  before: Columns,
  after: Columns,
})
export type HistoryEntry = Static<typeof HistoryEntry>

export const HistoryPage = Page(HistoryEntry)
