// What an import did, row by row: counts, notes that are said once, and the rows that were not saved.
import type { RowError } from './import-errors.ts'

export const outcomes = ['created', 'updated', 'skipped', 'conflict', 'error'] as const
export type Outcome = (typeof outcomes)[number]

export interface Problem {
  readonly line: number
  /** As the file's header writes it; null when the line as a whole is wrong. */
  readonly column: string | null
  readonly outcome: Outcome
  readonly reason: string
  /** The cell, cut at 200 characters. */
  readonly value?: string
}

export type ImportReport = Readonly<Record<Outcome, number>> & {
  /** Rows of the file, blank lines left out: the sum of the outcomes. */
  readonly rows: number
  readonly notes: readonly string[]
  readonly problems: readonly Problem[]
}

export interface Tally {
  add(outcome: Outcome): void
  refuse(line: number, error: RowError): void
  /** A note about a row; said once, with the number of rows. */
  note(text: string): void
  report(notes: readonly string[]): ImportReport
}

/** Rows listed one by one; beyond that they are only counted, so that memory stays flat. */
const max_problems = 100_000

export function createTally(): Tally {
  const counts = { created: 0, updated: 0, skipped: 0, conflict: 0, error: 0 }
  const noted = new Map<string, number>()
  const problems: Problem[] = []
  return {
    add(outcome) {
      counts[outcome] += 1
    },
    refuse(line, { column, outcome, message, value }) {
      counts[outcome] += 1
      if (problems.length >= max_problems) return
      const shown =
        value !== undefined && value !== '' ? { value: [...value.slice(0, 400)].slice(0, 200).join('') } : {}
      problems.push({ line, column, outcome, reason: message, ...shown })
    },
    note(text) {
      noted.set(text, (noted.get(text) ?? 0) + 1)
    },
    report(notes) {
      const rows = outcomes.reduce((sum, outcome) => sum + counts[outcome], 0)
      const unlisted = counts.conflict + counts.error - problems.length
      const more = unlisted > 0 ? [`${unlisted} more rows were not saved; the first ${max_problems} are listed`] : []
      const counted = [...noted].map(([text, count]) => `${count} ${count === 1 ? 'row' : 'rows'}: ${text}`)
      return { rows, ...counts, notes: [...notes, ...counted, ...more], problems: problems.toSorted(byLine) }
    },
  }
}

const byLine = (one: Problem, other: Problem) => one.line - other.line

/** The problems as CSV. A cell that a spreadsheet would run as a formula is kept from it by a leading apostrophe. */
export function problemsCsv(problems: readonly Problem[]): string {
  const rows = problems.map(({ line, column, outcome, reason, value }) => [
    String(line),
    column ?? '',
    outcome,
    reason,
    value ?? '',
  ])
  return [['line', 'column', 'outcome', 'reason', 'value'], ...rows]
    .map((cells) => `${cells.map(safeCell).join(',')}\r\n`)
    .join('')
}

function safeCell(text: string): string {
  const inert = /^[\s]*[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n\t']/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}
