// Opening a CSV file: its format is detected from the header, and every other file is rejected.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { collect, fileOf } from '../../../../test/import-files.ts'
import { ImportError, RowError } from '../import-errors.ts'
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
    ["after Excel's line with the delimiter", 'sep=;\nGuest name;# of adults;Price'],
    ['after that line in quotes, with empty cells', '"sep=;";;\nGuest name;# of adults;Price'],
    ['with bars', 'Guest name|# of adults|Price'],
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

const latin = (text: string) => Buffer.from(text, 'latin1')
const names = async (content: string | Buffer) => {
  const file = await openText(content)
  const records = await collect(file.records())
  return records.map(({ cells }) => (cells instanceof RowError ? cells.message : cells[0]))
}

describe("a file in Excel's encoding of Western systems is read", () => {
  const rows: [name: string, content: Buffer, cells: string[]][] = [
    ['German', latin('Guest;# of adults\nJürgen Groß;2\nAda;1\n'), ['Jürgen Groß', 'Ada']],
    ['French and Spanish', latin('Guest;# of adults\nRené Lefèvre;2\nNúñez;1\n'), ['René Lefèvre', 'Núñez']],
    ['the euro sign', Buffer.from('47756573743b23206f66206164756c74730aa3203120803b320a', 'hex'), ['£ 1 €']],
    ['UTF-8', Buffer.from('Guest;# of adults\nJürgen;2\n'), ['Jürgen']],
  ]
  for (const [name, content, cells] of rows) test(name, async () => assert.deepEqual(await names(content), cells))

  test('also in the header', async () => {
    const title: Format = { name: 'x', columns: { name: { name: 'Größe', is_required: true } } }
    const file = await openCsvFile(fileOf(latin('Größe;x\nü;1\n')), [title])
    assert.deepEqual([file.encoding, (await collect(file.records()))[0]?.cells], ['windows-1252', ['ü', '1']])
  })
})

test('a file whose encoding could be another one is refused by line', async () => {
  const contents = {
    'both encodings': Buffer.concat([latin('Guest,# of adults\nJürgen,2\n'), Buffer.from('Jürgen,2\n')]),
    'Cyrillic in Windows-1251': Buffer.from('47756573742c23206f66206164756c74730acfb8f2f02cf2320a', 'hex'),
    'Czech in Windows-1250': Buffer.from('47756573742c23206f66206164756c74730a44766ff8e16b2c320a', 'hex'),
    'German on an old Mac': Buffer.from('47756573742c23206f66206164756c74730a4a9f7267656e2c320a', 'hex'),
  }
  for (const [name, content] of Object.entries(contents)) {
    assert.match(
      String((await names(content)).find((cell) => /UTF-8/.test(String(cell)))),
      /save the file as UTF-8/,
      name,
    )
  }
})

test('commas in a file that quotes nothing are repaired where the columns tell how', async () => {
  const columns = {
    ...format.columns,
    name: { ...format.columns.name, contents: 'text' },
    price: { name: 'Price', contents: 'amount' },
  }
  const file = await openCsvFile(
    fileOf('Guest,# of adults,Price\nMuster, Ada,2,€1,300.00\nMuster,Ada,2,€300\n"Muster, Ada",2,1,300\n'),
    [{ name: 'x', columns } as Format],
  )
  const rows = (await collect(file.records())).map(({ cells }) =>
    cells instanceof RowError ? cells.message : cells.join('|'),
  )
  assert.deepEqual(rows.slice(0, 2), ['Muster, Ada|2|€1,300.00', 'Muster,Ada|2|€300'])
  assert.match(rows[2] ?? '', /has 4 columns, the header has 3: put texts and amounts that contain "," in quotes/)
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
