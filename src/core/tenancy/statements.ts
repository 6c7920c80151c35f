// The result of the statement check of the test run, committed as statements.json.

/** Written by `npm test -- --write`, which parses all statements of the product; see docs/security/tenant-isolation.md. */
export interface StatementManifest {
  /** Number of statements that name a tenant table, and of the source files that send them. */
  readonly statements: number
  readonly files: number
  /** Number of statements that filter all their tenant tables by agency. */
  readonly filtered: number
  /** Tenant table -> number of statements that name it. */
  readonly tables: Readonly<Record<string, number>>
  /** Cross-tenant statements with their reasons. */
  readonly across: readonly AcrossStatement[]
  /** Statements that are neither filtered nor listed as exceptions. Empty when the tests pass. */
  readonly unfiltered: readonly { readonly file: string; readonly statement: string; readonly problem: string }[]
}

interface AcrossStatement {
  readonly file: string
  readonly statement: string
  readonly reason: string
}
