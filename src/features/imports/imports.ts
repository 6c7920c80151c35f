// The entry points of the commands: open a file, detect its format, import it, report.

import { operatorOf } from '../../core/auth/actors.ts'
import { isCurrency } from '../../core/money.ts'
import type { Database } from '../../core/postgres/database.ts'
import type { Format } from './csv/columns.ts'
import { type CsvFile, openCsvFile } from './csv/csv-file.ts'
import { createDateOrderDetector, type DateOrder } from './csv/dates.ts'
import { reservationFormat } from './formats/airbnb-reservations.ts'
import { stayFormat } from './formats/hotel-stays.ts'
import { listingFormat } from './formats/inside-airbnb-listings.ts'
import { ImportError } from './import-errors.ts'
import type { Importer } from './importer.ts'
import { createListingImporter } from './listings.ts'
import type { ImportReport } from './report.ts'
import { createReservationImporter } from './reservations.ts'
import { type RunOptions, runImport } from './run.ts'
import { createStayImporter } from './stays.ts'

export interface ListingsRequest extends RunOptions {
  readonly file: string
  readonly agency_id: string
  /** ISO 4217, of every amount in the file. */
  readonly currency: string | undefined
}

/** Throws ImportError, before anything is saved, when the file or an option is wrong. */
export async function importListings(db: Database, request: ListingsRequest): Promise<ImportReport> {
  const currency = parseCurrency(request.currency)
  if (currency === undefined) {
    throw new ImportError(
      'give the currency of the prices with --currency, such as --currency SEK. Inside Airbnb writes "$" before every ' +
        'price, whatever its currency',
    )
  }
  const file = await openCsvFile(request.file, [listingFormat])
  const note = `prices are read as ${currency}`
  return run(db, request, file, () => createListingImporter(currency), note)
}

export interface BookingsRequest extends ListingsRequest {
  /** Assigns each stay of a file without units the first property that is free and large enough. */
  readonly has_assignment: boolean
  /** undefined: detected from the dates of the file. */
  readonly date_order: DateOrder | undefined
}

/** Throws ImportError, before anything is saved, when the file or an option is wrong. */
export async function importBookings(db: Database, request: BookingsRequest): Promise<ImportReport> {
  const currency = parseCurrency(request.currency)
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
  const order = request.date_order ?? (await detectDateOrder(file, ['start', 'end']))
  const note = `earnings are read as ${currency ?? "the currency of each row's property"}`
  return run(db, request, file, () => createReservationImporter({ currency, order }), note)
}

/** The documentation of the data set says EUR and month/day/year. */
async function importStays(
  db: Database,
  request: BookingsRequest,
  file: CsvFile,
  currency = 'EUR',
): Promise<ImportReport> {
  const order = request.date_order ?? 'mdy'
  const is_default = request.currency === undefined
  const note = `adr is read as ${currency}${is_default ? ', as the data set documents; --currency changes it' : ''}`
  return run(db, request, file, () => createStayImporter({ currency, order }), note)
}

async function run<Key extends string, Entry extends object>(
  db: Database,
  request: ListingsRequest,
  file: CsvFile<Format<Key>>,
  createImporter: () => Importer<Key, Entry>,
  note: string,
): Promise<ImportReport> {
  const summary = await runImport(db, operatorOf(request.agency_id), file, createImporter, request)
  const { ignored } = file.match
  const ignored_notes = ignored.length === 0 ? [] : [`columns that Roost does not store: ${ignored.join(', ')}`]
  const encoding_notes =
    file.encoding === 'utf-8' ? [] : ['the file is not UTF-8 and was read as Windows-1252, which Excel writes']
  return summary.report([note, ...encoding_notes, ...ignored_notes])
}

/** Reads the whole file once, before anything is saved. */
async function detectDateOrder(file: CsvFile, keys: readonly string[]): Promise<DateOrder> {
  const detector = createDateOrderDetector()
  const indexes = keys.flatMap((key) => file.match.positions.get(key)?.index ?? [])
  for await (const { line, cells } of file.records()) {
    if (!Array.isArray(cells)) continue
    for (const index of indexes) detector.add(line, String(cells[index]).trim())
  }
  return detector.detect()
}

function parseCurrency(code: string | undefined): string | undefined {
  const upper = code?.trim().toUpperCase()
  if (upper !== undefined && !isCurrency(upper)) {
    throw new ImportError(`--currency ${code} is not an ISO 4217 code, such as EUR or SEK`)
  }
  return upper
}
