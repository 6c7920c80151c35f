// Opens a CSV file: refuses what is none, finds the delimiter and which kind of file it is. Reads nothing but the start.
import { open, stat } from 'node:fs/promises'
import { type Format, type HeaderMatch, matchHeader } from './columns.ts'
import { ImportError } from './import-errors.ts'
import { type Line, readLines } from './lines.ts'
import { type CsvRecord, readRecords, splitCells } from './records.ts'

export const max_file_bytes = 200_000_000

export interface CsvFile<F extends Format = Format> {
  readonly path: string
  readonly size: number
  readonly format: F
  readonly delimiter: string
  readonly header: readonly string[]
  readonly match: HeaderMatch
  /** The records behind the header, from the start each time it is called. */
  records(): AsyncGenerator<CsvRecord>
}

/** Throws ImportError when the file cannot be read, is no CSV, or has the columns of none of the formats. */
export async function openCsvFile<F extends Format>(path: string, formats: readonly F[]): Promise<CsvFile<F>> {
  const { size, start, splitter } = await inspect(path)
  const first = await firstLine(path, start, splitter)
  if (first === undefined) throw new ImportError(`${path} is empty`)
  const { format, delimiter, header, match } = bestReading(first, formats)
  const { missing, repeated } = match
  if (missing.length > 0) throw new ImportError(unlike(path, format, header, missing))
  if (repeated.length > 0) {
    throw new ImportError(`${path}: the header names a column twice: ${repeated.join(', ')}. Remove one of them.`)
  }
  return {
    path,
    size,
    format,
    delimiter,
    header,
    match,
    records: () => readRecords(behind(first, readLines(path, start, splitter)), delimiter, header),
  }
}

const foreign: readonly [magic: string, advice: string][] = [
  ['1f8b', 'is compressed with gzip: unpack it first (gunzip)'],
  ['504b0304', 'is a ZIP archive or an Excel workbook: unpack it, or save the sheet as CSV (UTF-8)'],
  ['d0cf11e0', 'is an old Excel workbook: save the sheet as CSV (UTF-8)'],
  ['25504446', 'is a PDF document'],
  ['fffe', 'is encoded as UTF-16: save it as CSV (UTF-8)'],
  ['feff', 'is encoded as UTF-16: save it as CSV (UTF-8)'],
]

async function inspect(path: string): Promise<{ size: number; start: number; splitter: '\n' | '\r' }> {
  const facts = await stat(path).catch(unreadable(path))
  if (!facts.isFile()) throw new ImportError(`${path} is not a file`)
  if (facts.size > max_file_bytes) {
    throw new ImportError(
      `${path} has ${facts.size} bytes; the limit is ${max_file_bytes}: split it, keeping the header in each part`,
    )
  }
  const handle = await open(path).catch(unreadable(path))
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(65_536), 0, 65_536, 0)
    const head = buffer.subarray(0, bytesRead)
    const hex = head.subarray(0, 4).toString('hex')
    const other = foreign.find(([magic]) => hex.startsWith(magic))
    if (other !== undefined) throw new ImportError(`${path} ${other[1]}`)
    const is_old = !head.includes(10) && head.includes(13)
    return { size: facts.size, start: hex.startsWith('efbbbf') ? 3 : 0, splitter: is_old ? '\r' : '\n' }
  } finally {
    await handle.close()
  }
}

function unreadable(path: string) {
  return (error: NodeJS.ErrnoException): never => {
    const reasons: Record<string, string> = { ENOENT: 'there is no such file', EACCES: 'no permission to read it' }
    throw new ImportError(`cannot read ${path}: ${reasons[error.code ?? ''] ?? error.code}`)
  }
}

async function firstLine(path: string, start: number, splitter: '\n' | '\r'): Promise<Line | undefined> {
  for await (const line of readLines(path, start, splitter)) {
    if (line.is_too_long || line.bytes.toString('latin1').trim() !== '') return line
  }
  return undefined
}

async function* behind(header: Line, lines: AsyncIterable<Line>): AsyncGenerator<Line> {
  for await (const line of lines) if (line.number > header.number) yield line
}

interface Reading<F extends Format> {
  readonly format: F
  readonly delimiter: string
  readonly header: readonly string[]
  readonly match: HeaderMatch
}

/** The delimiter and format under which most required columns are found. */
function bestReading<F extends Format>(first: Line, formats: readonly F[]): Reading<F> {
  const text = first.bytes.toString('utf8')
  const readings = [',', ';', '\t'].flatMap((delimiter) => {
    const header = headerOf(text, delimiter)
    return formats.map((format) => ({ format, delimiter, header, match: matchHeader(format, header) }))
  })
  const [best, ...others] = readings
  if (best === undefined) throw new ImportError('no kind of file is known')
  return others.reduce((chosen, one) => (likeness(one) > likeness(chosen) ? one : chosen), best)
}

function headerOf(text: string, delimiter: string): string[] {
  try {
    return splitCells(text, delimiter).map((label) => label.trim())
  } catch {
    return [text]
  }
}

function likeness({ format, match }: Reading<Format>): number {
  const required = Object.values(format.columns).filter(({ is_required }) => is_required).length
  return (required - match.missing.length) / required + match.places.size / 1000
}

function unlike(path: string, format: Format, header: readonly string[], missing: readonly string[]): string {
  const required = Object.values(format.columns).filter(({ is_required }) => is_required)
  const names = required.map(({ name }) => name).join(', ')
  const shown = header.slice(0, 20).map((label) => (label.length > 40 ? `${label.slice(0, 40)}…` : label))
  const found = printable(shown.join(', '))
  return `${path} is not a file of the kind "${format.name}". Expected columns: ${names}. Missing: ${missing.join(', ')}. Found: ${found}.`
}

/** Text of a foreign file, made harmless for a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{C}]/gu, '\u{FFFD}').slice(0, 400)
}
