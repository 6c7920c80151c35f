// Rows -> batches -> transactions; one transaction that is rolled back on a dry run.
import sql from 'sql-template-tag'
import type { Actor } from '../../core/auth/permissions.ts'
import type { Database } from '../../core/postgres/database.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { type Done, type Result, saveEach } from './batch.ts'
import { type Format, type Row, rowOf } from './columns.ts'
import type { CsvFile } from './csv-file.ts'
import { RowError } from './import-errors.ts'
import { createTally, type Tally } from './report.ts'

/** One run over one kind of file. Holds what it has learned from the rows before. */
export interface Importer<Key extends string, Entry> {
  /** Reads a row; throws RowError. `Done` when there is nothing to save. */
  read(row: Row<Key>, note: (text: string) => void): Entry | Done
  /** Saves a batch: what became of each entry, in order. Throws when the database refuses any of them. */
  save(tx: Tx, entries: readonly Entry[]): Promise<Result[]>
  /** The column that a field of ours was read from. */
  columnOf(field: string): Key | undefined
  /** What was saved last has been undone, and what was learned from it is not true. */
  forget(): void
}

export interface RunOptions {
  readonly is_dry_run: boolean
  readonly onProgress?: ((bytes_read: number, size: number) => void) | undefined
}

/** Large enough that a batch's statements do not count beside its rows, small enough that trying its halves is soon over. */
const batch_size = 120

/**
 * Imports every record of the file. Rows fail one by one; what was saved stays when the run is cut short, and a second
 * run completes it. A dry run is one transaction, so that each row sees those before it, and ends in a rollback.
 */
export async function runImport<Key extends string, Entry extends object>(
  db: Database,
  actor: Actor,
  file: CsvFile<Format<Key>>,
  open: () => Importer<Key, Entry>,
  { is_dry_run, onProgress }: RunOptions,
): Promise<Tally> {
  if (!is_dry_run) {
    const importer = open()
    const tally = createTally()
    for await (const batch of batches(file, importer, tally)) {
      let attempts = 0
      const settled = await db.tenantTx(actor, (tx) => {
        if (attempts++ > 0) importer.forget()
        return waitForTurn(tx).then(() => saveBatch(tx, importer, batch, file))
      })
      count(tally, settled)
      onProgress?.(batch.bytes_read, file.size)
    }
    return tally
  }
  let tally = createTally()
  const rehearsal = db.tenantTx(actor, async (tx) => {
    tally = createTally()
    const importer = open()
    for await (const batch of batches(file, importer, tally)) {
      count(tally, await saveBatch(tx, importer, batch, file))
      onProgress?.(batch.bytes_read, file.size)
    }
    throw new RehearsalOver()
  })
  await rehearsal.catch((error: unknown) => {
    if (!(error instanceof RehearsalOver)) throw error
  })
  return tally
}

/** Batches of one agency come one after the other, so that two imports of one file see each other's rows. */
async function waitForTurn(tx: Tx): Promise<void> {
  await tx.query(sql`select pg_advisory_xact_lock(hashtextextended(${`${tx.agency_id}/import`}, 0))`)
}

/** Ends a dry run: whatever is thrown rolls the transaction back. */
class RehearsalOver extends Error {}

interface Numbered<Entry> {
  readonly line: number
  readonly entry: Entry
}

interface Batch<Entry> {
  readonly entries: readonly Numbered<Entry>[]
  readonly bytes_read: number
}

async function* batches<Key extends string, Entry extends object>(
  file: CsvFile<Format<Key>>,
  importer: Importer<Key, Entry>,
  tally: Tally,
): AsyncGenerator<Batch<Entry>> {
  let entries: Numbered<Entry>[] = []
  let bytes_read = 0
  for await (const record of file.records()) {
    bytes_read = record.bytes_read
    const { line, cells } = record
    try {
      if (cells instanceof RowError) throw cells
      const entry = importer.read(rowOf(line, cells, file.format, file.match.places), tally.note)
      if (isDone(entry)) count(tally, [{ line, result: entry }])
      else entries.push({ line, entry })
    } catch (error) {
      if (!(error instanceof RowError)) throw error
      tally.refuse(line, error)
    }
    if (entries.length < batch_size) continue
    yield { entries, bytes_read }
    entries = []
  }
  yield { entries, bytes_read: file.size }
}

function isDone(entry: object): entry is Done {
  return 'outcome' in entry
}

interface Settled {
  readonly line: number
  readonly result: Result
}

function count(tally: Tally, settled: readonly Settled[]): void {
  for (const { line, result } of settled) {
    if (result instanceof RowError) {
      tally.refuse(line, result)
      continue
    }
    tally.add(result.outcome)
    if (result.note !== undefined) tally.note(result.note)
  }
}

async function saveBatch<Key extends string, Entry>(
  tx: Tx,
  importer: Importer<Key, Entry>,
  { entries }: Batch<Entry>,
  { match, format }: CsvFile<Format<Key>>,
): Promise<Settled[]> {
  const labelOf = (field: string) => {
    const key = importer.columnOf(field)
    return key === undefined ? null : (match.places.get(key)?.label ?? format.columns[key].name)
  }
  const rows = entries.map(({ entry }) => entry)
  const save = (some: readonly Entry[]) => importer.save(tx, some)
  const results = await saveEach(tx, rows, { save, forget: importer.forget, labelOf })
  return entries.map(({ line }, place) => ({ line, result: results[place] ?? new RowError('was not looked at') }))
}
