// Lines -> CSV records. A broken quote costs the line it stands on and no other.
import { isUtf8 } from 'node:buffer'
import { CsvError, parse } from 'csv-parse/sync'
import { RowError } from './import-errors.ts'
import { type Line, max_line_bytes } from './lines.ts'

export interface CsvRecord {
  /** The line it begins on. */
  readonly line: number
  /** Bytes of the file read so far. */
  readonly bytes_read: number
  /** The cells as they stand in the file, or why they cannot be read. */
  readonly cells: readonly string[] | RowError
}

/** A quoted cell may hold this many line breaks. */
const max_lines = 1000

/** The cells of one record. Throws CsvError: CSV_QUOTE_NOT_CLOSED when it may go on, another code when it is broken. */
export function splitCells(text: string, delimiter: string): string[] {
  // Most lines have no quote, and a parser for each of them takes longer than all else that is done to read it.
  if (!/["\n]/.test(text)) return text === '' ? [] : text.split(delimiter)
  const records: string[][] = parse(text, { delimiter, record_delimiter: '\n', relax_column_count: true })
  return records[0] ?? []
}

/**
 * The records of `lines`, blank ones left out, each with as many cells as `header` or an error. A record that opens a
 * quote and does not come out right is an error of its first line only: reading goes on at the line behind it.
 */
export async function* readRecords(
  lines: AsyncIterable<Line>,
  delimiter: string,
  header: readonly string[],
): AsyncGenerator<CsvRecord> {
  let waiting: Line[] = []
  let open = noLines
  for await (const line of lines) {
    waiting.push(line)
    for (;;) {
      open = extend(open, waiting, delimiter)
      const taken = take(open, waiting, delimiter, header, false)
      if (taken === undefined) break
      waiting = waiting.slice(taken.num_lines)
      open = noLines
      if (taken.record !== undefined) yield taken.record
    }
  }
  while (waiting.length > 0) {
    open = extend(noLines, waiting, delimiter)
    const taken = take(open, waiting, delimiter, header, true)
    if (taken?.record !== undefined) yield taken.record
    waiting = waiting.slice(taken?.num_lines ?? 1)
  }
}

/** How far the record at the front of the waiting lines has been looked at. */
interface Open {
  readonly num_lines: number
  readonly num_quotes: number
  readonly num_bytes: number
  readonly is_hopeless: boolean
}

const noLines: Open = { num_lines: 0, num_quotes: 0, num_bytes: 0, is_hopeless: false }

/** Looks at waiting lines until the quotes are even: only then can a record end. */
function extend(open: Open, waiting: readonly Line[], delimiter: string): Open {
  let { num_lines, num_quotes, num_bytes, is_hopeless } = open
  while (num_lines < waiting.length && !is_hopeless && (num_lines === 0 || num_quotes % 2 === 1)) {
    const line = waiting[num_lines]
    if (line === undefined) break
    num_lines += 1
    num_quotes += countQuotes(line.bytes)
    num_bytes += line.bytes.length
    if (num_lines === 1 && num_quotes % 2 === 1) is_hopeless = !mayGoOn(line, delimiter)
    is_hopeless ||= line.is_too_long || num_bytes > max_line_bytes || num_lines > max_lines
  }
  return { num_lines, num_quotes, num_bytes, is_hopeless }
}

interface Taken {
  readonly num_lines: number
  /** None for a blank line. */
  readonly record?: CsvRecord
}

function take(
  open: Open,
  waiting: readonly Line[],
  delimiter: string,
  header: readonly string[],
  is_end: boolean,
): Taken | undefined {
  const first = waiting[0]
  if (first === undefined) return undefined
  const refused = (reason: string) => ({ num_lines: 1, record: recordOf(first, first, new RowError(reason)) })
  if (first.is_too_long) return refused(`is longer than ${max_line_bytes} bytes`)
  const is_open = open.num_quotes % 2 === 1
  if (is_open && !open.is_hopeless && !is_end) return undefined
  if (is_open || open.is_hopeless) return refused('a quote (") is opened or closed in the wrong place')
  const lines = waiting.slice(0, open.num_lines)
  const cells = cellsOf(lines, delimiter, header)
  if (cells instanceof RowError) {
    const is_one_line = lines.length === 1
    return is_one_line ? { num_lines: 1, record: recordOf(first, first, cells) } : refused('a quote (") is not closed')
  }
  const is_blank = cells.every((cell) => cell.trim() === '')
  if (is_blank) return { num_lines: lines.length }
  return { num_lines: lines.length, record: recordOf(first, lines.at(-1) ?? first, cells) }
}

function recordOf(first: Line, last: Line, cells: CsvRecord['cells']): CsvRecord {
  return { line: first.number, bytes_read: last.next_offset, cells }
}

function cellsOf(lines: readonly Line[], delimiter: string, header: readonly string[]): string[] | RowError {
  const bytes = Buffer.concat(lines.flatMap(({ bytes, ending }) => [bytes, Buffer.from(ending)]))
  const last_ending = lines.at(-1)?.ending.length ?? 0
  const body = bytes.subarray(0, bytes.length - last_ending)
  if (body.length === 0) return []
  const is_text = isUtf8(body)
  try {
    const cells = splitCells(body.toString(is_text ? 'utf8' : 'latin1'), delimiter)
    const bad = is_text ? -1 : cells.findIndex((cell) => !isUtf8(Buffer.from(cell, 'latin1')))
    if (bad >= 0) return new RowError('is not valid UTF-8: save the file as UTF-8', { column: header[bad] ?? null })
    const is_blank = cells.every((cell) => cell.trim() === '')
    if (!is_blank && cells.length !== header.length) {
      return new RowError(`has ${cells.length} columns, the header has ${header.length}`)
    }
    const nul = cells.findIndex((cell) => cell.includes('\u0000'))
    return nul < 0 ? cells : new RowError('holds a NUL character', { column: header[nul] ?? null })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    return new RowError('a quote (") is opened or closed in the wrong place')
  }
}

function countQuotes(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(34); at >= 0; at = bytes.indexOf(34, at + 1)) count += 1
  return count
}

/** Whether an odd number of quotes means a cell that goes on in the next line, and not a quote in the wrong place. */
function mayGoOn(line: Line, delimiter: string): boolean {
  try {
    splitCells(line.bytes.toString('latin1'), delimiter)
    return false
  } catch (error) {
    return error instanceof CsvError && error.code === 'CSV_QUOTE_NOT_CLOSED'
  }
}
