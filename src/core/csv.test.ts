// CSV for spreadsheets: quoted by RFC 4180, and no cell is evaluated as a formula.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { csvLine } from './csv.ts'

const written = (cell: unknown): string => {
  const records: string[][] = parse(csvLine([cell, 'end']), { relax_quotes: false })
  return records[0]?.[0] ?? ''
}

test('a cell that a spreadsheet could evaluate begins with an apostrophe, in every spelling', () => {
  const formulas = [
    '=1+1',
    '+1',
    '-1',
    '@sum(1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '＝1+1',
    '＋1',
    '－1',
    '＠a',
    '﹦1',
    '﹢1',
    '﹣1',
    '−1',
  ]
  const hidden = [
    ' =1+1',
    '\u00a0=1+1',
    '\u3000=1',
    '\u200b=1',
    '\ufeff=1',
    '\u202e=1',
    '\u0000=1',
    '\u2028=1',
    '  \t ＝1',
  ]
  for (const text of [...formulas, ...hidden]) assert.equal(written(text), `'${text}`, JSON.stringify(text))
})

test('other cells are written as they are', () => {
  for (const text of ['Ada', 'a=1', '1-2', 'x@example.com', '’=1', '.5', '#1', ' Ada', ''])
    assert.equal(written(text), text)
})

test('any text survives the round trip, but for the apostrophe', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.ok([text, `'${text}`].includes(written(text)), JSON.stringify(text))
    }),
  )
})

test('a negative number stays a number; the same characters as text do not', () => {
  assert.equal(csvLine([-500, '-500', -0.5, 0, 12]), "-500,'-500,-0.5,0,12\r\n")
})
