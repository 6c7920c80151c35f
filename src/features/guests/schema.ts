// Wire shapes of a guest.
import { type Static, Type } from 'typebox'
import {
  Cents,
  Country,
  Currency,
  email as emailText,
  Id,
  LocalDate,
  line,
  nullable,
  Page,
  pageQuery,
  sampleId,
  strictObject,
  Timestamp,
  text,
  Version,
} from '../../http/schema.ts'
import { form_annotation } from '../../http/stored-form.ts'

const name = line(100, 1)
const email = emailText()
const phone = Type.String({
  minLength: 7,
  maxLength: 60,
  pattern: '^[^\\p{L}]*$',
  [form_annotation]: 'phone',
  description: '7 to 15 digits, with a + in front of the code of the country.',
  examples: ['+43 660 1234567'],
})

export const NewGuest = strictObject(
  {
    first_name: name,
    last_name: name,
    email: Type.Optional(email),
    phone: Type.Optional(phone),
    country: Type.Optional(Country),
  },
  {
    title: 'NewGuest',
    examples: [{ first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com', phone: '+43 1 234567' }],
  },
)
export type NewGuest = Static<typeof NewGuest>

export const GuestPatch = Type.Partial(
  strictObject({
    first_name: name,
    last_name: name,
    email: nullable(email),
    phone: nullable(phone),
    country: nullable(Country),
  }),
  { title: 'GuestPatch', additionalProperties: false, minProperties: 1, examples: [{ phone: '+43 1 7654321' }] },
)
export type GuestPatch = Static<typeof GuestPatch>

const person = {
  id: Id,
  first_name: Type.String(),
  last_name: Type.String(),
  email: nullable(Type.String()),
  phone: nullable(Type.String({ description: 'Digits, with a leading + if given.' })),
  country: nullable(Type.String()),
  anonymised_at: nullable(
    Type.String({ format: 'date-time', description: 'When the guest was anonymised; the row stays for its bookings.' }),
  ),
  version: Version,
  created_at: Timestamp,
  updated_at: Timestamp,
}

/** A row of the list. */
export const GuestRow = strictObject(person, { title: 'GuestRow' })
export type GuestRow = Static<typeof GuestRow>

export const Guest = strictObject(
  {
    ...person,
    num_stays: Type.Integer({ description: 'Bookings that are confirmed, checked in or checked out.' }),
    first_check_in: nullable(LocalDate),
    last_check_out: nullable(LocalDate),
  },
  { title: 'Guest' },
)
export type Guest = Static<typeof Guest>

export const GuestPage = Page(GuestRow)

export const GuestQuery = strictObject({
  ...pageQuery,
  q: Type.Optional(text(100, 1, { description: 'Part of the name, e-mail or phone number.' })),
  email: Type.Optional(emailText({ description: 'The address, or that of a guest who was merged.' })),
  country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1.' })),
  updated_since: Type.Optional(
    Type.String({ format: 'date-time', pattern: '^[12]', description: 'Changed at or after this time.' }),
  ),
})
export type GuestQuery = Static<typeof GuestQuery>

export const StayQuery = strictObject(pageQuery)
export type StayQuery = Static<typeof StayQuery>

export const GuestStay = strictObject(
  {
    id: Id,
    reference: Type.String(),
    property_id: Id,
    property_name: Type.String(),
    check_in: LocalDate,
    check_out: LocalDate,
    num_nights: Type.Integer(),
    status: Type.String(),
    total_cents: Cents,
    currency: Currency,
  },
  { title: 'GuestStay' },
)
export type GuestStay = Static<typeof GuestStay>

export const GuestStayPage = Page(GuestStay)

const wholeRow = (description: string) => Type.Object({}, { additionalProperties: true, description })

export const NewMerge = strictObject(
  { guest_id: Type.String({ format: 'uuid', description: 'The guest whose bookings move.' }) },
  { title: 'NewMerge', examples: [{ guest_id: sampleId }] },
)
export const GuestMerge = strictObject(
  {
    guest: Guest,
    moved_bookings: Type.Integer({ description: 'Bookings that moved, with their holds; 0 when merged before.' }),
  },
  { title: 'GuestMerge' },
)
export type GuestMerge = Static<typeof GuestMerge>

export const GuestExport = strictObject(
  {
    exported_at: Timestamp,
    guest: wholeRow('Every column of the guest.'),
    merged_guests: Type.Array(wholeRow('Every column of a guest that was merged into this one.')),
    bookings: Type.Array(wholeRow('Every column of a booking; deleted ones too.')),
    holds: Type.Array(wholeRow('Holds that became one of these bookings.')),
    history: Type.Array(wholeRow('What was done to the record, when, and in which role.')),
  },
  { title: 'GuestExport' },
)
export type GuestExport = Static<typeof GuestExport>
