// One row of Airbnb's reservations export -> the facts of a booking. Pure.

import type { Cancellation } from '../bookings/bookings.ts'
import { nightsBetween } from '../bookings/rules.ts'
import type { Status } from '../bookings/schema.ts'
import type { NewGuest } from '../guests/schema.ts'
import { requiredDate, requiredNumber, requiredText, wholeNumber } from './cells.ts'
import type { Format, Row } from './columns.ts'
import type { DateOrder } from './dates.ts'

export type ReservationKey =
  | 'code'
  | 'status'
  | 'guest'
  | 'contact'
  | 'adults'
  | 'children'
  | 'infants'
  | 'start'
  | 'end'
  | 'nights'
  | 'listing'
  | 'earnings'

export const reservationFormat: Format<ReservationKey> = {
  name: "Airbnb's reservations export",
  columns: {
    code: { name: 'Confirmation code', is_required: true },
    status: { name: 'Status', is_required: true },
    guest: { name: 'Guest name', aliases: ['Guest'] },
    contact: { name: 'Contact' },
    adults: { name: '# of adults', aliases: ['Adults', 'Number of adults'], is_required: true },
    children: { name: '# of children', aliases: ['Children', 'Number of children'] },
    infants: { name: '# of infants', aliases: ['Infants', 'Number of infants'] },
    start: { name: 'Start date', aliases: ['Check-in'], is_required: true },
    end: { name: 'End date', aliases: ['Check-out', 'Checkout'], is_required: true },
    nights: { name: '# of nights', aliases: ['Nights', 'Number of nights'] },
    listing: { name: 'Listing', is_required: true },
    earnings: { name: 'Earnings' },
  },
}

export interface Reservation {
  readonly code: string
  readonly listing: string
  readonly status: Status
  /** Where the status says so. */
  readonly cancelled_by: NonNullable<Cancellation['cancelled_by']> | undefined
  readonly check_in: string
  readonly check_out: string
  readonly num_adults: number
  readonly num_children: number
  readonly num_infants: number
  readonly guest: NewGuest | undefined
  readonly row: Row<ReservationKey>
}

const none = { min: 0, max: 500 }

/** Throws RowError. The earnings stay unread: their currency may be the property's. */
export function readReservation(row: Row<ReservationKey>, order: DateOrder, note: (text: string) => void): Reservation {
  const check_in = requiredDate(row, 'start', order)
  const check_out = requiredDate(row, 'end', order)
  const nights = nightsBetween(check_in, check_out)
  if (nights < 1) throw row.error('end', `is not after the start date ${check_in}`)
  if (nights > 365) throw row.error('end', `is more than 365 nights after the start date ${check_in}`)
  if ((wholeNumber(row, 'nights', { min: 0, max: 10_000 }) ?? nights) !== nights) {
    throw row.error('nights', `does not fit the dates: from ${check_in} to ${check_out} there are ${nights} nights`)
  }
  const status = statusOf(row)
  return {
    code: requiredText(row, 'code', 200),
    listing: requiredText(row, 'listing', 255),
    status,
    cancelled_by: status === 'cancelled' ? cancelledBy(row.text('status')) : undefined,
    check_in,
    check_out,
    num_adults: requiredNumber(row, 'adults', { min: 1, max: 500 }),
    num_children: wholeNumber(row, 'children', none) ?? 0,
    num_infants: wholeNumber(row, 'infants', none) ?? 0,
    guest: guestOf(row, note),
    row,
  }
}

/** As the host's page of Airbnb words them. */
const statuses: readonly [RegExp, Status][] = [
  [/^cancel+ed\b/, 'cancelled'],
  [/^(confirmed|accepted|upcoming|arriving\b.*|trip change requested)$/, 'confirmed'],
  [/^(currently hosting|checking out\b.*)$/, 'checked_in'],
  [
    /^(past guest|completed|(awaiting guest |review |leave a )?review( (your )?guest)?|awaiting guest review)$/,
    'checked_out',
  ],
  [/^(declined|not possible|expired|request (withdrawn|expired|declined)|timed out)$/, 'declined'],
  [/^(pending|request(ed)?|trip requested|awaiting (payment|confirmation|guest verification))$/, 'pending'],
  [/^(inquiry|enquiry|invitation sent)$/, 'inquiry'],
  [/^no[- ]?show$/, 'no_show'],
]

function statusOf(row: Row<ReservationKey>): Status {
  const text = requiredText(row, 'status', 100).toLowerCase().replaceAll(/\s+/g, ' ')
  const status = statuses.find(([pattern]) => pattern.test(text))?.[1]
  if (status === undefined) {
    throw row.error('status', 'is not a status we know, such as Confirmed, Past guest, Canceled by guest')
  }
  return status
}

/** "Canceled by you" is the host's doing. */
function cancelledBy(text: string): Reservation['cancelled_by'] {
  const who = /\bby (guest|you|host|airbnb)\b/i.exec(text)?.[1]?.toLowerCase()
  if (who === 'you' || who === 'host') return 'host'
  return who === 'airbnb' ? 'platform' : who === 'guest' ? 'guest' : undefined
}

/** The last word of a name is the last name. A contact that is neither a phone number nor an e-mail is left out. */
function guestOf(row: Row<ReservationKey>, note: (text: string) => void): NewGuest | undefined {
  const words = row.text('guest').split(/\s+/).filter(Boolean)
  const last_name = words.pop()
  if (last_name === undefined) return undefined
  const first_name = words.join(' ') || '-'
  if ([...first_name].length > 100 || [...last_name].length > 100)
    throw row.error('guest', 'is longer than 100 characters')
  const contact = row.text('contact')
  if (contact === '') return { first_name, last_name }
  if (/^[^@\s]+@[^@\s]+$/.test(contact) && contact.length <= 254) return { first_name, last_name, email: contact }
  if (/^\+?[0-9 ()./-]{7,30}$/.test(contact) && /^\d{7,15}$/.test(contact.replaceAll(/\D/g, ''))) {
    return { first_name, last_name, phone: contact }
  }
  note(`the contact is neither a phone number nor an e-mail and was left out`)
  return { first_name, last_name }
}
