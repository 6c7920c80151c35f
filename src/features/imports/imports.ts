// The imports as commands call them: open the file, say what kind it is, run it, report.
import type { Database } from '../../core/postgres/database.ts'
import { operatorOf } from '../agencies/agencies.ts'
import { reservationFormat } from './airbnb-reservations.ts'
import type { Format } from './columns.ts'
import { type CsvFile, openCsvFile } from './csv-file.ts'
import { createDateEvidence, type DateOrder } from './dates.ts'
import { stayFormat } from './hotel-stays.ts'
import { ImportError } from './import-errors.ts'
import { listingFormat } from './inside-airbnb.ts'
import { createListingImporter } from './listings.ts'
import { isCurrency } from './money.ts'
import type { ImportReport } from './report.ts'
import { createReservationImporter } from './reservations.ts'
import { type RunOptions, runImport } from './run.ts'
import { createStayImporter } from './stays.ts'

export interface ListingsRequest extends RunOptions {
  readonly file: string
  readonly agency_id: string
  /** ISO 4217, of every price in the file. */
  readonly currency: string | undefined
}

/** Throws ImportError when the file or an option is wrong; then nothing was changed. */
export async function importListings(db: Database, request: ListingsRequest): Promise<ImportReport> {
  const currency = checkedCurrency(request.currency)
  if (currency === undefined) {
    throw new ImportError(
      'say the currency of the prices with --currency, such as --currency SEK. The file cannot: Inside Airbnb prints a ' +
        '"$" before every price, whatever the currency is',
    )
  }
  const file = await openCsvFile(request.file, [listingFormat])
  const open = () => createListingImporter(currency)
  const tally = await runImport(db, operatorOf(request.agency_id), file, open, request)
  return tally.report([`prices are read as ${currency}`, ...unread(file)])
}

export interface BookingsRequest extends RunOptions {
  readonly file: string
  readonly agency_id: string
  /** Give each stay of a file without units the first home that is free and large enough. */
  readonly has_assignment: boolean
  readonly currency: string | undefined
  /** undefined: decided from the dates of the file. */
  readonly date_order: DateOrder | undefined
}

/** Throws ImportError when the file or an option is wrong; then nothing was changed. */
export async function importBookings(db: Database, request: BookingsRequest): Promise<ImportReport> {
  const currency = checkedCurrency(request.currency)
  const file = await openCsvFile<Format>(request.file, [reservationFormat, stayFormat])
  const has_units = file.format === reservationFormat
  if (has_units && request.has_assignment) {
    throw new ImportError(`${request.file} names the listing of each stay: leave out --assign`)
  }
  if (!has_units && !request.has_assignment) {
    throw new ImportError(
      `${request.file} names no unit: add --assign to give each stay the first property that is free and large enough`,
    )
  }
  return has_units ? importReservations(db, request, file, currency) : importStays(db, request, file, currency)
}

async function importReservations(
  db: Database,
  request: BookingsRequest,
  file: CsvFile,
  currency: string | undefined,
): Promise<ImportReport> {
  const order = request.date_order ?? (await dateOrderOf(file, ['start', 'end']))
  const open = () => createReservationImporter({ currency, order })
  const tally = await runImport(db, operatorOf(request.agency_id), file, open, request)
  const source = currency ?? "the currency of each row's property"
  return tally.report([`earnings are read as ${source}`, ...unread(file)])
}

/** The data set's own documentation says EUR and month/day/year. */
async function importStays(
  db: Database,
  request: BookingsRequest,
  file: CsvFile,
  currency = 'EUR',
): Promise<ImportReport> {
  const order = request.date_order ?? 'mdy'
  const open = () => createStayImporter({ currency, order })
  const tally = await runImport(db, operatorOf(request.agency_id), file, open, request)
  const given = request.currency === undefined ? ', as the data set documents; --currency says otherwise' : ''
  return tally.report([`adr is read as ${currency}${given}`, ...unread(file)])
}

/** Reads the whole file once, before anything is saved. */
async function dateOrderOf(file: CsvFile, keys: readonly string[]): Promise<DateOrder> {
  const evidence = createDateEvidence()
  const places = keys.flatMap((key) => file.match.places.get(key)?.index ?? [])
  for await (const { line, cells } of file.records()) {
    if (!Array.isArray(cells)) continue
    for (const place of places) evidence.see(line, String(cells[place]).trim())
  }
  return evidence.decide()
}

function checkedCurrency(code: string | undefined): string | undefined {
  const upper = code?.trim().toUpperCase()
  if (upper !== undefined && !isCurrency(upper)) {
    throw new ImportError(`--currency ${code} is no ISO 4217 code, such as EUR or SEK`)
  }
  return upper
}

function unread({ match }: CsvFile): string[] {
  return match.unread.length === 0 ? [] : [`columns that Roost does not store: ${match.unread.join(', ')}`]
}
