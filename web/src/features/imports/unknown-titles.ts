// The titles of homes in a file that no home of the agency has.
import type { Report } from './queries.ts'

/** The titles with their numbers of rows, most first. */
export function unknownTitles({
  problems,
  columns,
}: Pick<Report, 'problems' | 'columns'>): [title: string, rows: number][] {
  const titles = [columns.listing, columns.unit].filter((column) => column !== undefined)
  const counts = new Map<string, number>()
  for (const { column, value, outcome } of problems) {
    if (outcome !== 'error' || column === null || value === undefined || !titles.includes(column)) continue
    counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return [...counts].sort(([, a], [, b]) => b - a)
}
