// One row of a stay list without units, such as the "Hotel booking demand" data set -> the facts of a booking. Pure.
// Columns as in Antonio, de Almeida, Nunes: Hotel booking demand datasets, Data in Brief 22 (2019), table 1.
import type { Status } from '../bookings/schema.ts'
import { requiredDate, requiredNumber, requiredText, wholeNumber } from './cells.ts'
import type { Format, Row } from './columns.ts'
import { addDays, type DateOrder, existing } from './dates.ts'
import { roundMoney } from './money.ts'

export type StayKey =
  | 'hotel'
  | 'is_canceled'
  | 'year'
  | 'month'
  | 'day'
  | 'weekend_nights'
  | 'week_nights'
  | 'adults'
  | 'children'
  | 'babies'
  | 'rate'
  | 'status'
  | 'status_date'

export const stayFormat: Format<StayKey> = {
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
}

export interface HotelStay {
  /** The cells this was read from: what makes one stay the same as another. */
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

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** Throws RowError. `adr` is the rate per night in `currency`, rounded half up; the total is nights x rate. */
export function readStay(
  row: Row<StayKey>,
  currency: string,
  order: DateOrder,
  note: (text: string) => void,
): HotelStay {
  const check_in = arrivalOf(row)
  const nights = nightsOf(row)
  const num_adults = requiredNumber(row, 'adults', { min: 0, max: 500 })
  if (num_adults === 0) throw row.error('adults', 'no adult: a stay needs at least one')
  const rate = roundMoney(requiredText(row, 'rate', 30), currency)
  if ('problem' in rate) throw row.error('rate', rate.problem)
  const status = statusOf(row)
  return {
    cells: (Object.keys(stayFormat.columns) as StayKey[]).map((key) => row.text(key)),
    check_in,
    check_out: addDays(check_in, nights),
    num_adults,
    num_children: countOf(row, 'children', note),
    num_infants: countOf(row, 'babies', note),
    nightly_rate_cents: rate.cents,
    total_cents: nights * rate.cents,
    status,
    cancelled_at: status === 'cancelled' ? cancelledAt(row, order) : undefined,
  }
}

function arrivalOf(row: Row<StayKey>): string {
  const year = requiredNumber(row, 'year', { min: 2000, max: 2100 })
  const name = requiredText(row, 'month', 20).toLowerCase()
  const month = /^\d{1,2}$/.test(name) ? Number(name) : months.indexOf(name.slice(0, 3)) + 1
  if (month < 1 || month > 12) throw row.error('month', 'is not a month: January to December, or 1 to 12')
  const day = requiredNumber(row, 'day', { min: 1, max: 31 })
  const date = existing(String(year), String(month), String(day))
  if (date === undefined) throw row.error('day', `${row.text('month')} ${year} has no such day`)
  return date
}

function nightsOf(row: Row<StayKey>): number {
  const range = { min: 0, max: 365 }
  const nights = requiredNumber(row, 'weekend_nights', range) + requiredNumber(row, 'week_nights', range)
  if (nights === 0) throw row.error('week_nights', 'no night: weekend and week nights are both 0')
  if (nights > 365) throw row.error('week_nights', `${nights} nights; a stay has at most 365`)
  return nights
}

/** The data set writes NA or NULL where a count was not recorded. */
function countOf(row: Row<StayKey>, key: 'children' | 'babies', note: (text: string) => void): number {
  if (!['NA', 'NULL'].includes(row.text(key).toUpperCase())) return wholeNumber(row, key, { min: 0, max: 500 }) ?? 0
  note(`${key} is ${row.text(key)}, which stands for "not recorded": taken as 0`)
  return 0
}

function statusOf(row: Row<StayKey>): HotelStay['status'] {
  const is_canceled = requiredNumber(row, 'is_canceled', { min: 0, max: 1 }) === 1
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

function cancelledAt(row: Row<StayKey>, order: DateOrder): string | undefined {
  return row.text('status_date') === '' ? undefined : `${requiredDate(row, 'status_date', order)}T00:00:00.000Z`
}
