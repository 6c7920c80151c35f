// Reads the parts of an Excel workbook, which is a ZIP file of XML files. Bounded against files that unpack to a lot.

import { SaxesParser } from 'saxes'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { ImportError } from '../import-errors.ts'

/** Bytes of one part and of all parts that are read, unpacked; entries of the ZIP file. */
const max_part_bytes = 300_000_000
const max_entries = 5000
const max_xlsx_bytes = 100_000_000

/** A start tag with its attributes, the text inside an element, or an end tag. Names are without their namespace prefix. */
interface XmlHandler {
  onOpen?(name: string, attributes: Readonly<Record<string, string>>): void
  onText?(text: string): void
  onClose?(name: string): void
}

export interface WorkbookParts {
  /** Reads a part from start to end; false when the workbook does not have it. Throws ImportError. */
  read(name: string, handler: XmlHandler): Promise<boolean>
  close(): void
}

/** Throws ImportError when the file is no ZIP file or too large. */
export async function openParts(path: string): Promise<WorkbookParts> {
  const zip = await openPromise(path, { autoClose: false, strictFileNames: true }).catch((error: Error) => {
    throw new ImportError(`${path} is damaged, or is not an Excel workbook: ${error.message}`)
  })
  try {
    const entries = await readEntries(zip, path)
    return {
      read: async (name, handler) => {
        const entry = entries.get(name.toLowerCase())
        if (entry === undefined) return false
        await readPart(zip, entry, handler, path)
        return true
      },
      close: () => zip.close(),
    }
  } catch (error) {
    zip.close()
    throw error
  }
}

async function readEntries(zip: ZipFile, path: string): Promise<Map<string, Entry>> {
  if (zip.fileSize > max_xlsx_bytes) {
    throw new ImportError(
      `${path} has ${zip.fileSize} bytes; the limit of workbooks is ${max_xlsx_bytes}: save it as CSV`,
    )
  }
  if (zip.entryCount > max_entries)
    throw new ImportError(`${path} is a ZIP archive with ${zip.entryCount} files, and no workbook`)
  const entries = new Map<string, Entry>()
  try {
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName.toLowerCase(), entry)
  } catch (error) {
    throw new ImportError(`${path} is damaged: ${(error as Error).message}`)
  }
  if (!entries.has('xl/workbook.xml')) {
    throw new ImportError(`${path} is a ZIP archive and no Excel workbook: unpack it, and import the file in it`)
  }
  return entries
}

/** The size that the archive states is checked while the part is unpacked (validateEntrySizes of yauzl). */
async function readPart(zip: ZipFile, entry: Entry, handler: XmlHandler, path: string): Promise<void> {
  if (entry.uncompressedSize > max_part_bytes) {
    throw new ImportError(
      `${path} unpacks to ${entry.uncompressedSize} bytes; the limit is ${max_part_bytes}: save it as CSV`,
    )
  }
  const parser = new SaxesParser({ xmlns: false })
  const local = (name: string) => name.slice(name.indexOf(':') + 1)
  parser.on('error', (error) => {
    throw error
  })
  parser.on('doctype', () => {
    throw new Error('a document type is not allowed')
  })
  parser.on('opentag', ({ name, attributes }) => handler.onOpen?.(local(name), attributes))
  parser.on('text', (text) => handler.onText?.(text))
  parser.on('cdata', (text) => handler.onText?.(text))
  parser.on('closetag', ({ name }) => handler.onClose?.(local(name)))
  try {
    const stream = await zip.openReadStreamPromise(entry)
    stream.setEncoding('utf8')
    for await (const chunk of stream) parser.write(chunk as string)
    parser.close()
  } catch (error) {
    if (error instanceof ImportError) throw error
    throw new ImportError(`${path} is damaged, or is protected with a password: ${(error as Error).message}`)
  }
}
