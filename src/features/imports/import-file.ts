// Opens a file to import: CSV or an Excel workbook. Names the right command or file when it is a known wrong one.
import { open } from 'node:fs/promises'
import type { Format } from './csv/columns.ts'
import { type CsvFile, openCsvFile } from './csv/csv-file.ts'
import { ImportError, type ImportReason } from './import-errors.ts'
import { openXlsxFile } from './xlsx/xlsx-file.ts'

/** A file whose records can be read several times. */
export type ImportFile<F extends Format = Format> = CsvFile<F>

/** A file that people take for another one. */
export interface WrongFile {
  readonly format: Format
  /** What to do instead; follows the path. */
  readonly advice: string
  readonly reason?: ImportReason
}

/** Throws ImportError when the file cannot be read or has none of the formats. */
export async function openImportFile<F extends Format>(
  path: string,
  formats: readonly F[],
  wrong_files: readonly WrongFile[],
): Promise<ImportFile<F>> {
  const head = await readHead(path)
  if (/^(\ufeff)?\s*BEGIN:VCALENDAR/i.test(head.toString('utf8'))) {
    throw new ImportError(
      `${path} is a calendar (iCalendar). Calendars are read by channels, from the address of the calendar, and have neither ` +
        'guests nor prices: import the reservations export of the channel here',
      'calendar',
    )
  }
  try {
    return await openFile(path, head, formats)
  } catch (error) {
    if (!(error instanceof ImportError)) throw error
    const wrong = await findWrongFile(path, head, wrong_files)
    throw wrong === undefined ? error : new ImportError(`${path} ${wrong.advice}`, wrong.reason)
  }
}

/** A workbook is a ZIP file. */
function openFile<F extends Format>(path: string, head: Buffer, formats: readonly F[]): Promise<ImportFile<F>> {
  const is_zip = head.subarray(0, 4).toString('hex') === '504b0304'
  return is_zip ? openXlsxFile(path, formats) : openCsvFile(path, formats)
}

async function findWrongFile(
  path: string,
  head: Buffer,
  wrong_files: readonly WrongFile[],
): Promise<WrongFile | undefined> {
  for (const wrong of wrong_files) {
    const is_wrong = await openFile(path, head, [wrong.format]).then(
      () => true,
      () => false,
    )
    if (is_wrong) return wrong
  }
  return undefined
}

/** The first bytes; none when the file cannot be read, which is reported when it is opened. */
async function readHead(path: string): Promise<Buffer> {
  const handle = await open(path).catch(() => undefined)
  if (handle === undefined) return Buffer.alloc(0)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0)
    return buffer.subarray(0, bytesRead)
  } catch {
    return Buffer.alloc(0)
  } finally {
    await handle.close()
  }
}
