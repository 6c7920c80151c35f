// Prints rows as a table with a heading.
import type { CommandContext } from './context.ts'

/** Each column is as wide as its longest cell. Control characters of values are replaced, because terminals run some of them. */
export function printTable<Row extends object>(
  { print }: CommandContext,
  columns: readonly (keyof Row & string)[],
  rows: readonly Row[],
): void {
  const lines = [
    columns.map((column) => column.replaceAll('_', ' ').toUpperCase()),
    ...rows.map((row) => columns.map((column) => textOf(row[column]))),
  ]
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => cells[index]?.length ?? 0)))
  for (const cells of lines)
    print(
      cells
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
}

function textOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return String(value ?? '').replaceAll(/\p{Cc}/gu, '?')
}
