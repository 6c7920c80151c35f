// Reads a zip file (PKWARE APPNOTE.TXT) that fits into memory, for tests.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'

/** File name -> text. */
export function unzip(path: string): Map<string, string> {
  const bytes = readFileSync(path)
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  assert.notEqual(end, -1, 'no end of central directory')
  const files = new Map<string, string>()
  let at = bytes.readUInt32LE(end + 16)
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    assert.equal(bytes.toString('latin1', at, at + 4), 'PK\x01\x02')
    const [method, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)]
    const [name_length, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ]
    const name = bytes.toString('utf8', at + 46, at + 46 + name_length)
    const local = bytes.readUInt32LE(at + 42)
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    const data = bytes.subarray(start, start + size)
    files.set(name, (method === 8 ? inflateRawSync(data) : data).toString('utf8'))
    at += 46 + name_length + extra + comment
  }
  return files
}
