// Groups lines into CSV records. A record with a broken quote is an error of its first line only.
import { isUtf8 } from 'node:buffer'
import { CsvError, parse } from 'csv-parse/sync'
import { RowError } from '../import-errors.ts'
import type { Encoding } from './encoding.ts'
import { type Line, max_line_bytes } from './lines.ts'
import { type Contents, rejoin } from './unquoted.ts'

export interface CsvRecord {
  /** The number of its first line. */
  readonly line: number
  /** Bytes of the file up to the end of the record. */
  readonly bytes_read: number
  /** The cells as they are in the file, or why they cannot be read. */
  readonly cells: readonly string[] | RowError
}

/** How the records of a file are to be read. */
export interface Layout {
  readonly delimiter: string
  readonly header: readonly string[]
  /** What each column can hold. Without it a row with too many cells is an error. */
  readonly contents?: readonly Contents[]
  readonly encoding?: Encoding
}

/** The most lines of one record. */
const max_lines = 1000

/**
 * Skips blank records. A record has as many cells as the header, or an error. Excel leaves out empty cells at the end of a row
 * and adds some at the end of others. csv-parse splits the cells but does not group the lines: after an unclosed quote it skips
 * every row up to the next quote.
 */
export async function* readRecords(lines: AsyncGenerator<Line>, layout: Layout): AsyncGenerator<CsvRecord> {
  const buffer: Line[] = []
  async function lineAt(index: number): Promise<Line | undefined> {
    while (buffer.length <= index) {
      const next = await lines.next()
      if (next.done) return undefined
      buffer.push(next.value)
    }
    return buffer[index]
  }
  try {
    for (let first = await lineAt(0); first !== undefined; first = await lineAt(0)) {
      const span = await findSpan(first, lineAt, layout.delimiter)
      const cells = parseSpan(span, layout)
      const last = cells instanceof RowError ? first : (span.at(-1) ?? first)
      buffer.splice(0, last.number - first.number + 1)
      if (cells !== undefined) yield { line: first.number, bytes_read: last.next_offset, cells }
    }
  } finally {
    await lines.return(undefined)
  }
}

/** The lines up to the one that makes the number of quotes even. Only the first line when there is none. */
async function findSpan(
  first: Line,
  lineAt: (index: number) => Promise<Line | undefined>,
  delimiter: string,
): Promise<Line[]> {
  const span = [first]
  let num_quotes = countQuotes(first.bytes)
  let num_bytes = first.bytes.length
  if (num_quotes % 2 === 1 && !hasOpenQuote(first, delimiter)) return [first]
  while (num_quotes % 2 === 1) {
    const line = await lineAt(span.length)
    if (line === undefined || line.is_too_long || span.length === max_lines) return [first]
    span.push(line)
    num_quotes += countQuotes(line.bytes)
    num_bytes += line.bytes.length
    if (num_bytes > max_line_bytes) return [first]
  }
  return span
}

function countQuotes(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(34); at >= 0; at = bytes.indexOf(34, at + 1)) count += 1
  return count
}

/** Whether a quoted cell continues on the next line. False when a quote is in the wrong place. */
function hasOpenQuote(line: Line, delimiter: string): boolean {
  try {
    splitCells(line.bytes.toString('latin1'), delimiter)
    return false
  } catch (error) {
    return error instanceof CsvError && error.code === 'CSV_QUOTE_NOT_CLOSED'
  }
}

/** undefined for a blank record. */
function parseSpan(span: readonly Line[], layout: Layout): CsvRecord['cells'] | undefined {
  if (span[0]?.is_too_long) return new RowError(`is longer than ${max_line_bytes} bytes`)
  const bytes = Buffer.concat(span.flatMap(({ bytes, ending }) => [bytes, Buffer.from(ending)]))
  const body = bytes.subarray(0, bytes.length - (span.at(-1)?.ending.length ?? 0))
  const cells = parseCells(body, layout)
  // An error in several lines means that the quote of the first line was not meant to span them.
  return cells instanceof RowError && span.length > 1 ? new RowError('a quote (") is not closed') : cells
}

const western = new TextDecoder('windows-1252')

function parseCells(body: Buffer, layout: Layout): string[] | RowError | undefined {
  const { delimiter, header, encoding } = layout
  const is_text = encoding === 'windows-1252' || isUtf8(body)
  const text = encoding === 'windows-1252' ? western.decode(body) : body.toString(is_text ? 'utf8' : 'latin1')
  try {
    const cells = splitCells(text, delimiter)
    const invalid = is_text ? -1 : cells.findIndex((cell) => !isUtf8(Buffer.from(cell, 'latin1')))
    if (invalid >= 0) {
      return new RowError('is not valid UTF-8: save the file as UTF-8', { column: header[invalid] ?? null })
    }
    if (cells.every((cell) => cell.trim() === '')) return undefined
    const nul = cells.findIndex((cell) => cell.includes('\u0000'))
    if (nul >= 0) return new RowError('has a NUL character', { column: header[nul] ?? null })
    return fitted(cells, text, layout)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    return new RowError('a quote (") is opened or closed in the wrong place')
  }
}

/** The cells, as many as the header has. */
function fitted(cells: string[], text: string, { header, contents, delimiter }: Layout): string[] | RowError {
  const missing = header.length - cells.length
  if (missing === 0) return cells
  if (missing > 0 && missing < header.length / 2) return [...cells, ...new Array<string>(missing).fill('')]
  const surplus = cells.slice(header.length)
  if (missing < 0 && surplus.every((cell) => cell.trim() === '')) return cells.slice(0, header.length)
  const joined = contents === undefined || text.includes('"') ? undefined : rejoin(cells, contents, delimiter)
  if (joined !== undefined) return joined
  const advice = missing < 0 ? `: put texts and amounts that contain "${delimiter}" in quotes` : ''
  return new RowError(`has ${cells.length} columns, the header has ${header.length}${advice}`)
}

/** The cells of one record. Throws CsvError: CSV_QUOTE_NOT_CLOSED when the record is incomplete. */
export function splitCells(text: string, delimiter: string): string[] {
  // Most lines have no quote. Creating a parser for each of them would dominate the time of reading a file.
  if (!/["\n]/.test(text)) return text === '' ? [] : text.split(delimiter)
  const records: string[][] = parse(text, { delimiter, record_delimiter: '\n', relax_column_count: true })
  return records[0] ?? []
}
