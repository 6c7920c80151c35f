// Airbnb's reservations export: its columns, and one row as the facts of a booking.
import { canonicalEmail } from '../../../core/emails.ts'
import { canonicalPhone } from '../../../core/phones.ts'
import { max_nights } from '../../availability/days.ts'
import type { Cancellation } from '../../bookings/new-row.ts'
import { nightsBetween } from '../../bookings/price.ts'
import type { Status } from '../../bookings/schema.ts'
import type { NewGuest } from '../../guests/schema.ts'
import { optionalInteger, requiredDate, requiredId, requiredInteger, requiredText } from '../csv/cells.ts'
import type { Format, Row } from '../csv/columns.ts'
import type { DateOrder } from '../csv/dates.ts'

export const reservationFormat = {
  name: "Airbnb's reservations export",
  columns: {
    code: { name: 'Confirmation code', is_required: true },
    status: { name: 'Status', is_required: true },
    guest: { name: 'Guest name', aliases: ['Guest'], contents: 'text' },
    contact: { name: 'Contact' },
    adults: { name: '# of adults', aliases: ['Adults', 'Number of adults'], is_required: true },
    children: { name: '# of children', aliases: ['Children', 'Number of children'] },
    infants: { name: '# of infants', aliases: ['Infants', 'Number of infants'] },
    start: { name: 'Start date', aliases: ['Check-in'], is_required: true },
    end: { name: 'End date', aliases: ['Check-out', 'Checkout'], is_required: true },
    nights: { name: '# of nights', aliases: ['Nights', 'Number of nights'] },
    listing: { name: 'Listing', is_required: true, contents: 'text' },
    earnings: { name: 'Earnings', contents: 'amount' },
  },
} satisfies Format

export type ReservationKey = keyof typeof reservationFormat.columns

/** The column that each field of a booking is read from. */
export const reservationFields: Readonly<Record<string, ReservationKey>> = {
  check_in: 'start',
  check_out: 'end',
  num_adults: 'adults',
  num_children: 'children',
  num_infants: 'infants',
  external_code: 'code',
  total_cents: 'earnings',
  nightly_rate_cents: 'earnings',
  property_id: 'listing',
  'guest/phone': 'contact',
}

export interface Reservation {
  readonly code: string
  readonly listing: string
  readonly status: Status
  /** undefined when the status does not name who cancelled. */
  readonly cancelled_by: NonNullable<Cancellation['cancelled_by']> | undefined
  readonly check_in: string
  readonly check_out: string
  readonly num_adults: number
  readonly num_children: number
  readonly num_infants: number
  readonly guest: NewGuest | undefined
  readonly row: Row<ReservationKey>
}

/** Throws RowError. Does not parse the earnings, because their currency may be the property's. */
export function readReservation(
  row: Row<ReservationKey>,
  order: DateOrder,
  addNote: (text: string) => void,
): Reservation {
  const check_in = requiredDate(row, 'start', order)
  const check_out = requiredDate(row, 'end', order)
  const nights = nightsBetween(check_in, check_out)
  if (nights < 1) throw row.error('end', `is not after the start date ${check_in}`)
  if (nights > max_nights) {
    throw row.error('end', `is more than ${max_nights} nights after the start date ${check_in}`)
  }
  if ((optionalInteger(row, 'nights', { min: 0, max: 10_000 }) ?? nights) !== nights) {
    throw row.error('nights', `does not match the dates: from ${check_in} to ${check_out} there are ${nights} nights`)
  }
  const status = readStatus(row)
  return {
    code: requiredId(row, 'code', 200),
    listing: requiredText(row, 'listing', 255),
    status,
    cancelled_by: status === 'cancelled' ? readCancelledBy(row.text('status')) : undefined,
    check_in,
    check_out,
    num_adults: requiredInteger(row, 'adults', { min: 1, max: 500 }),
    num_children: optionalInteger(row, 'children', { min: 0, max: 500 }) ?? 0,
    num_infants: optionalInteger(row, 'infants', { min: 0, max: 500 }) ?? 0,
    guest: readGuest(row, addNote),
    row,
  }
}

/** The texts that Airbnb shows to a host. */
const statuses: readonly [RegExp, Status][] = [
  [/^cancel+ed\b/, 'cancelled'],
  [/^(confirmed|accepted|upcoming|arriving\b.*|trip change requested)$/, 'confirmed'],
  [/^(currently hosting|checking out\b.*)$/, 'checked_in'],
  [/^(past guest|completed|(awaiting guest |review |leave a )?review( (your )?guest)?)$/, 'checked_out'],
  [/^(declined|not possible|expired|request (withdrawn|expired|declined)|timed out)$/, 'declined'],
  [/^(pending|request(ed)?|trip requested|awaiting (payment|confirmation|guest verification))$/, 'pending'],
  [/^(inquiry|enquiry|invitation sent)$/, 'inquiry'],
  [/^no[- ]?show$/, 'no_show'],
]

function readStatus(row: Row<ReservationKey>): Status {
  const text = requiredText(row, 'status', 100).toLowerCase().replaceAll(/\s+/g, ' ')
  const status = statuses.find(([pattern]) => pattern.test(text))?.[1]
  if (status === undefined) {
    throw row.error('status', 'is not a known status, such as Confirmed, Past guest, Canceled by guest')
  }
  return status
}

/** "Canceled by you" means by the host. */
function readCancelledBy(status: string): Reservation['cancelled_by'] {
  const name = /\bby (guest|you|host|airbnb)\b/i.exec(status)?.[1]?.toLowerCase()
  if (name === 'you' || name === 'host') return 'host'
  return name === 'airbnb' ? 'platform' : name === 'guest' ? 'guest' : undefined
}

/** The last word is the last name. A contact that is neither a phone number nor an e-mail address is left out. */
function readGuest(row: Row<ReservationKey>, addNote: (text: string) => void): NewGuest | undefined {
  const words = row.text('guest').split(/\s+/).filter(Boolean)
  const last_name = words.pop()
  if (last_name === undefined) return undefined
  const first_name = words.join(' ') || '-'
  if ([...first_name].length > 100 || [...last_name].length > 100)
    throw row.error('guest', 'is longer than 100 characters')
  const contact = row.text('contact')
  if (contact === '') return { first_name, last_name }
  const email = canonicalEmail(contact)
  if (email !== undefined) return { first_name, last_name, email }
  const phone = canonicalPhone(contact)
  if (phone !== undefined) return { first_name, last_name, phone }
  addNote('the contact is neither a phone number nor an e-mail address and was left out')
  return { first_name, last_name }
}
