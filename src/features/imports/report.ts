// The report of an import: how many rows had each outcome, notes, and the rows that were not saved.
import { csvLine } from '../../core/csv.ts'
import type { Warning } from './channel-stay.ts'
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

/** What an import changed on one booking. */
export interface Change {
  readonly line: number
  /** The number of the booking at the channel. */
  readonly code: string
  readonly field: string
  readonly before: string
  readonly after: string
}

export type ImportReport = Readonly<Record<Outcome, number>> & {
  /** The sum of the outcomes. Blank lines are not counted. */
  readonly rows: number
  readonly notes: readonly string[]
  readonly problems: readonly Problem[]
  /** Odd cells of rows that were saved anyway. */
  readonly warnings: readonly Warning[]
  readonly changes: readonly Change[]
  /** What the file was recognised as. */
  readonly file?: RecognisedFile
}

interface RecognisedFile {
  /** The name of the format. */
  readonly format: string
  /** Field -> column, as the header spells it. */
  readonly columns: Readonly<Record<string, string>>
  /** The columns that are not read. */
  readonly ignored: readonly string[]
}

/** Collects the results of an import. */
export interface ImportSummary {
  add(line: number, result: RowResult): void
  /** A note about a row. Equal notes are reported once, with the number of rows. */
  addNote(text: string): void
  addWarning(warning: Warning): void
  /** `notes`: notes about the whole file. */
  report(notes: readonly string[]): ImportReport
}

/** More problems, warnings or changes than this are only counted, which limits the memory. */
const max_problems = 100_000

export function createImportSummary(): ImportSummary {
  const counts = { created: 0, updated: 0, skipped: 0, conflict: 0, error: 0 }
  const rows_by_note = new Map<string, number>()
  const problems: Problem[] = []
  const warnings: Warning[] = []
  const changes: Change[] = []
  function addNote(text: string): void {
    rows_by_note.set(text, (rows_by_note.get(text) ?? 0) + 1)
  }
  return {
    add(line, result) {
      counts[result.outcome] += 1
      if (result instanceof RowError) {
        if (problems.length < max_problems) problems.push(toProblem(line, result))
        return
      }
      if (result.note !== undefined) addNote(result.note)
      for (const change of result.changes ?? []) {
        if (changes.length < max_problems) changes.push({ line, code: result.code ?? '', ...change })
      }
    },
    addWarning(warning) {
      if (warnings.length < max_problems) warnings.push({ ...warning, value: cut(warning.value) })
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
        problems: problems.toSorted(byLine),
        warnings: warnings.toSorted(byLine),
        changes: changes.toSorted(byLine),
      }
    },
  }
}

const byLine = (one: { line: number }, other: { line: number }) => one.line - other.line

/** The first 200 characters; 400 UTF-16 units hold at least as many. */
function cut(value: string): string {
  return [...value.slice(0, 400)].slice(0, 200).join('')
}

function toProblem(line: number, { column, outcome, message, value = '' }: RowError): Problem {
  const shown = cut(value)
  return { line, column, outcome, reason: message, ...(shown !== '' && { value: shown }) }
}

type Details = Pick<ImportReport, 'problems' | 'warnings' | 'changes'>

/** Problems, odd cells and changes as CSV for a spreadsheet, by line. */
export function reportCsv({ problems, warnings, changes }: Details): string {
  const rows = [
    ...problems.map(({ line, column, outcome, reason, value }) => [line, column, outcome, reason, value]),
    ...warnings.map(({ line, column, reason, value }) => [line, column, 'warning', reason, value]),
    ...changes.map(({ line, code, field, before, after }) => {
      return [line, field, 'updated', `${code}: was ${before === '' ? 'empty' : before}`, after]
    }),
  ].toSorted(([one], [other]) => Number(one) - Number(other))
  return [['line', 'column', 'outcome', 'reason', 'value'], ...rows].map(csvLine).join('')
}
