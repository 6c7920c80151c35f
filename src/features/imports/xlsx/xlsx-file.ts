// Opens an Excel workbook (.xlsx): the rows of its first sheet, as records like those of a CSV file.
import { chooseFormat, requireMatch } from '../csv/choose-format.ts'
import type { Format } from '../csv/columns.ts'
import type { CsvFile } from '../csv/csv-file.ts'
import type { CsvRecord } from '../csv/records.ts'
import { ImportError, RowError } from '../import-errors.ts'
import { columnOf, dayOfSerial, isDateFormat, plainNumber, unescapeText } from './cell-values.ts'
import { openParts, type WorkbookParts } from './package.ts'

const max_rows = 200_000
const max_columns = 1000
/** Characters of all cells: what is kept in memory. */
const max_characters = 100_000_000

interface SheetRow {
  readonly line: number
  readonly cells: readonly string[]
}

/** Reads the whole sheet into memory. Throws ImportError. */
export async function openXlsxFile<F extends Format>(path: string, formats: readonly F[]): Promise<CsvFile<F>> {
  const rows = await readFirstSheet(path)
  const [first, ...others] = rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
  if (first === undefined) throw new ImportError(`${path} is empty: its first sheet has no row`)
  const header = trimEnd(first.cells.map((cell) => cell.trim()))
  const choice = chooseFormat(header, formats)
  requireMatch(path, choice)
  return {
    size: rows.length,
    format: choice.format,
    match: choice.match,
    encoding: 'utf-8',
    async *records() {
      for (const { line, cells } of others) yield recordOf(line, cells, header.length)
    },
  }
}

function recordOf(line: number, cells: readonly string[], num_columns: number): CsvRecord {
  const filled = trimEnd(cells)
  if (filled.length > num_columns) {
    return {
      line,
      bytes_read: line,
      cells: new RowError(`has ${filled.length} columns, the header has ${num_columns}`),
    }
  }
  return { line, bytes_read: line, cells: Array.from({ length: num_columns }, (_, index) => filled[index] ?? '') }
}

/** Without empty cells at the end. */
function trimEnd(cells: readonly string[]): string[] {
  const last = cells.findLastIndex((cell) => cell.trim() !== '')
  return cells.slice(0, last + 1)
}

async function readFirstSheet(path: string): Promise<SheetRow[]> {
  const parts = await openParts(path)
  try {
    const { part, is_1904 } = await findFirstSheet(parts, path)
    const context = { texts: await readTexts(parts, path), is_date: await readStyles(parts), is_1904 }
    return await readSheet(parts, part, context, path)
  } finally {
    parts.close()
  }
}

async function findFirstSheet(parts: WorkbookParts, path: string): Promise<{ part: string; is_1904: boolean }> {
  let id: string | undefined
  let is_1904 = false
  await parts.read('xl/workbook.xml', {
    onOpen(name, attributes) {
      if (name === 'workbookPr') is_1904 = ['1', 'true'].includes(attributes.date1904 ?? '')
      if (name !== 'sheet' || id !== undefined || attributes.state === 'hidden') return
      id = Object.entries(attributes).find(([key]) => /(^|:)id$/.test(key))?.[1]
    },
  })
  let target: string | undefined
  await parts.read('xl/_rels/workbook.xml.rels', {
    onOpen(name, attributes) {
      if (name === 'Relationship' && attributes.Id === id) target = attributes.Target
    },
  })
  if (id === undefined || target === undefined) throw new ImportError(`${path} has no visible sheet`)
  return { part: target.startsWith('/') ? target.slice(1) : `xl/${target}`, is_1904 }
}

/** The shared strings: cells refer to them by their number. Phonetic hints are left out. */
async function readTexts(parts: WorkbookParts, path: string): Promise<string[]> {
  const texts: string[] = []
  const count = limiter(path)
  let text = ''
  let is_text = false
  let phonetic = 0
  await parts.read('xl/sharedStrings.xml', {
    onOpen(name) {
      if (name === 'si') text = ''
      if (name === 'rPh') phonetic += 1
      is_text = name === 't' && phonetic === 0
    },
    onText(part) {
      if (is_text) text += part
    },
    onClose(name) {
      if (name === 't') is_text = false
      if (name === 'rPh') phonetic -= 1
      if (name !== 'si') return
      count(text.length + 8)
      texts.push(unescapeText(text))
    },
  })
  return texts
}

/** For each style of a cell, whether it shows a number as a date. */
async function readStyles(parts: WorkbookParts): Promise<boolean[]> {
  const codes = new Map<number, string>()
  const is_date: boolean[] = []
  let is_in_cells = false
  await parts.read('xl/styles.xml', {
    onOpen(name, attributes) {
      if (name === 'numFmt') codes.set(Number(attributes.numFmtId), attributes.formatCode ?? '')
      if (name === 'cellXfs') is_in_cells = true
      if (name !== 'xf' || !is_in_cells) return
      const id = Number(attributes.numFmtId ?? 0)
      is_date.push(isDateFormat(id, codes.get(id)))
    },
    onClose(name) {
      if (name === 'cellXfs') is_in_cells = false
    },
  })
  return is_date
}

interface CellContext {
  readonly texts: readonly string[]
  readonly is_date: readonly boolean[]
  readonly is_1904: boolean
}

interface OpenCell {
  readonly column: number
  readonly type: string
  readonly style: number
  text: string
}

async function readSheet(parts: WorkbookParts, part: string, context: CellContext, path: string): Promise<SheetRow[]> {
  const rows: SheetRow[] = []
  const count = limiter(path)
  let cells: string[] = []
  let line = 0
  let cell: OpenCell | undefined
  let is_value = false
  const was_read = await parts.read(part, {
    onOpen(name, attributes) {
      if (name === 'row') {
        line = Number(attributes.r ?? line + 1)
        cells = []
      }
      if (name === 'c') cell = openCell(attributes, cells.length, path, line)
      is_value = name === 'v' || name === 't'
    },
    onText(text) {
      if (is_value && cell !== undefined) cell.text += text
    },
    onClose(name) {
      if (name === 'v' || name === 't') is_value = false
      if (name === 'c' && cell !== undefined) {
        while (cells.length < cell.column) cells.push('')
        cells[cell.column] = textOf(cell, context)
        count(8 + (cells[cell.column]?.length ?? 0))
        cell = undefined
      }
      if (name !== 'row') return
      if (rows.length >= max_rows) throw new ImportError(`${path} has more than ${max_rows} rows: split it`)
      rows.push({ line, cells })
    },
  })
  if (!was_read) throw new ImportError(`${path} is damaged: its first sheet is missing`)
  return rows
}

function openCell(
  { r = '', t = 'n', s = '0' }: Readonly<Record<string, string>>,
  next: number,
  path: string,
  line: number,
): OpenCell {
  const column = columnOf(r) ?? next
  if (column >= max_columns) throw new ImportError(`${path}, line ${line}: has more than ${max_columns} columns`)
  return { column, type: t, style: Number(s), text: '' }
}

function textOf({ type, style, text }: OpenCell, { texts, is_date, is_1904 }: CellContext): string {
  if (type === 's') return texts[Number(text)] ?? ''
  if (type === 'str' || type === 'inlineStr') return unescapeText(text)
  if (type === 'b') return text === '1' ? 'TRUE' : 'FALSE'
  // An error such as #N/A; a date in ISO 8601.
  if (type === 'e') return ''
  if (type === 'd') return text.slice(0, 10)
  if (text === '') return ''
  return (is_date[style] === true ? dayOfSerial(Number(text), is_1904) : undefined) ?? plainNumber(text)
}

function limiter(path: string): (characters: number) => void {
  let total = 0
  return (characters) => {
    total += characters
    if (total > max_characters) {
      throw new ImportError(
        `${path} has more than ${max_characters} characters: split it, keeping the header in each part`,
      )
    }
  }
}
