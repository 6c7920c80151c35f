// The errors of an import: the file or an option is wrong, or one row cannot be saved.

/** Why a file or an option is refused, where a caller can do something about it. */
export type ImportReason =
  | 'assign_required'
  | 'assign_refused'
  | 'calendar'
  | 'currency_required'
  | 'date_order_required'
  | 'has_bookings'
  | 'has_properties'
  | 'interrupted'
  | 'unknown_columns'

/** The import did not run, because the file or an option is wrong. The message says what to do. Nothing was saved. */
export class ImportError extends Error {
  readonly reason: ImportReason | undefined
  constructor(message: string, reason?: ImportReason) {
    super(message)
    this.reason = reason
  }
}

export interface RowErrorOptions {
  /** As the header of the file spells it; null when the error is about the whole row. */
  readonly column?: string | null
  readonly value?: string | undefined
  /** conflict: the row is valid, but contradicts a record that exists. */
  readonly outcome?: 'error' | 'conflict'
}

/** One row is not saved. The others are. */
export class RowError extends Error {
  readonly column: string | null
  readonly value: string | undefined
  readonly outcome: 'error' | 'conflict'
  constructor(reason: string, { column = null, value, outcome = 'error' }: RowErrorOptions = {}) {
    super(reason)
    this.column = column
    this.value = value
    this.outcome = outcome
  }
}

/** What `work` returns, or the RowError that it throws. */
export function catchRowError<T>(work: () => T): T | RowError {
  try {
    return work()
  } catch (error) {
    if (error instanceof RowError) return error
    throw error
  }
}
