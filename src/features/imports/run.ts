// Runs an import: one transaction per batch of rows. A dry run is one transaction that is rolled back.
import type { Actor } from '../../core/auth/actors.ts'
import type { Database } from '../../core/postgres/database.ts'
import { lock } from '../../core/postgres/locks.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { saveEntries } from './batch.ts'
import { columnLabel, createRow, type Format } from './csv/columns.ts'
import type { CsvFile } from './csv/csv-file.ts'
import { catchRowError, ImportError, RowError } from './import-errors.ts'
import type { Importer, RowResult } from './importer.ts'
import { createImportSummary, type ImportSummary } from './report.ts'

export interface RunOptions {
  readonly is_dry_run: boolean
  /** In any unit. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
  /** Stops the import between two transactions. */
  readonly signal?: AbortSignal | undefined
}

/** Throws ImportError. */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return
  throw new ImportError(
    'interrupted: what was imported so far is saved. Run the same command again to complete it',
    'interrupted',
  )
}

/** Amortizes the statements per batch; small enough that splitting a rejected batch is fast. */
const batch_size = 120

/**
 * Imports every record of the file. Saved batches stay when the import is interrupted; running it again completes it.
 * A dry run sees its own earlier rows. Throws what the database throws, except about a row.
 */
export async function runImport<Key extends string, Entry extends object>(
  db: Database,
  actor: Actor,
  file: CsvFile<Format<Key>>,
  createImporter: () => Importer<Key, Entry>,
  { is_dry_run, onProgress, signal }: RunOptions,
): Promise<ImportSummary> {
  async function importAll(save: (importer: Importer<Key, Entry>, batch: Batch<Entry>) => Promise<RowResult[]>) {
    const importer = createImporter()
    const summary = createImportSummary()
    for await (const batch of readBatches(file, importer, summary)) {
      stopIfAborted(signal)
      const results = await save(importer, batch)
      for (const [index, { line }] of batch.entries.entries()) {
        summary.add(line, results[index] ?? new RowError('has no result'))
      }
      onProgress?.(batch.bytes_read, file.size)
    }
    return summary
  }
  if (!is_dry_run) return importAll((importer, batch) => saveAndCommit(db, actor, importer, batch, file))
  const dry_run = db.tenantTx(actor, async (tx) => {
    throw new DryRunRollback(await importAll((importer, batch) => saveBatch(tx, importer, batch, file)))
  })
  return dry_run.catch((error: unknown) => {
    if (error instanceof DryRunRollback) return error.summary
    throw error
  })
}

/** Thrown at the end of a dry run, so that its transaction is rolled back. */
export class DryRunRollback extends Error {
  readonly summary: ImportSummary
  constructor(summary: ImportSummary) {
    super('dry run')
    this.summary = summary
  }
}

interface Batch<Entry> {
  readonly entries: readonly { readonly line: number; readonly entry: Entry }[]
  readonly bytes_read: number
}

/** Rows that are not to be saved go to the summary. The last batch may be empty. */
async function* readBatches<Key extends string, Entry extends object>(
  file: CsvFile<Format<Key>>,
  importer: Importer<Key, Entry>,
  summary: ImportSummary,
): AsyncGenerator<Batch<Entry>> {
  let entries: { line: number; entry: Entry }[] = []
  for await (const { line, cells, bytes_read } of file.records()) {
    const entry =
      cells instanceof RowError
        ? cells
        : catchRowError(() => importer.read(createRow(line, cells, file.format, file.match.positions), summary.addNote))
    if (isResult(entry)) summary.add(line, entry)
    else entries.push({ line, entry })
    if (entries.length < batch_size) continue
    yield { entries, bytes_read }
    entries = []
  }
  yield { entries, bytes_read: file.size }
}

function isResult(entry: object): entry is RowResult {
  return 'outcome' in entry
}

/** Batches of one agency are serialized, so that two imports of the same file see each other's rows. */
async function saveAndCommit<Key extends string, Entry>(
  db: Database,
  actor: Actor,
  importer: Importer<Key, Entry>,
  batch: Batch<Entry>,
  file: CsvFile<Format<Key>>,
): Promise<RowResult[]> {
  let attempts = 0
  return db.tenantTx(actor, async (tx) => {
    if (attempts++ > 0) importer.reset()
    await lock(tx, `${tx.agency_id}/import`)
    return saveBatch(tx, importer, batch, file)
  })
}

function saveBatch<Key extends string, Entry>(
  tx: Tx,
  importer: Importer<Key, Entry>,
  batch: Batch<Entry>,
  { format, match }: CsvFile<Format<Key>>,
): Promise<RowResult[]> {
  const entries = batch.entries.map(({ entry }) => entry)
  return saveEntries(tx, entries, importer, (field) => {
    const key = importer.columns_by_field[field]
    return key === undefined ? null : columnLabel(format, match.positions, key)
  })
}
