// The results of rows, and the contract of the importers that save a file row by row: listings, stays without a unit.
import type { Tx } from '../../core/postgres/transaction.ts'
import type { Row } from './csv/columns.ts'
import type { RowError } from './import-errors.ts'

export const outcomes = ['created', 'updated', 'skipped', 'conflict', 'error'] as const
export type Outcome = (typeof outcomes)[number]

export interface RowOutcome {
  readonly outcome: Outcome
  readonly note?: string
  /** Of an updated booking: its code and what changed. */
  readonly code?: string
  readonly changes?: readonly FieldChange[]
}

export interface FieldChange {
  readonly field: string
  readonly before: string
  readonly after: string
}

export type RowResult = RowOutcome | RowError

/** Imports one file. Keeps state about the rows that it has read. */
export interface Importer<Key extends string, Entry> {
  /** Reads a row; throws RowError. Returns an outcome when there is nothing to save. */
  read(row: Row<Key>, addNote: (text: string) => void): Entry | RowOutcome
  /** Saves a batch and returns one result per entry, in order. Throws when the database rejects one of them. */
  save(tx: Tx, entries: readonly Entry[]): Promise<RowResult[]>
  /** The column that each database field is read from. */
  readonly columns_by_field: Readonly<Record<string, Key>>
  /** Drops what `save` has cached: its transaction or savepoint was rolled back. */
  reset(): void
}
