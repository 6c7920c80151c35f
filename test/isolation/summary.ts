// src/core/tenancy/statements.json: the isolation page in numbers and exceptions, for `roost verify shardable`.
import type { StatementManifest } from '../../src/core/tenancy/statements.ts'
import type { IsolationException } from './exceptions.ts'
import type { StatementFinding } from './statement-audit.ts'

/** One statement of the page: who sends it, and which exception lets it pass, by its number. */
export interface PageRow extends StatementFinding {
  readonly file: string
  readonly exception?: number
}

/** The same for the same rows, in whatever order. */
export function summaryOf(
  rows: readonly PageRow[],
  tenantTables: ReadonlyMap<string, string>,
  exceptions: readonly IsolationException[],
): StatementManifest {
  const naming = (table: string) => rows.filter(({ tables }) => tables.includes(table)).length
  return {
    statements: rows.length,
    files: new Set(rows.map(({ file }) => file)).size,
    filtered: rows.filter(({ problem }) => problem === undefined).length,
    tables: Object.fromEntries([...tenantTables.keys()].sort().map((table) => [table, naming(table)])),
    across: rows.flatMap(({ file, statement, exception }) =>
      exception === undefined ? [] : [{ file, statement, reason: exceptions[exception - 1]?.reason ?? '' }],
    ),
    unfiltered: rows.flatMap(({ file, statement, problem, exception }) =>
      problem === undefined || exception !== undefined ? [] : [{ file, statement, problem }],
    ),
  }
}

/** As the file is committed. */
export const summaryText = (summary: StatementManifest): string => `${JSON.stringify(summary, null, 2)}\n`
