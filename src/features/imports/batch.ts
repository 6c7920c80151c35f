// Saves one batch of rows. A rejected batch is split in half until the invalid row is found.
import { AppError } from '../../core/app-error.ts'
import { isInfrastructure, isSqlstate, translateError } from '../../core/postgres/database-errors.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { RowError } from './import-errors.ts'
import type { Importer, RowResult } from './importer.ts'

/**
 * Returns one result per entry, in order. Most batches are saved whole, in one savepoint. After an error its halves are saved one
 * after the other, so each row is checked against those before it. `labelOf`: the column of a field.
 */
export async function saveEntries<Key extends string, Entry>(
  tx: Tx,
  entries: readonly Entry[],
  importer: Importer<Key, Entry>,
  labelOf: (field: string) => string | null,
): Promise<RowResult[]> {
  if (entries.length === 0) return []
  try {
    return await tx.savepoint(() => importer.save(tx, entries))
  } catch (error) {
    if (isFatal(error)) throw error
    importer.reset()
    if (entries.length === 1) return [toRowError(error, labelOf)]
  }
  const half = Math.ceil(entries.length / 2)
  const first = await saveEntries(tx, entries.slice(0, half), importer, labelOf)
  return [...first, ...(await saveEntries(tx, entries.slice(half), importer, labelOf))]
}

/** Lost connections, serialization failures and deadlocks end the transaction. */
export function isFatal(error: unknown): boolean {
  return isInfrastructure(error) || isSqlstate(error, '40001', '40P01')
}

/** Throws an error that is not about the row. */
export function toRowError(error: unknown, labelOf: (field: string) => string | null): RowError {
  if (error instanceof RowError) return error
  const app_error = translateError(error)
  if (!(app_error instanceof AppError)) throw error
  const { details, entry, status } = app_error
  const [detail] = details ?? []
  const sentence = details?.map(({ message }) => message).join('; ') ?? app_error.message
  const advice = entry.retryable ? ' Run the import again to complete it.' : ''
  const column = detail === undefined ? null : labelOf(detail.pointer.slice(1))
  return new RowError(`${sentence}${advice}`, { column, outcome: status === 409 ? 'conflict' : 'error' })
}
