// The README of an export: what each file and each column is.
import { meaningOf } from './columns.ts'
import type { Snapshot } from './snapshot.ts'
import { leftOut } from './tables.ts'

export interface ReadmeFacts {
  readonly slug: string
  readonly exported_at: string
  readonly version: string
  readonly tables: Snapshot['tables']
  /** Name of the file without its ending -> number of rows. */
  readonly counts: Readonly<Record<string, number>>
}

export function readmeText({ slug, exported_at, version, tables, counts }: ReadmeFacts): string {
  return `# Export of the agency ${slug}
Written by Roost ${version} on ${exported_at}. All files show the same moment.

Each table is there twice: as CSV (RFC 4180, UTF-8 with byte order mark, comma) for spreadsheets, and as JSON (an array of objects) for
programs. Dates are YYYY-MM-DD, times are UTC. Amounts are whole numbers in minor units: 12345 with EUR is 123.45 euros. An empty cell is
null. In CSV a cell that a spreadsheet would run as a formula begins with an apostrophe, and lists and objects are JSON.

The files hold personal data of guests and members: keep them safe, and delete them when they are no longer needed.

Not included: passwords, sessions, ${Object.entries(leftOut)
    .map(([table, reason]) => `${table} (${reason})`)
    .join(', ')}.

${tables.map((table) => section(table, counts[table.file] ?? 0)).join('\n')}`
}

function section({ file, about, table, columns }: Snapshot['tables'][number], rows: number): string {
  const lines = columns.map(({ name, comment }) => `| ${name} | ${escaped(meaningOf(table, name, comment))} |`)
  return `## ${file}.csv, ${file}.json
${about} ${rows} ${rows === 1 ? 'row' : 'rows'}.

| column | meaning |
|---|---|
${lines.join('\n')}
`
}

const escaped = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
