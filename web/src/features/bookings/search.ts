// The filters of the list of bookings, in the address: those of the API; and the columns that it shows.
import type { Schema } from '../../api/client.ts'

export interface Search {
  readonly q?: string
  readonly status?: Schema['BookingStatus']
  readonly source?: Schema['BookingSource']
  readonly payment_status?: Schema['PaymentStatus']
  readonly property_id?: string
  readonly check_in_from?: string
  readonly check_in_to?: string
  /** Keys of columns, separated by commas; the usual ones by default. */
  readonly columns?: string
}

const names = [
  'q',
  'status',
  'source',
  'payment_status',
  'property_id',
  'check_in_from',
  'check_in_to',
  'columns',
] as const

/** Drops what is unknown. The API says what is wrong with a value. */
export function readSearch(given: Record<string, unknown>): Search {
  const texts = names.filter((name) => typeof given[name] === 'string' && given[name] !== '')
  return Object.fromEntries(texts.map((name) => [name, given[name]]))
}
