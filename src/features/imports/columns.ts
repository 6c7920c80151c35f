// Which column of a file is which: by name, whatever the order, the case, the spaces and the signs in it.
import { RowError } from './import-errors.ts'

export interface Column {
  /** As the source's own documentation writes it. */
  readonly name: string
  readonly aliases?: readonly string[]
  readonly is_required?: boolean
}

/** A kind of file: what its columns are called. Keys are ours. */
export interface Format<Key extends string = string> {
  readonly name: string
  readonly columns: Readonly<Record<Key, Column>>
}

interface Place {
  readonly index: number
  /** The header's own text. */
  readonly label: string
}

export interface HeaderMatch {
  readonly places: ReadonlyMap<string, Place>
  /** Names of required columns that are not there. */
  readonly missing: readonly string[]
  /** Labels of columns that stand in the header twice and would be read. */
  readonly repeated: readonly string[]
  /** Labels of columns that this format does not read. */
  readonly unread: readonly string[]
}

function simplified(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
}

export function matchHeader(format: Format, header: readonly string[]): HeaderMatch {
  const known = new Map<string, string>()
  for (const [key, { name, aliases = [] }] of Object.entries(format.columns)) {
    for (const spelling of [name, ...aliases]) known.set(simplified(spelling), key)
  }
  const places = new Map<string, Place>()
  const repeated: string[] = []
  const unread: string[] = []
  for (const [index, label] of header.entries()) {
    const key = known.get(simplified(label))
    if (key === undefined) unread.push(label)
    else if (places.has(key)) repeated.push(label)
    else places.set(key, { index, label })
  }
  const missing = Object.entries(format.columns)
    .filter(([key, { is_required }]) => is_required && !places.has(key))
    .map(([, { name }]) => name)
  return { places, missing, repeated, unread }
}

/** One row, its cells by key. */
export interface Row<Key extends string = string> {
  readonly line: number
  /** The cell exactly as it stands in the file; '' when the file has no such column. */
  raw(key: Key): string
  /** The cell without blanks around it. */
  text(key: Key): string
  /** An error about this cell, to be thrown. */
  error(key: Key, reason: string): RowError
}

export function rowOf<Key extends string>(
  line: number,
  cells: readonly string[],
  format: Format<Key>,
  places: HeaderMatch['places'],
): Row<Key> {
  function raw(key: Key): string {
    const place = places.get(key)
    return place === undefined ? '' : (cells[place.index] ?? '')
  }
  return {
    line,
    raw,
    text: (key) => raw(key).trim(),
    error: (key, reason) =>
      new RowError(reason, { column: places.get(key)?.label ?? format.columns[key].name, value: raw(key) }),
  }
}
