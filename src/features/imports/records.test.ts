// Proves that every cell comes back to the byte, and that a broken row costs its own line and no other.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { collect, csv, fileOf } from '../../../test/import-fixture.ts'
import { RowError } from './import-errors.ts'
import { max_line_bytes, readLines } from './lines.ts'
import { type CsvRecord, readRecords } from './records.ts'

const header = ['id', 'name', 'price']

async function read(content: string | Buffer, delimiter = ',', splitter: '\n' | '\r' = '\n'): Promise<CsvRecord[]> {
  return collect(readRecords(readLines(fileOf(content), 0, splitter), delimiter, header))
}

/** "line: cells" or "line: column! reason". */
async function shown(content: string | Buffer, delimiter?: string, splitter?: '\n' | '\r'): Promise<string[]> {
  return (await read(content, delimiter, splitter)).map(({ line, cells }) =>
    cells instanceof RowError ? `${line}: ${cells.column ?? ''}! ${cells.message}` : `${line}: ${cells.join('|')}`,
  )
}

describe('rows are found whatever ends a line and parts a cell', () => {
  const same: [name: string, content: string, delimiter?: string, splitter?: '\r'][] = [
    ['LF', '1,a,2\n3,b,4\n'],
    ['CRLF', '1,a,2\r\n3,b,4\r\n'],
    ['no end of line at the end', '1,a,2\n3,b,4'],
    ['CR alone', '1,a,2\r3,b,4\r', ',', '\r'],
    ['semicolons', '1;a;2\n3;b;4\n', ';'],
    ['tabs', '1\ta\t2\n3\tb\t4\n', '\t'],
    ['quotes', '"1","a","2"\n"3","b","4"\n'],
  ]
  for (const [name, content, delimiter, splitter] of same) {
    test(name, async () => assert.deepEqual(await shown(content, delimiter, splitter), ['1: 1|a|2', '2: 3|b|4']))
  }
})

test('blank lines and rows of empty cells are no rows, and lines are still counted as an editor does', async () => {
  assert.deepEqual(await shown('\n1,a,2\n\n,,\n  \n3,b,4\n\n'), ['2: 1|a|2', '6: 3|b|4'])
})

test('a cell over several lines keeps its line breaks, and the rows behind it keep their line numbers', async () => {
  const content = '1,"a\nb\r\n""c"",\n",2\r\n3,d,4\r\n'
  assert.deepEqual(await shown(content), ['1: 1|a\nb\r\n"c",\n|2', '5: 3|d|4'])
})

describe('a broken row costs its own line and no other', () => {
  const broken: [name: string, line: string, reason: RegExp][] = [
    ['a quote that is never closed', '2,"b,3', /quote/],
    ['a quote inside a bare cell', '2,5" pipe,3', /quote/],
    ['text behind a closing quote', '2,"b"c,3', /quote/],
    ['two broken quotes', '2,"b"c","d,3', /quote/],
    ['a column too few', '2,b', /has 2 columns, the header has 3/],
    ['a column too many', '2,b,c,3', /has 4 columns, the header has 3/],
    ['a NUL character', '2,b\u0000,3', /NUL/],
    ['a line of more than 1 MB', `2,${'b'.repeat(max_line_bytes)},3`, /longer than 1000000 bytes/],
  ]
  for (const [name, line, reason] of broken) {
    for (const [where, behind] of [
      ['before plain rows', '7,g,8\n9,h,0\n'],
      ['before quoted rows', '7,"g",8\n9,"h",0\n'],
      ['before another of its kind', `7,g,8\n${line}\n9,h,0\n`],
      ['at the end', ''],
    ] as const) {
      test(`${name}, ${where}`, async () => {
        const rows = await shown(`1,a,2\n${line}\n${behind}`)
        assert.match(rows[1] ?? '', reason)
        const good = rows.filter((row) => !row.includes('! ')).map((row) => row.split(': ')[1])
        assert.deepEqual(good, behind === '' ? ['1|a|2'] : ['1|a|2', '7|g|8', '9|h|0'])
        const lines = rows.map((row) => Number(row.split(':')[0]))
        assert.deepEqual(
          lines,
          lines.map((_, index) => index + 1),
        )
      })
    }
  }
})

test('an open quote is given up after 1000 lines, and every row behind it is read', async () => {
  const behind = Array.from({ length: 3000 }, (_, index) => `${index},x,1`)
  const rows = await read(`0,"open,1\n${behind.join('\n')}\n`)
  assert.equal(rows.length, 3001)
  assert.equal(rows.filter(({ cells }) => cells instanceof RowError).length, 1)
  assert.deepEqual(
    rows.map(({ line }) => line),
    rows.map((_, index) => index + 1),
  )
})

test('of 10,000 broken rows between good ones each is told, and every good one is read', async () => {
  const rows = await read('1,"open,2\n3,b,4\n'.repeat(10_000))
  assert.equal(rows.filter(({ cells }) => cells instanceof RowError).length, 10_000)
  assert.equal(rows.filter(({ cells }) => !(cells instanceof RowError)).length, 10_000)
})

test('bytes that are no UTF-8 are refused by line and column, not turned into something else', async () => {
  const latin1 = Buffer.concat([Buffer.from('1,a,2\n3,caf'), Buffer.from([0xe9]), Buffer.from(',4\n5,café,6\n')])
  assert.deepEqual(await shown(latin1), [
    '1: 1|a|2',
    '2: name! is not valid UTF-8: save the file as UTF-8',
    '3: 5|café|6',
  ])
})

test('characters that look like damage but are valid are kept', async () => {
  assert.deepEqual(await shown('1,a\u{FFFD}\u{FEFF},2\n'), ['1: 1|a\u{FFFD}\u{FEFF}|2'])
})

test('any name at all makes the round trip through a file, whatever stands around it', async () => {
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

test('any bytes at all are rows or errors, never an exception', async () => {
  const bytes = fc.uint8Array({ maxLength: 400 })
  const soup = fc.array(fc.constantFrom('"', ',', '\n', '\r\n', 'a', '""', '",', '\u0000'), { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        bytes.map(Buffer.from),
        soup.map((parts) => Buffer.from(parts.join(''))),
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

test('lines are put together over the borders of the chunks they are read in', async () => {
  const rows = Array.from({ length: 3000 }, (_, index) => `${index},${'ü🏠'.repeat(index % 40)},x`)
  const read_rows = await shown(rows.join('\n'))
  assert.deepEqual(
    read_rows,
    rows.map((row, index) => `${index + 1}: ${row.replaceAll(',', '|')}`),
  )
})
