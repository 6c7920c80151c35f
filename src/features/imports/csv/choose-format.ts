// Chooses the format of a file by its header, and refuses a header that does not fit.
import { ImportError } from '../import-errors.ts'
import { type Format, type HeaderMatch, matchHeader } from './columns.ts'

export interface FormatChoice<F extends Format> {
  readonly format: F
  readonly header: readonly string[]
  readonly match: HeaderMatch
}

/** The format with the largest share of required columns, then with the most columns. Throws ImportError without formats. */
export function chooseFormat<F extends Format>(header: readonly string[], formats: readonly F[]): FormatChoice<F> {
  const choices = formats.map((format) => ({ format, header, match: matchHeader(format, header) }))
  const [best] = choices.toSorted((one, other) => scoreOf(other) - scoreOf(one))
  if (best === undefined) throw new ImportError('no format is given')
  return best
}

/** Higher is better; from 1 on the header fits. */
export function scoreOf({ format, match }: FormatChoice<Format>): number {
  const num_required = requiredNames(format).length
  const share = (num_required - match.missing.length) / num_required
  return share + match.positions.size / 1000 - match.foreign.length
}

/** Throws ImportError. */
export function requireMatch(path: string, { format, header, match }: FormatChoice<Format>): void {
  const { missing, duplicated, foreign } = match
  if (missing.length > 0) throw new ImportError(`${path} ${mismatch(format, header, missing)}`, 'unknown_columns')
  if (foreign.length > 0) {
    throw new ImportError(`${path} has the column ${foreign.join(', ')}, which the format "${format.name}" never has`)
  }
  if (duplicated.length > 0) {
    throw new ImportError(`${path}: the header names a column twice: ${duplicated.join(', ')}. Remove one of them.`)
  }
}

function requiredNames(format: Format): string[] {
  return Object.values(format.columns).flatMap(({ name, is_required }) => (is_required ? [name] : []))
}

function mismatch(format: Format, header: readonly string[], missing: readonly string[]): string {
  const labels = header.slice(0, 20).map((label) => (label.length > 40 ? `${label.slice(0, 40)}…` : label))
  const found = printable(labels.join(', ')).slice(0, 400)
  const expected = requiredNames(format).join(', ')
  return `does not have the format "${format.name}". Expected columns: ${expected}. Missing: ${missing.join(', ')}. Found: ${found}.`
}

/** Replaces control and other invisible characters, which a terminal could interpret. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '\u{FFFD}')
}
