// Opening a CSV file: its format is detected from the header, and every other file is rejected.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { collect, fileOf } from '../../../../test/import-fixture.ts'
import { ImportError } from '../import-errors.ts'
import type { Format } from './columns.ts'
import { openCsvFile } from './csv-file.ts'
import { max_file_bytes } from './file-type.ts'

const format: Format = {
  name: 'guests',
  columns: {
    name: { name: 'Guest name', aliases: ['Guest'], is_required: true },
    adults: { name: '# of adults', is_required: true },
    price: { name: 'Price' },
  },
}
const other: Format = {
  name: 'rooms',
  columns: { room: { name: 'Room', is_required: true }, floor: { name: 'Floor' } },
}

const openText = (content: string | Buffer) => openCsvFile(fileOf(content), [format, other])

async function rejection(path: string): Promise<string> {
  const error = await openCsvFile(path, [format, other]).then(
    () => assert.fail('was opened'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof ImportError, String(error))
  return error.message
}

describe('the header is recognised', () => {
  const spellings: [string, string][] = [
    ['as documented', 'Guest name,# of adults,Price'],
    ['in another case and order', 'PRICE,# OF ADULTS,guest NAME'],
    ['with other spaces and signs', '  Guest_name ,#of adults, price: '],
    ['by another name', 'Guest,of adults,Price'],
    ['with semicolons', 'Guest name;# of adults;Price'],
    ['with tabs', 'Guest name\t# of adults\tPrice'],
    ['in quotes', '"Guest name","# of adults","Price"'],
    ['after a byte order mark', '\u{FEFF}Guest name,# of adults,Price'],
    ['after blank lines', '\n\r\nGuest name,# of adults,Price'],
    ['without the optional columns', '# of adults,Guest name'],
  ]
  for (const [name, line] of spellings) {
    test(name, async () => {
      const file = await openText(`${line}\r\n`)
      assert.equal(file.format, format)
      assert.deepEqual(file.match.missing, [])
      assert.ok(file.match.positions.has('name') && file.match.positions.has('adults'))
    })
  }
})

test('the format with the most matching columns is chosen; other columns are listed as ignored', async () => {
  const file = await openText('Room,Floor,View\n1,2,3\n')
  assert.equal(file.format, other)
  assert.deepEqual(file.match.ignored, ['View'])
})

test('records start after the header, and can be read repeatedly', async () => {
  const file = await openText('\u{FEFF}\nGuest,# of adults\nAda,2\nBob,1\n')
  for (let time = 0; time < 2; time += 1) {
    const records = await collect(file.records())
    assert.deepEqual(
      records.map(({ line, cells }) => [line, cells]),
      [
        [3, ['Ada', '2']],
        [4, ['Bob', '1']],
      ],
    )
    assert.equal(records.at(-1)?.bytes_read, file.size)
  }
})

describe('other files are rejected in one sentence', () => {
  const rejected: [name: string, content: string | Buffer, reason: RegExp][] = [
    ['empty', '', /is empty/],
    ['nothing but blank lines', '\n \n\r\n', /is empty/],
    [
      'other columns',
      'a,b,c\n1,2,3\n',
      /format "guests".*Expected columns: Guest name, # of adults\. Missing: Guest name, # of adults\. Found: a, b, c/,
    ],
    ['a required column missing', 'Guest name,Price\n', /Missing: # of adults\./],
    ['the same column twice', 'Guest name,# of adults,Price,price\n', /names a column twice: price/],
    ['one column under two names', 'Guest name,Guest,# of adults\n', /names a column twice: Guest/],
    ['a text', 'Dear all,\nplease find attached\n', /Missing: Guest name/],
    ['JSON', '{"Guest name": 1}', /Missing/],
    ['HTML', '<!doctype html><html>', /Missing/],
    ['an unclosed quote in the header', '"Guest name,# of adults\n', /Missing/],
    ['random bytes', Buffer.from(Array.from({ length: 4000 }, (_, index) => (index * 7919) % 251)), /Missing/],
    ['gzip', gzipSync('Guest name,# of adults\n'), /gunzip/],
    ['an Excel workbook', Buffer.from('504b03040a0000', 'hex'), /Excel/],
    ['an old Excel workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /Excel/],
    ['a PDF', '%PDF-1.7', /PDF/],
    ['UTF-16', Buffer.from('\u{FEFF}Guest name,# of adults\n', 'utf16le'), /UTF-16/],
  ]
  for (const [name, content, reason] of rejected) {
    test(name, async () => {
      const message = await rejection(fileOf(content))
      assert.match(message, reason)
      assert.doesNotMatch(message, /\p{Cc}/u)
    })
  }

  test('a path that does not exist, and a folder', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'roost-import-'))
    after(() => rmSync(dir, { recursive: true, force: true }))
    assert.match(await rejection(join(dir, 'missing.csv')), /cannot read .*missing\.csv: there is no such file/)
    assert.match(await rejection(dir), /is not a file/)
  })

  test('more than 200 MB', async () => {
    const path = fileOf('Guest name,# of adults\n')
    truncateSync(path, max_file_bytes + 1)
    assert.match(await rejection(path), /200000001 bytes; the limit is 200000000/)
  })
})
