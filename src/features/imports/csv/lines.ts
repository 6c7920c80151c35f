// Splits a file into lines of bytes. Memory use does not depend on the size of the file.
import { createReadStream } from 'node:fs'

export interface Line {
  /** From 1. */
  readonly number: number
  /** Without the line ending. Empty when the line is too long. */
  readonly bytes: Buffer
  /** '\n', '\r\n' or '\r'; '' at the end of the file. */
  readonly ending: string
  /** The offset of the next line in the file. */
  readonly next_offset: number
  readonly is_too_long: boolean
}

export const max_line_bytes = 1_000_000

export type Separator = '\n' | '\r'

/** The lines from byte `start` on. Lines end with '\n' or '\r\n', or with '\r' when that is the separator. */
export async function* readLines(file: string, start = 0, separator: Separator = '\n'): AsyncGenerator<Line> {
  const separator_byte = separator.charCodeAt(0)
  let parts: Buffer[] = []
  let length = 0
  let number = 0
  let offset = start

  function append(part: Buffer): void {
    length += part.length
    if (length <= max_line_bytes) parts.push(part)
    else parts = []
  }

  function finishLine(ending: string): Line {
    const joined = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
    const has_cr = ending === '\n' && joined.at(-1) === 13
    const is_too_long = length > max_line_bytes
    number += 1
    offset += length + ending.length
    parts = []
    length = 0
    return {
      number,
      bytes: has_cr ? joined.subarray(0, -1) : joined,
      ending: has_cr ? '\r\n' : ending,
      next_offset: offset,
      is_too_long,
    }
  }

  for await (const chunk of createReadStream(file, { start }) as AsyncIterable<Buffer>) {
    let from = 0
    for (let at = chunk.indexOf(separator_byte); at >= 0; at = chunk.indexOf(separator_byte, from)) {
      append(chunk.subarray(from, at))
      yield finishLine(separator)
      from = at + 1
    }
    append(chunk.subarray(from))
  }
  if (length > 0) yield finishLine('')
}
