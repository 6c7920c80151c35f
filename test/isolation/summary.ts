// src/core/tenancy/statements.json: counts and exceptions of the report, for `roost verify shardable`.
import type { StatementManifest } from '../../src/core/tenancy/statements.ts'
import type { IsolationException } from './exceptions.ts'
import type { StatementFinding } from './statement-audit.ts'

/** One statement of the page: its file, and the index of the exception that applies. */
export interface PageRow extends StatementFinding {
  readonly file: string
  readonly exception?: number
  /** Number of similar statements that are not listed. */
  readonly others?: number
}

/** Independent of the order of the rows. */
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

/** The committed form. */
export const summaryText = (summary: StatementManifest): string => `${JSON.stringify(summary, null, 2)}\n`
