// What the test run found when PostgreSQL's parser read every statement the product sends; committed as statements.json.

/** Written by `npm test -- --write` beside docs/security/tenant-isolation.md, which lists each statement. */
export interface StatementManifest {
  /** How many statements name a tenant table, and the source files that send them. */
  readonly statements: number
  readonly files: number
  /** Those that compare every tenant table they name with the agency. */
  readonly filtered: number
  /** Tenant table -> statements that name it; 0 for one that none names. */
  readonly tables: Readonly<Record<string, number>>
  /** The statements that look across agencies, and why each may. */
  readonly across: readonly AcrossStatement[]
  /** What was neither filtered nor excepted; empty in anything that passed the tests. */
  readonly unfiltered: readonly { readonly file: string; readonly statement: string; readonly problem: string }[]
}

export interface AcrossStatement {
  readonly file: string
  readonly statement: string
  readonly reason: string
}
