// Saves the rows of one batch: all of them at once, or, when one fails, each behind a savepoint of its own.
import { AppError } from '../../core/app-error.ts'
import { isInfrastructure, isSqlstate, translate } from '../../core/database-errors.ts'
import type { Tx } from '../../core/transaction.ts'
import { RowError } from './import-errors.ts'
import type { Outcome } from './report.ts'

export interface Done {
  readonly outcome: Outcome
  readonly note?: string
}

/** Saves one row; runs beside others of its batch. Throws RowError only while nothing is written yet. */
export type Save = () => Promise<Done>

/** What to do about one row; throws RowError. */
export type Decide = () => Done | Save

/** Thrown by a Save whose choice was taken by somebody else meanwhile: it runs again and chooses anew. */
export class ChooseAgainError extends Error {}

/**
 * One result per row, in order. Nearly every batch succeeds as a whole, so its rows are saved side by side behind one
 * savepoint, and the driver pipelines their statements. Only a batch that the database refuses is rolled back and gone
 * through again row by row; `forget` is called in between.
 */
export async function saveEach(
  tx: Tx,
  prepare: () => Promise<Decide[]>,
  forget: () => void,
  labelOf: (field: string) => string | null,
): Promise<(Done | RowError)[]> {
  const decisions = await prepare()
  try {
    return await tx.attempt(() => sideBySide(decisions))
  } catch (error) {
    rethrowFatal(error)
  }
  forget()
  const results: (Done | RowError)[] = []
  for (const decide of await prepare()) results.push(await oneByOne(tx, decide, labelOf))
  return results
}

/** Starts in order and waits for all, so that no statement is under way when the savepoint is rolled back. */
async function sideBySide(decisions: readonly Decide[]): Promise<(Done | RowError)[]> {
  const saving = decisions.map(async (decide) => {
    const decision = decide()
    return typeof decision === 'function' ? decision() : decision
  })
  const settled = await Promise.allSettled(saving)
  const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  const refusals = failures.filter((error) => !(error instanceof RowError))
  if (refusals.length > 0) throw refusals.find(isFatal) ?? refusals[0]
  return settled.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as RowError)))
}

async function oneByOne(tx: Tx, decide: Decide, labelOf: (field: string) => string | null): Promise<Done | RowError> {
  try {
    const decision = decide()
    return typeof decision === 'function' ? await saveAlone(tx, decision) : decision
  } catch (error) {
    return rowErrorOf(error, labelOf)
  }
}

const max_choices = 50

async function saveAlone(tx: Tx, save: Save): Promise<Done> {
  for (let choice = 1; ; choice += 1) {
    try {
      return await tx.attempt(save)
    } catch (error) {
      if (!(error instanceof ChooseAgainError)) throw error
      if (choice === max_choices) throw error.cause
    }
  }
}

/** What is about the connection, or lost against another transaction, ends the whole transaction. */
function isFatal(error: unknown): boolean {
  return isInfrastructure(error) || isSqlstate(error, '40001', '40P01')
}

function rethrowFatal(error: unknown): void {
  if (isFatal(error)) throw error
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
