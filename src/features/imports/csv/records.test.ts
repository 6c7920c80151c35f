// Reading CSV records: cells are read exactly, and an invalid row is an error of its own line only.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { collect, csv, fileOf } from '../../../../test/import-files.ts'
import { RowError } from '../import-errors.ts'
import { max_line_bytes, readLines } from './lines.ts'
import { type CsvRecord, readRecords } from './records.ts'

const header = ['id', 'name', 'price']

async function read(content: string | Buffer, delimiter = ',', splitter: '\n' | '\r' = '\n'): Promise<CsvRecord[]> {
  return collect(readRecords(readLines(fileOf(content), 0, splitter), { delimiter, header }))
}

/** "line: cells" or "line: column! reason". */
async function describeRows(content: string | Buffer, delimiter?: string, splitter?: '\n' | '\r'): Promise<string[]> {
  return (await read(content, delimiter, splitter)).map(({ line, cells }) =>
    cells instanceof RowError ? `${line}: ${cells.column ?? ''}! ${cells.message}` : `${line}: ${cells.join('|')}`,
  )
}

describe('line endings, delimiters and quotes are recognised', () => {
  const inputs: [name: string, content: string, delimiter?: string, splitter?: '\r'][] = [
    ['LF', '1,a,2\n3,b,4\n'],
    ['CRLF', '1,a,2\r\n3,b,4\r\n'],
    ['no line ending at the end', '1,a,2\n3,b,4'],
    ['CR alone', '1,a,2\r3,b,4\r', ',', '\r'],
    ['semicolons', '1;a;2\n3;b;4\n', ';'],
    ['tabs', '1\ta\t2\n3\tb\t4\n', '\t'],
    ['quotes', '"1","a","2"\n"3","b","4"\n'],
  ]
  for (const [name, content, delimiter, splitter] of inputs) {
    test(name, async () => assert.deepEqual(await describeRows(content, delimiter, splitter), ['1: 1|a|2', '2: 3|b|4']))
  }
})

test('blank lines and rows of empty cells are skipped, but counted in the line numbers', async () => {
  assert.deepEqual(await describeRows('\n1,a,2\n\n,,\n  \n3,b,4\n\n'), ['2: 1|a|2', '6: 3|b|4'])
})

test('a cell of several lines keeps its line breaks, and later rows keep their line numbers', async () => {
  const content = '1,"a\nb\r\n""c"",\n",2\r\n3,d,4\r\n'
  assert.deepEqual(await describeRows(content), ['1: 1|a\nb\r\n"c",\n|2', '5: 3|d|4'])
})

describe('an invalid row is an error of its own line only', () => {
  const invalid: [name: string, line: string, reason: RegExp][] = [
    ['a quote that is never closed', '2,"b,3', /quote/],
    ['a quote inside a bare cell', '2,5" pipe,3', /quote/],
    ['text after a closing quote', '2,"b"c,3', /quote/],
    ['two broken quotes', '2,"b"c","d,3', /quote/],
    ['most columns missing', '2', /has 1 columns, the header has 3/],
    ['a column too many', '2,b,c,3', /has 4 columns, the header has 3/],
    ['a NUL character', '2,b\u0000,3', /NUL/],
    ['a line of more than 1 MB', `2,${'b'.repeat(max_line_bytes)},3`, /longer than 1000000 bytes/],
  ]
  for (const [name, line, reason] of invalid) {
    for (const [where, following] of [
      ['before plain rows', '7,g,8\n9,h,0\n'],
      ['before quoted rows', '7,"g",8\n9,"h",0\n'],
      ['before the same row', `7,g,8\n${line}\n9,h,0\n`],
      ['at the end', ''],
    ] as const) {
      test(`${name}, ${where}`, async () => {
        const rows = await describeRows(`1,a,2\n${line}\n${following}`)
        assert.match(rows[1] ?? '', reason)
        const good = rows.filter((row) => !row.includes('! ')).map((row) => row.split(': ')[1])
        assert.deepEqual(good, following === '' ? ['1|a|2'] : ['1|a|2', '7|g|8', '9|h|0'])
        const lines = rows.map((row) => Number(row.split(':')[0]))
        assert.deepEqual(
          lines,
          lines.map((_, index) => index + 1),
        )
      })
    }
  }
})

test('an unclosed quote ends after 1000 lines, and every following row is read', async () => {
  const following = Array.from({ length: 3000 }, (_, index) => `${index},x,1`)
  const rows = await read(`0,"open,1\n${following.join('\n')}\n`)
  assert.equal(rows.length, 3001)
  assert.equal(rows.filter(({ cells }) => cells instanceof RowError).length, 1)
  assert.deepEqual(
    rows.map(({ line }) => line),
    rows.map((_, index) => index + 1),
  )
})

test('10,000 invalid rows between valid ones: each is reported, and every valid row is read', async () => {
  const rows = await read('1,"open,2\n3,b,4\n'.repeat(10_000))
  assert.equal(rows.filter(({ cells }) => cells instanceof RowError).length, 10_000)
  assert.equal(rows.filter(({ cells }) => !(cells instanceof RowError)).length, 10_000)
})

test('empty cells that are missing or too many at the end of a row change nothing', async () => {
  assert.deepEqual(await describeRows('1,a\n2,b,3,,\n4,c,5, \n'), ['1: 1|a|', '2: 2|b|3', '3: 4|c|5'])
})

test('invalid UTF-8 is an error of its line and column', async () => {
  const latin1 = Buffer.concat([Buffer.from('1,a,2\n3,caf'), Buffer.from([0xe9]), Buffer.from(',4\n5,café,6\n')])
  assert.deepEqual(await describeRows(latin1), [
    '1: 1|a|2',
    '2: name! is not valid UTF-8: save the file as UTF-8',
    '3: 5|café|6',
  ])
})

test('a replacement character and a byte order mark inside a cell are kept', async () => {
  assert.deepEqual(await describeRows('1,a\u{FFFD}\u{FEFF},2\n'), ['1: 1|a\u{FFFD}\u{FEFF}|2'])
})

test('any text survives the round trip through a file', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({
      unit: fc.constantFrom(
        '"',
        "'",
        '’',
        '”',
        '„',
        '«',
        ',',
        ';',
        '\n',
        '\r',
        '\r\n',
        '\t',
        '🏠',
        '👩‍👩‍👧',
        'é',
        '\\',
        ' ',
      ),
    }),
  )
  const cell = text.filter((name) => !name.includes('\u0000') && name.isWellFormed())
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 20 }), async (names) => {
      const rows = await read(csv(...names.map((name, index) => [index, name, '1'])))
      assert.deepEqual(
        rows.map(({ cells }) => cells),
        names.map((name, index) => [String(index), name, '1']),
      )
    }),
    { numRuns: 200 },
  )
})

test('any bytes are rows or errors, never an exception', async () => {
  const bytes = fc.uint8Array({ maxLength: 400 })
  const tokens = fc.array(fc.constantFrom('"', ',', '\n', '\r\n', 'a', '""', '",', '\u0000'), { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        bytes.map(Buffer.from),
        tokens.map((parts) => Buffer.from(parts.join(''))),
      ),
      async (content) => {
        for (const { line, cells } of await read(Buffer.from(content))) {
          assert.ok(line >= 1)
          assert.ok(cells instanceof RowError || cells.length === header.length)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('lines that span the chunks of the stream are joined', async () => {
  const rows = Array.from({ length: 3000 }, (_, index) => `${index},${'ü🏠'.repeat(index % 40)},x`)
  const actual = await describeRows(rows.join('\n'))
  assert.deepEqual(
    actual,
    rows.map((row, index) => `${index + 1}: ${row.replaceAll(',', '|')}`),
  )
})
