// Reads one row of a file of stays. Only what the stay needs is refused; everything else that is odd is a warning.
import { isCurrency } from '../../core/money.ts'
import { addDays, max_nights } from '../availability/days.ts'
import { nightsBetween } from '../bookings/price.ts'
import type { Booking } from '../bookings/schema.ts'
import type { Amounts, ChannelStay, Warning } from './channel-stay.ts'
import { optionalInteger, optionalMoney, optionalSignedMoney, requiredDate, requiredId } from './csv/cells.ts'
import type { Row } from './csv/columns.ts'
import type { DateOrder } from './csv/dates.ts'
import { type LabelMeaning, readChannel, readLabel } from './formats/status-labels.ts'
import type { StayFormat, StayKey } from './formats/stay-format.ts'
import { catchRowError, RowError } from './import-errors.ts'
import type { RowOutcome } from './importer.ts'
import { readGuest } from './stay-guest.ts'

export interface RowOptions {
  readonly format: StayFormat
  readonly order: DateOrder
  /** Of all rows, instead of what the file says. */
  readonly source: Booking['source'] | undefined
}

/** Throws RowError when code, dates or property cannot be read. Returns an outcome for a line that is no reservation. */
export function readStayRow(
  row: Row<StayKey>,
  options: RowOptions,
  addWarning: (warning: Warning) => void,
): ChannelStay | RowOutcome {
  const { format, order } = options
  const { line } = row
  const warn = (key: StayKey, reason: string) => {
    const { column, value = '' } = row.error(key, reason)
    addWarning({ line, column, reason, value })
  }
  const label = row.text('type')
  if (label !== '' && !isReservation(label)) return { outcome: 'skipped', note: 'not a reservation' }
  const dates = readDates(row, order, warn)
  const meaning = readStatus(row, warn)
  const titles = (['unit', 'listing'] as const).map((key) => row.text(key)).filter(Boolean)
  if (titles.length === 0) throw row.error('listing', 'is empty')
  return {
    line,
    source: options.source ?? (row.text('channel') === '' ? format.source : readChannel(row.text('channel'))),
    code: requiredId(row, 'code', 200),
    titles,
    facts: {
      listing: titles.join(' / ').slice(0, 255),
      status: meaning?.status ?? null,
      cancelled_by: meaning?.cancelled_by ?? null,
      ...dates,
      ...readPeople(row, warn),
      booked_on: readBookedOn(row, order, warn),
    },
    guest: readGuest(row, warn),
    currency: readCurrency(row, warn),
    readAmounts: (currency) => readAmounts(row, currency, warn),
    warn,
    error(reason, about) {
      if (about === 'conflict') return new RowError(reason, { outcome: 'conflict' })
      return row.error(about === 'code' ? 'code' : row.text('unit') === '' ? 'listing' : 'unit', reason)
    },
  }
}

type Warn = (key: StayKey, reason: string) => void

/** In the transaction history: other lines are payouts, corrections and fees. */
function isReservation(label: string): boolean {
  return /^(reserv|reserva|réserv|buchung|prenotazion|boeking)/i.test(label.trim())
}

function readDates(row: Row<StayKey>, order: DateOrder, warn: Warn): { check_in: string; check_out: string } {
  const check_in = requiredDate(row, 'start', order)
  const stated = orWarning('nights', () => optionalInteger(row, 'nights', { min: 0, max: 10_000 }), warn)
  const check_out =
    row.text('end') === '' && stated !== null && stated > 0
      ? addDays(check_in, stated)
      : requiredDate(row, 'end', order)
  const nights = nightsBetween(check_in, check_out)
  if (nights < 1) throw row.error('end', `is not after the start date ${check_in}`)
  if (nights > max_nights) throw row.error('end', `is more than ${max_nights} nights after the start date ${check_in}`)
  if (stated !== null && stated !== nights) {
    warn('nights', `does not match the dates: from ${check_in} to ${check_out} there are ${nights} nights`)
  }
  return { check_in, check_out }
}

function readStatus(row: Row<StayKey>, warn: Warn): LabelMeaning | undefined {
  if (row.text('status') === '') return undefined
  const meaning = readLabel(row.text('status'))
  if (!meaning.is_known) warn('status', 'is not a known status, and does not say "cancelled": imported as confirmed')
  return meaning
}

function readPeople(row: Row<StayKey>, warn: Warn) {
  const count = (key: StayKey) => orWarning(key, () => optionalInteger(row, key, { min: 0, max: 500 }), warn)
  const children = count('children')
  const adults = count('adults')
  const persons = count('persons')
  const derived = adults ?? (persons === null ? null : persons - (children ?? 0))
  if (derived !== null && derived < 1) warn(adults === null ? 'persons' : 'adults', 'has no adult: imported as 1')
  const num_adults = derived === null ? null : Math.max(1, derived)
  return { num_adults, num_children: children, num_infants: count('infants') }
}

function readBookedOn(row: Row<StayKey>, order: DateOrder, warn: Warn): string | null {
  const text = row.text('booked')
  if (text === '') return null
  // With a time of day, which Roost does not store.
  const day = text.replace(/[T ,]+\d{1,2}:\d{2}.*$/, '')
  const cell = { ...row, text: (key: StayKey) => (key === 'booked' ? day : row.text(key)) }
  return orWarning('booked', () => requiredDate(cell, 'booked', order), warn)
}

function readCurrency(row: Row<StayKey>, warn: Warn): string | undefined {
  const code = row.text('currency').toUpperCase()
  if (code === '' || isCurrency(code)) return code === '' ? undefined : code
  warn('currency', 'is not an ISO 4217 code: read as the currency of the property')
  return undefined
}

function readAmounts(row: Row<StayKey>, currency: string, warn: Warn): Amounts {
  const read = (key: StayKey) => orWarning(key, () => optionalMoney(row, key, currency), warn)
  const readSigned = (key: StayKey) => orWarning(key, () => optionalSignedMoney(row, key, currency), warn)
  const fee = readSigned('fee')
  return {
    total_cents: read('total'),
    payout_cents: readSigned('payout'),
    // Files write the fee as a charge or as its amount.
    channel_fee_cents: fee === null ? null : Math.abs(fee),
    cleaning_fee_cents: read('cleaning'),
    tax_cents: read('tax'),
  }
}

/** null with a warning when the cell cannot be read. */
function orWarning<T>(key: StayKey, read: () => T | null, warn: Warn): T | null {
  const value = catchRowError(read)
  if (!(value instanceof RowError)) return value
  warn(key, `${value.message}: left out`)
  return null
}
