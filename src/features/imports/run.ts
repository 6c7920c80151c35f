// Rows -> transactions: batches of rows, a savepoint for each row, everything rolled back on a dry run.
import sql from 'sql-template-tag'
import { AppError } from '../../core/app-error.ts'
import type { Actor } from '../../core/auth.ts'
import type { Database } from '../../core/database.ts'
import { isInfrastructure, isSqlstate, translate } from '../../core/database-errors.ts'
import type { Tx } from '../../core/transaction.ts'
import { type Format, type Row, rowOf } from './columns.ts'
import type { CsvFile } from './csv-file.ts'
import { RowError } from './import-errors.ts'
import { createTally, type ImportReport, type Outcome, type Tally } from './report.ts'

export interface Done {
  readonly outcome: Outcome
  readonly note?: string
}

/** Saves one row; runs inside a savepoint. */
export type Save = () => Promise<Done>

/** One run over one kind of file. Holds what it has learned from the rows before. */
export interface Importer<Key extends string, Entry> {
  /** Reads a row; throws RowError. `Done` when there is nothing to save. */
  read(row: Row<Key>, note: (text: string) => void): Entry | Done
  /** Asks the database about a batch, once. The function it returns decides about one entry: done, or to be saved. */
  prepare(tx: Tx, entries: readonly Entry[]): Promise<(entry: Entry) => Done | Save>
  /** The column that a field of ours was read from. */
  columnOf(field: string): Key | undefined
  /** The transaction was rolled back and runs again: what was learned inside it is not true. */
  forget(): void
}

/** Thrown by a Save whose choice was taken by somebody else meanwhile: it runs again and chooses anew. */
export class ChooseAgainError extends Error {}

export interface RunOptions {
  readonly is_dry_run: boolean
  readonly onProgress?: ((bytes_read: number, size: number) => void) | undefined
}

/** Fewer than the 64 savepoints whose state PostgreSQL keeps at hand for other sessions. */
const batch_size = 60

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
): Promise<{ tally: Tally }> {
  if (!is_dry_run) {
    const importer = open()
    const tally = createTally()
    for await (const batch of batches(file, importer, tally)) {
      let attempts = 0
      const settled = await db.tenantTx(actor, (tx) => {
        if (attempts++ > 0) importer.forget()
        return saveBatch(tx, importer, batch, file)
      })
      count(tally, settled)
      onProgress?.(batch.bytes_read, file.size)
    }
    return { tally }
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
  return { tally }
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
  readonly result: Done | RowError
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
  batch: Batch<Entry>,
  file: CsvFile<Format<Key>>,
): Promise<Settled[]> {
  if (batch.entries.length === 0) return []
  const labelOf = (field: string) => {
    const key = importer.columnOf(field)
    return key === undefined ? null : (file.match.places.get(key)?.label ?? file.format.columns[key].name)
  }
  const decide = await importer.prepare(
    tx,
    batch.entries.map(({ entry }) => entry),
  )
  const settled: Settled[] = []
  for (const { line, entry } of batch.entries) {
    try {
      const decision = decide(entry)
      settled.push({ line, result: typeof decision === 'function' ? await saved(tx, decision) : decision })
    } catch (error) {
      settled.push({ line, result: rowErrorOf(error, labelOf) })
    }
  }
  return settled
}

const max_choices = 50

async function saved(tx: Tx, save: Save): Promise<Done> {
  for (let choice = 1; ; choice += 1) {
    try {
      return await inSavepoint(tx, save)
    } catch (error) {
      if (!(error instanceof ChooseAgainError)) throw error
      if (choice === max_choices) throw error.cause
    }
  }
}

/** The savepoint leaves together with the first statement of `work`: nobody waits for it alone. */
async function inSavepoint<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
  const opened = tx.query(sql`savepoint import_row`)
  opened.catch(() => undefined)
  try {
    const result = await work()
    await opened
    await tx.query(sql`release savepoint import_row`)
    return result
  } catch (error) {
    if (isInfrastructure(error) || isSqlstate(error, '40001', '40P01')) throw error
    await opened
    await tx.query(sql`rollback to savepoint import_row`)
    await tx.query(sql`release savepoint import_row`)
    throw error
  }
}

/** What a failure says about its row. What is about the connection, or a bug, is thrown on and ends the run. */
function rowErrorOf(error: unknown, labelOf: (field: string) => string | null): RowError {
  if (error instanceof RowError) return error
  if (isInfrastructure(error) || isSqlstate(error, '40001', '40P01')) throw error
  const known = translate(error)
  if (!(known instanceof AppError) || known.code === 'INTERNAL_ERROR') throw error
  const [detail] = known.details ?? []
  const sentence = known.details?.map(({ message }) => message).join('; ') ?? known.message
  const conflict = known.meta?.conflict as { check_in: string; check_out: string } | undefined
  const taken = conflict === undefined ? '' : ` (taken from ${conflict.check_in} to ${conflict.check_out})`
  const again = known.entry.retryable ? ' Run the import again: it completes.' : ''
  const column = detail === undefined ? null : labelOf(detail.pointer.slice(1))
  return new RowError(`${sentence}${taken}${again}`, { column, outcome: known.status === 409 ? 'conflict' : 'error' })
}

export type { ImportReport }
