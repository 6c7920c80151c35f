// Wire shapes of the search over bookings, guests and properties.
import { type Static, Type } from 'typebox'
import { Id, nullable, sampleId, strictObject, text } from '../../http/schema.ts'
import { Booking } from '../bookings/schema.ts'
import { GuestRow } from '../guests/schema.ts'

export const min_characters = 2

export const FindQuery = strictObject({
  q: text(100, min_characters, {
    description:
      'Part of the reference or external code, of the name, e-mail or phone number of the guest, or of the name or city of the property. Owners and accountants find bookings by reference only.',
    examples: ['7K3MX'],
  }),
  limit: Type.Integer({ minimum: 1, maximum: 10, default: 5, description: 'Records of each kind.' }),
})
export type FindQuery = Static<typeof FindQuery>

/** What a line of a list needs. Of the guest, each role gets the names that it may see. */
const bookingFields = [
  'id',
  'reference',
  'external_code',
  'property_id',
  'property_name',
  'status',
  'check_in',
  'check_out',
  'guest',
] as const
const example = {
  id: sampleId,
  reference: '7K3MX-9QXA2',
  property_id: sampleId,
  property_name: 'Haus Seeblick',
  status: 'confirmed',
  check_in: '2027-07-01',
  check_out: '2027-07-08',
}
const FoundBooking = strictObject(Type.Pick(Booking, bookingFields).properties, {
  title: 'FoundBooking',
  examples: [example],
})
export type FoundBooking = Static<typeof FoundBooking>

const guestFields = ['id', 'first_name', 'last_name', 'email', 'phone'] as const
const FoundGuest = strictObject(Type.Pick(GuestRow, guestFields).properties, { title: 'FoundGuest' })
export type FoundGuest = Static<typeof FoundGuest>

const FoundProperty = strictObject(
  { id: Id, name: Type.String(), city: nullable(Type.String()), is_active: Type.Boolean() },
  { title: 'FoundProperty' },
)
export type FoundProperty = Static<typeof FoundProperty>

export const Found = strictObject(
  {
    bookings: Type.Optional(Type.Array(FoundBooking)),
    guests: Type.Optional(Type.Array(FoundGuest)),
    properties: Type.Optional(Type.Array(FoundProperty)),
  },
  { title: 'Found' },
)
export type Found = Static<typeof Found>
