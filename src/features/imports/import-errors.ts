// The two ways an import fails: the whole file cannot be read, or one row of it cannot be saved.

/** The import could not run at all: the file or an option is wrong. Says what to do; nothing was changed. */
export class ImportError extends Error {}

export interface RowErrorOptions {
  /** The column as the file's header writes it; null when the line as a whole is wrong. */
  readonly column?: string | null
  readonly value?: string | undefined
  /** conflict: the row is well formed, but what is saved already stands in its way. */
  readonly outcome?: 'error' | 'conflict'
}

/** One row is not saved; all others are. */
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
