// Files and rows for the tests of imports, without a database.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { createRow, type Format, matchHeader, type Row } from '../src/features/imports/csv/columns.ts'

/** Writes a file with this content and returns its path. Removed after the tests. */
export function fileOf(content: string | Buffer, name = 'file.csv'): string {
  const dir = mkdtempSync(join(tmpdir(), 'roost-import-'))
  after(() => rmSync(dir, { recursive: true, force: true }))
  writeFileSync(join(dir, name), content)
  return join(dir, name)
}

/** CSV text of these rows; every cell quoted. */
export function csv(...rows: readonly (readonly (string | number)[])[]): string {
  const quoted = (cell: string | number) => `"${String(cell).replaceAll('"', '""')}"`
  return rows.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('')
}

/** A row of a file that has every column of the format. */
export function rowOf<Key extends string>(format: Format<Key>, cells: Readonly<Record<Key, string>>): Row<Key> {
  const keys = Object.keys(format.columns) as Key[]
  const labels = keys.map((key) => format.columns[key].name)
  const values = keys.map((key) => cells[key])
  return createRow(2, values, format, matchHeader(format, labels).positions)
}

/** All items of an asynchronous iterable. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
