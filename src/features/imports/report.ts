// The report of an import: how many rows had each outcome, notes, and the rows that were not saved.
import { csvLine } from '../../core/csv.ts'
import { RowError } from './import-errors.ts'
import { type Outcome, outcomes, type RowResult } from './importer.ts'

export interface Problem {
  readonly line: number
  /** As the header of the file spells it; null when the problem is about the whole row. */
  readonly column: string | null
  readonly outcome: Outcome
  readonly reason: string
  /** The first 200 characters of the cell. */
  readonly value?: string
}

export type ImportReport = Readonly<Record<Outcome, number>> & {
  /** The sum of the outcomes. Blank lines are not counted. */
  readonly rows: number
  readonly notes: readonly string[]
  readonly problems: readonly Problem[]
}

/** Collects the results of an import. */
export interface ImportSummary {
  add(line: number, result: RowResult): void
  /** A note about a row. Equal notes are reported once, with the number of rows. */
  addNote(text: string): void
  /** `notes`: notes about the whole file. */
  report(notes: readonly string[]): ImportReport
}

/** More problems than this are only counted, which limits the memory. */
const max_problems = 100_000

export function createImportSummary(): ImportSummary {
  const counts = { created: 0, updated: 0, skipped: 0, conflict: 0, error: 0 }
  const rows_by_note = new Map<string, number>()
  const problems: Problem[] = []
  function addNote(text: string): void {
    rows_by_note.set(text, (rows_by_note.get(text) ?? 0) + 1)
  }
  return {
    add(line, result) {
      counts[result.outcome] += 1
      if (result instanceof RowError) {
        if (problems.length < max_problems) problems.push(toProblem(line, result))
      } else if (result.note !== undefined) addNote(result.note)
    },
    addNote,
    report(notes) {
      const rows = outcomes.reduce((sum, outcome) => sum + counts[outcome], 0)
      const num_unlisted = counts.conflict + counts.error - problems.length
      const row_notes = [...rows_by_note].map(([text, count]) => `${count} ${count === 1 ? 'row' : 'rows'}: ${text}`)
      const limit_note = `${num_unlisted} more rows were not saved; the first ${max_problems} are listed`
      return {
        rows,
        ...counts,
        notes: [...notes, ...row_notes, ...(num_unlisted > 0 ? [limit_note] : [])],
        problems: problems.toSorted((one, other) => one.line - other.line),
      }
    },
  }
}

function toProblem(line: number, { column, outcome, message, value = '' }: RowError): Problem {
  // 400 UTF-16 units hold at least 200 characters.
  const shown = [...value.slice(0, 400)].slice(0, 200).join('')
  return { line, column, outcome, reason: message, ...(shown !== '' && { value: shown }) }
}

/** The problems as CSV for a spreadsheet. */
export function problemsCsv(problems: readonly Problem[]): string {
  const rows = problems.map(({ line, column, outcome, reason, value }) => [line, column, outcome, reason, value])
  return [['line', 'column', 'outcome', 'reason', 'value'], ...rows].map(csvLine).join('')
}
