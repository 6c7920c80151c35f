// Checks a file before it is parsed: its size, its type, and how its lines end. Reads the first 64 KB.
import { open, stat } from 'node:fs/promises'
import { ImportError } from '../import-errors.ts'
import type { Separator } from './lines.ts'

export const max_file_bytes = 200_000_000

const other_types: readonly [magic: string, advice: string][] = [
  ['1f8b', 'is compressed with gzip: unpack it first (gunzip)'],
  ['504b0304', 'is a ZIP archive or an Excel workbook: unpack it, or save the sheet as CSV (UTF-8)'],
  ['d0cf11e0', 'is an old Excel workbook (.xls): save it as CSV or XLSX'],
  ['25504446', 'is a PDF document'],
  ['fffe', 'is encoded as UTF-16: save it as CSV (UTF-8)'],
  ['feff', 'is encoded as UTF-16: save it as CSV (UTF-8)'],
]

export interface TextFile {
  readonly size: number
  /** Behind the byte order mark. */
  readonly start: number
  readonly separator: Separator
}

/** Throws ImportError when the file cannot be read, is too large, or has a known type other than CSV. */
export async function inspectFile(path: string): Promise<TextFile> {
  const info = await stat(path).catch(throwUnreadable(path))
  if (!info.isFile()) throw new ImportError(`${path} is not a file`)
  if (info.size > max_file_bytes) {
    throw new ImportError(
      `${path} has ${info.size} bytes; the limit is ${max_file_bytes}: split it, keeping the header in each part`,
    )
  }
  const handle = await open(path).catch(throwUnreadable(path))
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(65_536), 0, 65_536, 0)
    const head = buffer.subarray(0, bytesRead)
    const hex = head.subarray(0, 4).toString('hex')
    const other = other_types.find(([magic]) => hex.startsWith(magic))
    if (other !== undefined) throw new ImportError(`${path} ${other[1]}`)
    const has_only_cr = !head.includes(10) && head.includes(13)
    return { size: info.size, start: hex.startsWith('efbbbf') ? 3 : 0, separator: has_only_cr ? '\r' : '\n' }
  } finally {
    await handle.close()
  }
}

function throwUnreadable(path: string) {
  return (error: NodeJS.ErrnoException): never => {
    const reasons: Record<string, string> = { ENOENT: 'there is no such file', EACCES: 'no permission to read it' }
    throw new ImportError(`cannot read ${path}: ${reasons[error.code ?? ''] ?? error.code}`)
  }
}
