// Matches the columns of a format to a header, ignoring order, case, accents, spaces and punctuation.
import { withoutMarks } from '../../../core/text.ts'
import { RowError, type RowErrorOptions } from '../import-errors.ts'
import { cellText } from './cell-text.ts'
import type { Contents } from './unquoted.ts'

export interface Column {
  /** As the documentation of the format spells it. */
  readonly name: string
  readonly aliases?: readonly string[]
  readonly is_required?: boolean
  /** What a cell can hold; needed to repair rows of files that quote nothing. */
  readonly contents?: Contents
}

/** A known export. `Key` is what the code calls a column. */
export interface Format<Key extends string = string> {
  readonly name: string
  readonly columns: Readonly<Record<Key, Column>>
  /** Labels that a file of this format never has. */
  readonly without?: readonly string[]
}

/** Where a column is in the file, and how the header spells it. */
interface Position {
  readonly index: number
  readonly label: string
}

export interface HeaderMatch {
  /** By key. */
  readonly positions: ReadonlyMap<string, Position>
  /** Names of required columns that the header lacks. */
  readonly missing: readonly string[]
  /** Labels that name a column which the header already has. */
  readonly duplicated: readonly string[]
  /** Labels of columns that the format does not have. */
  readonly ignored: readonly string[]
  /** Labels that a file of this format never has. */
  readonly foreign: readonly string[]
}

export function matchHeader(format: Format, header: readonly string[]): HeaderMatch {
  const indexes = Map.groupBy(header.keys(), (index) => normalize(header[index] ?? ''))
  const positions = new Map<string, Position>()
  const duplicated: string[] = []
  for (const [key, { name, aliases = [] }] of Object.entries(format.columns)) {
    // The first spelling that the header has; a column in another spelling says something else.
    const found = [name, ...aliases].map((spelling) => indexes.get(normalize(spelling))).find((at) => at !== undefined)
    const [index, again] = found ?? []
    if (index === undefined) continue
    positions.set(key, { index, label: header[index] ?? '' })
    if (again !== undefined) duplicated.push(header[again] ?? '')
  }
  const used = new Set([...positions.values()].map(({ index }) => index))
  const ignored = header.filter((label, index) => !used.has(index) && !duplicated.includes(label))
  const never = (format.without ?? []).map(normalize)
  const foreign = header.filter((label) => never.includes(normalize(label)))
  const missing = Object.entries(format.columns)
    .filter(([key, { is_required }]) => is_required && !positions.has(key))
    .map(([, { name }]) => name)
  return { positions, missing, duplicated, ignored, foreign }
}

function normalize(name: string): string {
  return withoutMarks(name)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
}

/** What each column of the file can hold, in the order of the header. */
export function contentsOf(format: Format, { positions }: HeaderMatch, num_columns: number): Contents[] {
  const contents = new Array<Contents>(num_columns).fill('plain')
  for (const [key, { index }] of positions) contents[index] = format.columns[key]?.contents ?? 'plain'
  return contents
}

/** How the header spells a column; its documented name when the header lacks it. */
export function columnLabel<Key extends string>(
  format: Format<Key>,
  positions: HeaderMatch['positions'],
  key: Key,
): string {
  // A format may lack a column that its type has.
  return positions.get(key)?.label ?? format.columns[key]?.name ?? key
}

/** A row with its cells by key. */
export interface Row<Key extends string = string> {
  readonly line: number
  /** The cell as it is in the file; '' when the file lacks the column. */
  raw(key: Key): string
  /** The cell as one line: NFC, trimmed, single blanks; '' for NA, NULL and the like. */
  text(key: Key): string
  /** An error about this cell, to be thrown. */
  error(key: Key, reason: string, outcome?: RowErrorOptions['outcome']): RowError
}

export function createRow<Key extends string>(
  line: number,
  cells: readonly string[],
  format: Format<Key>,
  positions: HeaderMatch['positions'],
): Row<Key> {
  function raw(key: Key): string {
    const position = positions.get(key)
    return position === undefined ? '' : (cells[position.index] ?? '')
  }
  return {
    line,
    raw,
    text: (key) => cellText(raw(key)),
    error: (key, reason, outcome = 'error') =>
      new RowError(reason, { column: columnLabel(format, positions, key), value: raw(key), outcome }),
  }
}
