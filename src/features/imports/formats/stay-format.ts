// The contract of a format of stays: which columns mean what. All formats are read by stay-row.ts.
import type { Booking } from '../../bookings/schema.ts'
import type { Column, Format } from '../csv/columns.ts'

/** What a column of a file of stays can say, with what Roost does with it. docs/imports.md is generated from it. */
export const stayKeys = {
  code: 'The number of the booking at the channel. It identifies the booking in later files.',
  status:
    'Whether the stay takes place. A label with "cancel" in any of the languages cancels; an unknown one is a live stay.',
  type: 'The kind of the line. Only reservations are imported.',
  channel: 'The channel that sold the stay; becomes `source` of the booking.',
  guest: "The guest's full name.",
  booker: 'The name of the person who booked; used when there is no name of a guest.',
  first_name: "The guest's first name.",
  last_name: "The guest's last name.",
  contact: "The guest's phone number or e-mail address.",
  email: "The guest's e-mail address.",
  phone: "The guest's phone number.",
  country: "The guest's country: its two-letter code or its name.",
  adults: 'Adults. Without a column for adults: all guests.',
  children: 'Children.',
  infants: 'Infants, who do not count as guests.',
  persons: 'All guests, when the file does not count adults.',
  start: 'The day of arrival.',
  end: 'The day of departure.',
  nights: 'The number of nights, compared with the two days.',
  booked: 'The day on which the guest booked; becomes `booked_on`.',
  listing: 'The title of the property: its name, its external id, or a title that was given with --alias.',
  unit: 'The title of the unit inside the property; looked up before `listing`.',
  total: 'The price of the stay before the fee of the channel; becomes `total_cents`.',
  payout: 'What the channel pays out; becomes `payout_cents`, and `total_cents` in files without a price.',
  fee: 'The fee of the channel; becomes `channel_fee_cents`.',
  cleaning: 'The cleaning fee in the price; becomes `cleaning_fee_cents`.',
  tax: 'The tax in the price; becomes `tax_cents`.',
  currency: 'The currency of the amounts. Without it: --currency, or the currency of the property.',
} as const

export type StayKey = keyof typeof stayKeys

/** Every key has a column in the type; a column that the format does not have is missing at run time. */
export interface StayFormat extends Format<StayKey> {
  /** As --format names it. */
  readonly id: string
  /** Where people find the file. */
  readonly from: string
  /** The channel of every line, unless the file has a column for it. */
  readonly source: Booking['source']
  /** Labels of columns that a file of this format never has: it is a file of another one. */
  readonly without?: readonly string[]
  /** Lines with the same code are parts of one stay, and their amounts are added. */
  readonly adds_amounts?: true
}

type Columns = Readonly<Partial<Record<StayKey, Column>>>

/** May contain the delimiter, in files that quote nothing. */
const texts: readonly string[] = ['guest', 'booker', 'first_name', 'last_name', 'listing', 'unit']
const amounts: readonly string[] = ['total', 'payout', 'fee', 'cleaning', 'tax']

export function stayFormat({
  columns,
  ...rest
}: Omit<StayFormat, 'columns'> & { readonly columns: Columns }): StayFormat {
  const with_contents = Object.entries(columns).map(([key, column]) => {
    const contents = texts.includes(key) ? 'text' : amounts.includes(key) ? 'amount' : 'plain'
    return [key, { ...column, contents }]
  })
  return { ...rest, columns: Object.fromEntries(with_contents) }
}

/** "Number of adults", "# of adults", …: each start with each noun. */
export function combined(starts: readonly string[], nouns: readonly string[]): string[] {
  return starts.flatMap((start) => nouns.map((noun) => `${start} ${noun}`))
}
