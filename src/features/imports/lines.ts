// A file as lines of bytes, read in chunks: memory stays flat however large the file is.
import { createReadStream } from 'node:fs'

export interface Line {
  /** As an editor counts, from 1. */
  readonly number: number
  /** Without the line ending. Empty when the line is too long. */
  readonly bytes: Buffer
  /** What ended it: '\n', '\r\n', '\r', or '' at the end of the file. */
  readonly ending: string
  /** Where the next line starts in the file. */
  readonly next_offset: number
  readonly is_too_long: boolean
}

export const max_line_bytes = 1_000_000

/** The lines of `file` from byte `start` on, split at '\n' or, for old files without any, at '\r'. */
export async function* readLines(file: string, start = 0, splitter: '\n' | '\r' = '\n'): AsyncGenerator<Line> {
  const split_byte = splitter.charCodeAt(0)
  let parts: Buffer[] = []
  let length = 0
  let number = 0
  let offset = start

  function keep(part: Buffer): void {
    length += part.length
    if (length <= max_line_bytes) parts.push(part)
    else parts = []
  }

  function finish(ending: string): Line {
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
    for (let at = chunk.indexOf(split_byte); at >= 0; at = chunk.indexOf(split_byte, from)) {
      keep(chunk.subarray(from, at))
      yield finish(splitter)
      from = at + 1
    }
    keep(chunk.subarray(from))
  }
  if (length > 0) yield finish('')
}
