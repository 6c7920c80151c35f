// Saves the rows of one batch: all of them at full speed, or, when one fails, each behind a savepoint of its own.
import sql, { raw } from 'sql-template-tag'
import { AppError } from '../../core/app-error.ts'
import { isInfrastructure, isSqlstate, translate } from '../../core/database-errors.ts'
import type { Tx } from '../../core/transaction.ts'
import { RowError } from './import-errors.ts'
import type { Outcome } from './report.ts'

export interface Done {
  readonly outcome: Outcome
  readonly note?: string
}

/** Saves one row. Throws RowError only while nothing is written yet. */
export type Save = () => Promise<Done>

/** What to do about one row; throws RowError. */
export type Decide = () => Done | Save

/** Thrown by a Save whose choice was taken by somebody else meanwhile: it runs again and chooses anew. */
export class ChooseAgainError extends Error {}

/**
 * One result per row, in order. Nearly every batch succeeds as a whole, so it is tried behind one savepoint; only a
 * batch that the database refuses is rolled back and gone through again row by row. `forget` is called in between.
 */
export async function saveEach(
  tx: Tx,
  prepare: () => Promise<Decide[]>,
  forget: () => void,
  labelOf: (field: string) => string | null,
): Promise<(Done | RowError)[]> {
  const decisions = await prepare()
  try {
    return await inSavepoint(tx, 'import_batch', () => inOrder(decisions, (save) => save()))
  } catch (error) {
    rethrowFatal(error)
  }
  forget()
  return inOrder(await prepare(), async (save) => {
    try {
      return await saveAlone(tx, save)
    } catch (error) {
      return rowErrorOf(error, labelOf)
    }
  })
}

async function inOrder(
  decisions: readonly Decide[],
  run: (save: Save) => Promise<Done | RowError>,
): Promise<(Done | RowError)[]> {
  const results: (Done | RowError)[] = []
  for (const decide of decisions) {
    try {
      const decision = decide()
      results.push(typeof decision === 'function' ? await run(decision) : decision)
    } catch (error) {
      if (!(error instanceof RowError)) throw error
      results.push(error)
    }
  }
  return results
}

const max_choices = 50

async function saveAlone(tx: Tx, save: Save): Promise<Done> {
  for (let choice = 1; ; choice += 1) {
    try {
      return await inSavepoint(tx, 'import_row', save)
    } catch (error) {
      if (!(error instanceof ChooseAgainError)) throw error
      if (choice === max_choices) throw error.cause
    }
  }
}

/** The savepoint leaves together with the first statement of `work`: nobody waits for it alone. */
async function inSavepoint<T>(tx: Tx, name: 'import_batch' | 'import_row', work: () => Promise<T>): Promise<T> {
  const opened = tx.query(sql`savepoint ${raw(name)}`)
  opened.catch(() => undefined)
  try {
    const result = await work()
    await opened
    await tx.query(sql`release savepoint ${raw(name)}`)
    return result
  } catch (error) {
    rethrowFatal(error)
    await opened
    await tx.query(sql`rollback to savepoint ${raw(name)}`)
    await tx.query(sql`release savepoint ${raw(name)}`)
    throw error
  }
}

/** What is about the connection, or lost against another transaction, ends the whole transaction. */
function rethrowFatal(error: unknown): void {
  if (isInfrastructure(error) || isSqlstate(error, '40001', '40P01')) throw error
}

/** What a failure says about its row. A bug is thrown on and ends the run. */
function rowErrorOf(error: unknown, labelOf: (field: string) => string | null): RowError {
  if (error instanceof RowError) return error
  rethrowFatal(error)
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
