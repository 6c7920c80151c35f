// Opens a CSV file: detects its format and delimiter from the header, and reads its records.
import { ImportError } from '../import-errors.ts'
import { chooseFormat, type FormatChoice, requireMatch, scoreOf } from './choose-format.ts'
import { contentsOf, type Format, type HeaderMatch } from './columns.ts'
import { detectEncoding, type Encoding } from './encoding.ts'
import { inspectFile, type TextFile } from './file-type.ts'
import { type Line, readLines } from './lines.ts'
import { type CsvRecord, readRecords, splitCells } from './records.ts'

export interface CsvFile<F extends Format = Format> {
  readonly size: number
  readonly format: F
  readonly match: HeaderMatch
  readonly encoding: Encoding
  /** The records after the header. Each call reads the file from the start. */
  records(): AsyncGenerator<CsvRecord>
}

/** Throws ImportError when the file cannot be read, is not CSV, or matches none of the formats. */
export async function openCsvFile<F extends Format>(path: string, formats: readonly F[]): Promise<CsvFile<F>> {
  const text_file = await inspectFile(path)
  const { start, separator } = text_file
  const encoding = await detectEncoding(path, start, separator)
  const header_line = await findHeader(path, text_file)
  if (header_line === undefined) throw new ImportError(`${path} is empty`)
  const header_text = new TextDecoder(encoding).decode(header_line.bytes)
  const { format, delimiter, header, match } = detectFormat(header_text, formats)
  requireMatch(path, { format, header, match })
  const layout = { delimiter, header, contents: contentsOf(format, match, header.length), encoding }
  const records = () => readRecords(linesAfter(header_line, readAll(path, text_file)), layout)
  return { size: text_file.size, format, match, encoding, records }
}

const readAll = (path: string, { start, separator }: TextFile) => readLines(path, start, separator)

/** Excel's first line that names the delimiter, with the empty cells that it adds. The header shows the delimiter as well. */
const delimiter_line = /^"?sep=.?"?[,;\t]*$/i

/** The first line that is neither blank nor Excel's `sep=;`. */
async function findHeader(path: string, text_file: TextFile): Promise<Line | undefined> {
  for await (const line of readAll(path, text_file)) {
    if (line.is_too_long) return line
    const text = line.bytes.toString('latin1').trim()
    if (text !== '' && !delimiter_line.test(text)) return line
  }
  return undefined
}

async function* linesAfter(header: Line, lines: AsyncIterable<Line>): AsyncGenerator<Line> {
  for await (const line of lines) if (line.number > header.number) yield line
}

/** The delimiter and the format that fit best. */
function detectFormat<F extends Format>(
  text: string,
  formats: readonly F[],
): FormatChoice<F> & { readonly delimiter: string } {
  const candidates = [',', ';', '\t', '|'].map((delimiter) => {
    return { delimiter, ...chooseFormat(splitHeader(text, delimiter), formats) }
  })
  const [best] = candidates.toSorted((one, other) => scoreOf(other) - scoreOf(one))
  if (best === undefined) throw new ImportError('no format is given')
  return best
}

function splitHeader(text: string, delimiter: string): string[] {
  try {
    return splitCells(text, delimiter).map((label) => label.trim())
  } catch {
    return [text]
  }
}
