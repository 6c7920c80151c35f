// Reading Excel workbooks: texts, numbers, dates, and files that are damaged or unpack to a lot.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { collect, fileOf } from '../../../../test/import-files.ts'
import { openImportFixture, outcomesOf } from '../../../../test/import-fixture.ts'
import { type XlsxCell, xlsxOf, zipOf } from '../../../../test/xlsx-fixture.ts'
import type { Format } from '../csv/columns.ts'
import { ImportError } from '../import-errors.ts'
import { dayOfSerial, isDateFormat, plainNumber } from './cell-values.ts'
import { openXlsxFile } from './xlsx-file.ts'

const { importBookings, newAgency, newProperty, rows } = await openImportFixture()

const format = { name: 'two', columns: { a: { name: 'A', is_required: true }, b: { name: 'B' } } } satisfies Format

async function cellsOf(...cells: XlsxCell[][]): Promise<unknown[]> {
  const file = await openXlsxFile(fileOf(xlsxOf([['A', 'B'], ...cells]), 'file.xlsx'), [format])
  const records = await collect(file.records())
  return records.map((record) => (Array.isArray(record.cells) ? record.cells : String(record.cells)))
}

test('texts, numbers and dates are read as a CSV file has them; missing cells are empty', async () => {
  const day = 46_952
  assert.deepEqual(
    await cellsOf(
      ['Müller & Söhne', { inline: '<b>' }],
      [
        { number: day, style: 1 },
        { number: day + 0.75, style: 2 },
      ],
      [{ number: 1234.5, style: 3 }, 0.1],
      [620_000_000_000_000_000, 13_913],
      ['only one'],
      ['', 'second'],
      [],
    ),
    [
      ['Müller & Söhne', '<b>'],
      ['2028-07-18', '2028-07-18'],
      ['1234.5', '0.1'],
      ['620000000000000000', '13913'],
      ['only one', ''],
      ['', 'second'],
    ],
  )
  assert.match(String((await cellsOf(['1', '2', '3']))[0]), /has 3 columns, the header has 2/)
})

describe('a number is a date by its format', () => {
  const cases: [number, string | undefined, boolean][] = [
    [0, undefined, false],
    [2, undefined, false],
    [14, undefined, true],
    [22, undefined, true],
    [45, undefined, false],
    [164, 'dd/mm/yyyy', true],
    [164, '[$-409]mmmm d, yyyy;@', true],
    [164, 'yyyy"年"m"月"d"日"', true],
    [164, '#,##0.00 "days"', false],
    [164, '[Red]-0.00', false],
    [164, 'General', false],
  ]
  for (const [id, code, expected] of cases) {
    test(`${id} ${code ?? ''}`, () => assert.equal(isDateFormat(id, code), expected))
  }
})

test('serial numbers of both calendars are days', () => {
  assert.equal(dayOfSerial(1, false), '1900-01-01')
  assert.equal(dayOfSerial(59, false), '1900-02-28')
  assert.equal(dayOfSerial(61, false), '1900-03-01')
  assert.equal(dayOfSerial(46_952, false), '2028-07-18')
  assert.equal(dayOfSerial(45_490, true), '2028-07-18')
  assert.equal(dayOfSerial(-1, false), undefined)
})

test('numbers have no exponent and no noise of binary fractions', () => {
  const numbers = ['300', '300.1', '1234.5600000000002', '6.2E+17', '1.5E-3', '-50', '0']
  assert.deepEqual(numbers.map(plainNumber), ['300', '300.1', '1234.56', '620000000000000000', '0.0015', '-50', '0'])
})

describe('other and damaged files are refused in one sentence', () => {
  const xml = (name: string, content: string) => xlsxOf([['A', 'B']], { [name]: content })
  const entity = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><sst><si><t>&b;</t></si></sst>'
  const refused: [string, Buffer, RegExp][] = [
    ['a ZIP archive', zipOf({ 'a.csv': 'A,B\n' }), /is a ZIP archive and no Excel workbook/],
    ['no ZIP archive behind its first bytes', Buffer.from('504b03040a0000', 'hex'), /is damaged/],
    ['a cut workbook', xlsxOf([['A']]).subarray(0, 300), /is damaged/],
    ['broken XML', xml('xl/worksheets/sheet1.xml', '<worksheet><row>'), /is damaged/],
    ['entities', xml('xl/sharedStrings.xml', entity), /is damaged/],
    ['an empty sheet', xlsxOf([]), /is empty/],
    ['another header', xlsxOf([['X', 'Y']]), /Missing: A\./],
    [
      'a far column',
      xml('xl/worksheets/sheet1.xml', '<worksheet><row r="1"><c r="XFD1"><v>1</v></c></row></worksheet>'),
      /1000 columns/,
    ],
    ['a path out of the archive', zipOf({ '../x': '', 'xl/workbook.xml': '' }), /is damaged/],
    [
      'a part that is larger than stated',
      zipOf({ 'xl/workbook.xml': `<workbook>${' '.repeat(10_000)}</workbook>` }, { 'xl/workbook.xml': 10 }),
      /is damaged/,
    ],
    [
      'a part that unpacks to a lot',
      zipOf({ 'xl/workbook.xml': '<workbook/>' }, { 'xl/workbook.xml': 400_000_000 }),
      /unpacks to 400000000 bytes/,
    ],
  ]
  for (const [name, content, reason] of refused) {
    test(name, async () => {
      await assert.rejects(openXlsxFile(fileOf(content, 'file.xlsx'), [format]), (error) => {
        assert.ok(error instanceof ImportError)
        assert.match(error.message, reason)
        return true
      })
    })
  }
})

test('too many characters are refused, however well they are packed', async () => {
  const text = 'x'.repeat(1_000_000)
  const sheet = `<worksheet>${`<row><c t="str"><v>${text}</v></c></row>`.repeat(110)}</worksheet>`
  const file = fileOf(xlsxOf([['A', 'B']], { 'xl/worksheets/sheet1.xml': sheet }), 'file.xlsx')
  await assert.rejects(openXlsxFile(file, [format]), /more than 100000000 characters/)
})

test('bookings are imported from a workbook, with its dates and amounts', async () => {
  const agency_id = await newAgency()
  await newProperty(agency_id, { name: 'One-Bedroom Apartment' })
  const header = [
    'Book number',
    'Booked by',
    'Check-in',
    'Check-out',
    'Status',
    'Persons',
    'Price',
    'Commission amount',
    'Unit type',
  ]
  const stay = [6_000_000_001, 'Muster, Lukas', { number: 46_952, style: 1 }, { number: 46_955, style: 2 }]
  const content = xlsxOf([header, [...stay, 'ok', 2, '126.60 EUR', '15.20 EUR', 'One-Bedroom Apartment']])
  assert.equal(outcomesOf(await importBookings(agency_id, content)), 'created 1')
  const [booking] = await rows(
    `select external_code, check_in::text, check_out::text, total_cents::int, channel_fee_cents::int, guest_last_name
     from bookings where agency_id = $1`,
    agency_id,
  )
  assert.deepEqual(booking, {
    external_code: '6000000001',
    check_in: '2028-07-18',
    check_out: '2028-07-21',
    total_cents: 12_660,
    channel_fee_cents: 1520,
    guest_last_name: 'Muster',
  })
})
