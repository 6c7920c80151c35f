// The entry points of the commands: open a file, detect its format, import it, report.
import { type Actor, operatorOf } from '../../core/auth/actors.ts'
import { isCurrency } from '../../core/money.ts'
import type { Database } from '../../core/postgres/database.ts'
import type { Booking } from '../bookings/schema.ts'
import type { Format } from './csv/columns.ts'
import { createDateOrderDetector, type DateOrder } from './csv/dates.ts'
import { mappedFormat, stayFormats } from './formats/all-stays.ts'
import { stayFormat } from './formats/hotel-stays.ts'
import { listingFormat } from './formats/inside-airbnb-listings.ts'
import { listingSummary } from './formats/inside-airbnb-summary.ts'
import type { StayFormat } from './formats/stay-format.ts'
import { ImportError } from './import-errors.ts'
import { type ImportFile, openImportFile, type WrongFile } from './import-file.ts'
import type { Importer } from './importer.ts'
import { createListingImporter } from './listings.ts'
import type { ImportReport, ImportSummary } from './report.ts'
import { importStayFile } from './reservations.ts'
import { type RunOptions, runImport } from './run.ts'
import type { AliasOption } from './stay-lookup.ts'
import { createStayImporter } from './stays.ts'

export interface ListingsRequest extends RunOptions {
  readonly file: string
  readonly agency_id: string
  /** Who imports; undefined: the operator. */
  readonly actor?: Actor | undefined
  /** ISO 4217, of every amount in the file. */
  readonly currency: string | undefined
}

const summaryOfListings: WrongFile = {
  format: listingSummary,
  advice:
    'is the summary file of Inside Airbnb, without property types and numbers of guests: take listings.csv.gz of the same ' +
    'page, and unpack it',
}

/** Throws ImportError, before anything is saved, when the file or an option is wrong. */
export async function importListings(db: Database, request: ListingsRequest): Promise<ImportReport> {
  const stays = [...stayFormats, stayFormat].map((format: Format) => ({
    format,
    advice: `has the format "${format.name}", which has bookings and no properties: use roost import bookings`,
    reason: 'has_bookings' as const,
  }))
  const file = await openImportFile(request.file, [listingFormat], [summaryOfListings, ...stays])
  const currency = parseCurrency(request.currency)
  if (currency === undefined) {
    throw new ImportError(
      'give the currency of the prices with --currency, such as --currency SEK. Inside Airbnb writes "$" before every ' +
        'price, whatever its currency',
      'currency_required',
    )
  }
  const note = `prices are read as ${currency}`
  return runRows(db, request, file, () => createListingImporter(currency), note)
}

export interface BookingsRequest extends ListingsRequest {
  /** Assigns each stay of a file without units the first property that is free and large enough. */
  readonly has_assignment: boolean
  /** undefined: detected from the dates of the file. */
  readonly date_order: DateOrder | undefined
  /** The id of the format; undefined: detected from the header. */
  readonly format?: string | undefined
  /** `field=column` pairs: the columns of a file of another format. */
  readonly map?: string | undefined
  /** The channel of every row, instead of what the file says. */
  readonly source?: Booking['source'] | undefined
  readonly aliases?: readonly AliasOption[] | undefined
}

const listingFiles: readonly WrongFile[] = [
  { ...summaryOfListings, advice: 'has properties and no bookings', reason: 'has_properties' },
  {
    format: listingFormat,
    advice: 'has properties and no bookings: use roost import listings',
    reason: 'has_properties',
  },
]

/** Throws ImportError, before anything is saved, when the file or an option is wrong. */
export async function importBookings(db: Database, request: BookingsRequest): Promise<ImportReport> {
  const currency = parseCurrency(request.currency)
  const file = await openImportFile<Format>(request.file, formatsOf(request), listingFiles)
  const has_units = file.format !== stayFormat
  if (has_units && request.has_assignment) {
    throw new ImportError(`${request.file} names the listing of each stay: leave out --assign`, 'assign_refused')
  }
  if (!has_units && !request.has_assignment) {
    throw new ImportError(
      `${request.file} names no unit: add --assign to give each stay the first property that is free and large enough`,
      'assign_required',
    )
  }
  return has_units
    ? importReservations(db, request, file as ImportFile<StayFormat>, currency)
    : importStays(db, request, file, currency)
}

function formatsOf({ map, format }: BookingsRequest): readonly Format[] {
  if (map !== undefined) return [mappedFormat(map)]
  if (format === undefined) return [...stayFormats, stayFormat]
  const chosen = stayFormats.find(({ id }) => id === format)
  if (chosen === undefined) {
    throw new ImportError(`--format ${format}: the formats are ${stayFormats.map(({ id }) => id).join(', ')}`)
  }
  return [chosen]
}

async function importReservations(
  db: Database,
  request: BookingsRequest,
  file: ImportFile<StayFormat>,
  currency: string | undefined,
): Promise<ImportReport> {
  const order = request.date_order ?? (await detectDateOrder(file, ['start', 'end']))
  const { aliases = [], source } = request
  const options = { order, currency, aliases, source }
  const summary = await importStayFile(db, actorOf(request), file, options, request)
  const amounts = file.match.positions.has('currency')
    ? 'the currency that the row names'
    : "the currency of each row's property"
  return report(summary, file, [`format: ${file.format.name}`, `amounts are read as ${currency ?? amounts}`])
}

/** The documentation of the data set says EUR and month/day/year. */
async function importStays(
  db: Database,
  request: BookingsRequest,
  file: ImportFile,
  currency = 'EUR',
): Promise<ImportReport> {
  const order = request.date_order ?? 'mdy'
  const is_default = request.currency === undefined
  const note = `adr is read as ${currency}${is_default ? ', as the data set documents; --currency changes it' : ''}`
  return runRows(db, request, file, () => createStayImporter({ currency, order }), note)
}

async function runRows<Key extends string, Entry extends object>(
  db: Database,
  request: ListingsRequest,
  file: ImportFile<Format<Key>>,
  createImporter: () => Importer<Key, Entry>,
  note: string,
): Promise<ImportReport> {
  const summary = await runImport(db, actorOf(request), file, createImporter, request)
  return report(summary, file, [note])
}

const actorOf = ({ actor, agency_id }: ListingsRequest) => actor ?? operatorOf(agency_id)

function report(
  summary: ImportSummary,
  { format, match: { ignored, positions }, encoding }: ImportFile,
  notes: readonly string[],
): ImportReport {
  const ignored_notes = ignored.length === 0 ? [] : [`columns that Roost does not store: ${ignored.join(', ')}`]
  const encoding_notes =
    encoding === 'utf-8' ? [] : ['the file is not UTF-8 and was read as Windows-1252, which Excel writes']
  const columns = Object.fromEntries([...positions].map(([key, { label }]) => [key, label]))
  return {
    ...summary.report([...notes, ...encoding_notes, ...ignored_notes]),
    file: { format: format.name, columns, ignored },
  }
}

/** Reads the whole file once, before anything is saved. */
async function detectDateOrder(file: ImportFile, keys: readonly string[]): Promise<DateOrder> {
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
