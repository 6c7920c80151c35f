// Folds statements of the report that differ in details of the request, not in how they separate agencies.
import { page_sizes } from '../../src/core/postgres/pages.ts'
import type { CollectedStatement } from './collector.ts'
import type { PageRow } from './summary.ts'

/** Statements that differ only in the page size count once: an export's page size depends on the size of its rows. */
export function distinct(lines: readonly CollectedStatement[]): CollectedStatement[] {
  const known = new Map<string, CollectedStatement>()
  for (const line of lines) {
    const text = withOnePageSize(line.text)
    const key = `${line.file}\n${text}`
    const by_owner = line.by_owner === true || known.get(key)?.by_owner === true
    known.set(key, { file: line.file, text, ...(by_owner && { by_owner }) })
  }
  return [...known].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, line]) => line)
}

function withOnePageSize(text: string): string {
  const [size = 0] = page_sizes
  return text.replace(/\blimit (\d+)/g, (whole, rows) => (page_sizes.includes(rows - 1) ? `limit ${size + 1}` : whole))
}

/** The columns that an update sets: which they are depends on the outcome of races in the tests. */
const assignments = /^(update (?:only )?[\w.]+(?: (?:as )?\w+)? set ).*?( where )/s
/** The conditions of one query level, up to what follows them. */
const conditions =
  / (?:where|on) .*?(?= order by | group by | limit | offset | returning | for (?:no key )?update| union |$)/gs

/**
 * Statements of a file are one row when they have the same tables and filters, and differ only in columns that an update sets or in
 * further conditions: lists with optional filters have dozens. The longest is shown, with the number of the others. Each was audited
 * by itself, and a statement with a problem is never folded.
 */
export function folded(rows: readonly PageRow[]): PageRow[] {
  const groups = Map.groupBy(rows.map(withoutAssignments), (row) =>
    JSON.stringify(
      row.problem === undefined ? [skeletonOf(row), row.file, row.tables, withoutNumbers(row.filter)] : row,
    ),
  )
  return [...groups.values()].flatMap((group) => {
    const variants = [...new Map(group.map((row) => [row.statement, row])).values()]
    const [longest] = variants.toSorted(
      (a, b) => b.statement.length - a.statement.length || (a.statement < b.statement ? -1 : 1),
    )
    const others = variants.length - 1
    return longest === undefined ? [] : [{ ...longest, ...(others > 0 && { others }) }]
  })
}

function withoutAssignments(row: PageRow): PageRow {
  if (!assignments.test(row.statement)) return row
  const statement = withoutNumbers(row.statement.replace(assignments, '$1…$2'))
  return { ...row, statement, filter: withoutNumbers(row.filter) }
}

const withoutNumbers = (text: string) => text.replaceAll(/\$\d+/g, () => '$n')

function skeletonOf({ statement }: PageRow): string {
  return statement.replaceAll(conditions, ' where …')
}
