// Writes the zip file of an export. Rows are streamed: memory does not grow with their number.
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import { byteOrderMark, csvLine } from '../../core/csv.ts'
import { type ReadmeFacts, readmeText } from './readme.ts'
import type { Snapshot } from './snapshot.ts'
import type { ExportedTable } from './tables.ts'

type Facts = Omit<ReadmeFacts, 'counts' | 'tables'>

/** Returns the number of rows by file. `onTable` is called before each table. */
export async function writeArchive(
  path: string,
  snapshot: Snapshot,
  facts: Facts,
  onTable: (done: number, total: number) => void,
): Promise<Record<string, number>> {
  const zip = new ZipFile()
  const counts: Record<string, number> = {}
  const written = pipeline(zip.outputStream, createWriteStream(path))
  const failed = new Promise<never>((_, reject) => {
    zip.on('error', reject)
    written.catch(reject)
  })
  const add = (name: string, chunks: AsyncGenerator<string>) =>
    new Promise<void>((resolve, reject) => {
      const stream = Readable.from(chunks, { objectMode: false })
      stream.on('end', resolve).on('error', reject)
      zip.addReadStream(stream, name)
    })
  const fill = async () => {
    for (const [index, table] of snapshot.tables.entries()) {
      onTable(index, snapshot.tables.length)
      const names = table.columns.map(({ name }) => name)
      // One after the other, because both read from the one cursor of the connection.
      await add(
        `${table.file}.json`,
        json(snapshot, table, (count) => (counts[table.file] = count)),
      )
      await add(`${table.file}.csv`, csv(snapshot, table, names))
    }
    zip.addBuffer(Buffer.from(readmeText({ ...facts, tables: snapshot.tables, counts })), 'README.md')
    zip.end()
    await written
  }
  await Promise.race([fill(), failed])
  return counts
}

async function* json(snapshot: Snapshot, table: ExportedTable, onEnd: (rows: number) => void): AsyncGenerator<string> {
  let count = 0
  for await (const rows of snapshot.rows(table)) {
    const lines = rows.map((row, index) => `${count + index === 0 ? '[\n' : ',\n'}${JSON.stringify(row)}`)
    count += rows.length
    yield lines.join('')
  }
  onEnd(count)
  yield count === 0 ? '[]\n' : '\n]\n'
}

async function* csv(snapshot: Snapshot, table: ExportedTable, names: readonly string[]): AsyncGenerator<string> {
  yield byteOrderMark + csvLine(names)
  for await (const rows of snapshot.rows(table))
    yield rows.map((row) => csvLine(names.map((name) => row[name]))).join('')
}
