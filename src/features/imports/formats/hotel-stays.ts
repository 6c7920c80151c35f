// The "Hotel booking demand" data set: its columns, and one row as the facts of a booking.
// Columns: Antonio, de Almeida, Nunes: Hotel booking demand datasets, Data in Brief 22 (2019), table 1.
import { addDays, max_nights } from '../../availability/days.ts'
import type { Status } from '../../bookings/schema.ts'
import { optionalInteger, requiredDate, requiredInteger, requiredRate, requiredText } from '../csv/cells.ts'
import type { Format, Row } from '../csv/columns.ts'
import { calendarDate, type DateOrder } from '../csv/dates.ts'

export const stayFormat = {
  name: 'stays without a unit (hotel booking demand)',
  columns: {
    hotel: { name: 'hotel' },
    is_canceled: { name: 'is_canceled', is_required: true },
    year: { name: 'arrival_date_year', is_required: true },
    month: { name: 'arrival_date_month', is_required: true },
    day: { name: 'arrival_date_day_of_month', is_required: true },
    weekend_nights: { name: 'stays_in_weekend_nights', is_required: true },
    week_nights: { name: 'stays_in_week_nights', is_required: true },
    adults: { name: 'adults', is_required: true },
    children: { name: 'children' },
    babies: { name: 'babies' },
    rate: { name: 'adr', is_required: true },
    status: { name: 'reservation_status' },
    status_date: { name: 'reservation_status_date' },
  },
} satisfies Format

export type StayKey = keyof typeof stayFormat.columns

/** The column that each field of a booking is read from. */
export const stayFields: Readonly<Record<string, StayKey>> = {
  check_in: 'year',
  check_out: 'week_nights',
  num_adults: 'adults',
  num_children: 'children',
  num_infants: 'babies',
  total_cents: 'rate',
  nightly_rate_cents: 'rate',
}

export interface HotelStay {
  /** The text of every column, in the order of the format. Identifies the stay. */
  readonly cells: readonly string[]
  readonly check_in: string
  readonly check_out: string
  readonly num_adults: number
  readonly num_children: number
  readonly num_infants: number
  readonly nightly_rate_cents: number
  readonly total_cents: number
  readonly status: Extract<Status, 'checked_out' | 'cancelled' | 'no_show'>
  readonly cancelled_at: string | undefined
}

/** Throws RowError. `adr` is the rate per night in `currency`, rounded half up; the total is nights x rate. */
export function readStay(
  row: Row<StayKey>,
  currency: string,
  order: DateOrder,
  addNote: (text: string) => void,
): HotelStay {
  const check_in = readArrival(row)
  const nights = readNights(row)
  const num_adults = requiredInteger(row, 'adults', { min: 0, max: 500 })
  if (num_adults === 0) throw row.error('adults', 'must be at least 1')
  const nightly_rate_cents = requiredRate(row, 'rate', currency)
  const status = readStatus(row)
  const has_status_date = status === 'cancelled' && row.text('status_date') !== ''
  return {
    cells: (Object.keys(stayFormat.columns) as StayKey[]).map((key) => row.raw(key).trim()),
    check_in,
    check_out: addDays(check_in, nights),
    num_adults,
    num_children: readCount(row, 'children', addNote),
    num_infants: readCount(row, 'babies', addNote),
    nightly_rate_cents,
    total_cents: nights * nightly_rate_cents,
    status,
    cancelled_at: has_status_date ? `${requiredDate(row, 'status_date', order)}T00:00:00.000Z` : undefined,
  }
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

function readArrival(row: Row<StayKey>): string {
  const year = requiredInteger(row, 'year', { min: 2000, max: 2100 })
  const name = requiredText(row, 'month', 20).toLowerCase()
  const month = /^\d{1,2}$/.test(name) ? Number(name) : months.indexOf(name.slice(0, 3)) + 1
  if (month < 1 || month > 12) throw row.error('month', 'is not a month: January to December, or 1 to 12')
  const day = requiredInteger(row, 'day', { min: 1, max: 31 })
  const date = calendarDate(String(year), String(month), String(day))
  if (date === undefined) throw row.error('day', `${row.text('month')} ${year} has no such day`)
  return date
}

function readNights(row: Row<StayKey>): number {
  const range = { min: 0, max: max_nights }
  const nights = requiredInteger(row, 'weekend_nights', range) + requiredInteger(row, 'week_nights', range)
  if (nights === 0) throw row.error('week_nights', 'no night: weekend and week nights are both 0')
  if (nights > max_nights) throw row.error('week_nights', `${nights} nights; a stay has at most ${max_nights}`)
  return nights
}

/** The data set has NA where a count was not recorded. */
function readCount(row: Row<StayKey>, key: 'children' | 'babies', addNote: (text: string) => void): number {
  const count = optionalInteger(row, key, { min: 0, max: 500 })
  const raw = row.raw(key).trim()
  if (count === null && raw !== '') addNote(`${key} is ${raw}, which means "not recorded": imported as 0`)
  return count ?? 0
}

function readStatus(row: Row<StayKey>): HotelStay['status'] {
  const is_canceled = requiredInteger(row, 'is_canceled', { min: 0, max: 1 }) === 1
  const text = row
    .text('status')
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '')
  if (text === '') return is_canceled ? 'cancelled' : 'checked_out'
  if (/^cancell?ed$/.test(text) && is_canceled) return 'cancelled'
  if (text === 'noshow' && is_canceled) return 'no_show'
  if (text === 'checkout' && !is_canceled) return 'checked_out'
  const is_known = /^(cancell?ed|noshow|checkout)$/.test(text)
  throw row.error(
    'status',
    is_known ? `contradicts is_canceled ${row.text('is_canceled')}` : 'must be Check-Out, Canceled or No-Show',
  )
}
