// Saves the rows of one batch: all of them at once, or, when the database refuses, in halves down to the row it means.
import { AppError } from '../../core/app-error.ts'
import { isInfrastructure, isSqlstate, translate } from '../../core/postgres/database-errors.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import { RowError } from './import-errors.ts'
import type { Outcome } from './report.ts'

export interface Done {
  readonly outcome: Outcome
  readonly note?: string
}

/** What became of a row. */
export type Result = Done | RowError

export interface Saving<Entry> {
  /** Saves all of them, or throws; one result each, in order. */
  readonly save: (entries: readonly Entry[]) => Promise<Result[]>
  /** Called when what was saved last has been undone. */
  readonly forget: () => void
  /** The file's own name for a field of ours. */
  readonly labelOf: (field: string) => string | null
}

/**
 * One result per row, in order. Nearly every batch succeeds as a whole, behind one savepoint. One that the database refuses
 * is undone and saved as two halves, the first of them first: so each row is judged with those before it in place.
 */
export async function saveEach<Entry>(tx: Tx, entries: readonly Entry[], saving: Saving<Entry>): Promise<Result[]> {
  if (entries.length === 0) return []
  try {
    return await tx.attempt(() => saving.save(entries))
  } catch (error) {
    rethrowFatal(error)
    saving.forget()
    if (entries.length === 1) return [rowErrorOf(error, saving.labelOf)]
  }
  const half = Math.ceil(entries.length / 2)
  const first = await saveEach(tx, entries.slice(0, half), saving)
  return [...first, ...(await saveEach(tx, entries.slice(half), saving))]
}

/** What `work` returns, or the RowError it throws. */
export function orRowError<T>(work: () => T): T | RowError {
  try {
    return work()
  } catch (error) {
    if (error instanceof RowError) return error
    throw error
  }
}

/** Works on all of them at once, so that the driver pipelines their statements; throws when all have ended. */
export function sideBySide<Entry>(
  entries: readonly Entry[],
  work: (entry: Entry) => Promise<Result>,
): Promise<Result[]> {
  return settleAll(...entries.map(work))
}

/** What is about the connection, or lost against another transaction, ends the whole transaction. */
function rethrowFatal(error: unknown): void {
  if (isInfrastructure(error) || isSqlstate(error, '40001', '40P01')) throw error
}

/** What a failure says about its row. A bug is thrown on and ends the run. */
function rowErrorOf(error: unknown, labelOf: (field: string) => string | null): RowError {
  if (error instanceof RowError) return error
  const known = translate(error)
  if (!(known instanceof AppError)) throw error
  const [detail] = known.details ?? []
  const sentence = known.details?.map(({ message }) => message).join('; ') ?? known.message
  const conflict = known.meta?.conflict as { check_in: string; check_out: string } | undefined
  const taken = conflict === undefined ? '' : ` (taken from ${conflict.check_in} to ${conflict.check_out})`
  const again = known.entry.retryable ? ' Run the import again: it completes.' : ''
  const column = detail === undefined ? null : labelOf(detail.pointer.slice(1))
  return new RowError(`${sentence}${taken}${again}`, { column, outcome: known.status === 409 ? 'conflict' : 'error' })
}
