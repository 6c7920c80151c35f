// The static audit: whether an SQL statement filters every tenant table in it by agency.
import { loadModule, type Node, parseSync } from 'libpg-query'
import { insert, remove, update } from './changes.ts'
import { filterOf, prove } from './proof.ts'
import { select } from './queries.ts'
import type { Audit, Occurrence, Output, Scope } from './relations.ts'
import { isRepeated, tableName, walk } from './tree.ts'

/** One statement of the report. `filter` has one entry per table, in the same order. */
export interface StatementFinding {
  readonly statement: string
  readonly tables: string[]
  readonly filter: string
  readonly problem?: string
}

export interface StatementAudit {
  /** Each occurrence of a tenant table and its filter ('none' without one). */
  readonly tables: { name: string; filter: string }[]
  readonly problems: string[]
}

await loadModule()

/**
 * Parses the statement with PostgreSQL's own parser. `keyColumns` maps each tenant table to its agency column
 * (`agency_id`; `id` for agencies). A construct that the audit does not understand is reported as a problem.
 */
export function auditStatement(text: string, keyColumns: ReadonlyMap<string, string>): StatementAudit {
  if (text.trim() === '') return { tables: [], problems: [] }
  const parsed = parse(text)
  if (typeof parsed === 'string') return { tables: [], problems: [`cannot be parsed: ${parsed}`] }
  const results = parsed.map((statement) => auditTree(statement, keyColumns))
  const tables = results.flatMap((result) => result.tables)
  const problems = results.flatMap((result) => result.problems)
  const touches = tables.length > 0 || problems.length > 0
  if (parsed.length > 1 && touches) problems.push('several statements in one text: send them one by one')
  return { tables, problems }
}

function parse(text: string): Node[] | string {
  try {
    return (parseSync(text).stmts ?? []).flatMap(({ stmt }) => (stmt === undefined ? [] : [stmt]))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function auditTree(statement: Node, keyColumns: ReadonlyMap<string, string>): StatementAudit {
  const audit = newAudit(keyColumns)
  audit.query(innermost(statement), { relations: [], merges: [] })
  prove(audit)
  const tables = audit.occurrences.map((occurrence) => {
    const filter = filterOf(occurrence)
    if (filter === undefined) audit.problems.add(adviceOn(occurrence))
    return { name: occurrence.table, filter: filter ?? 'none' }
  })
  for (const problem of [...overlooked(statement, audit), ...hidden(statement, keyColumns)]) audit.problems.add(problem)
  return { tables, problems: [...audit.problems] }
}

function newAudit(keyColumns: ReadonlyMap<string, string>): Audit {
  const known = new Map<unknown, readonly Output[]>()
  const audit: Audit = {
    keyColumns,
    columns: [],
    occurrences: [],
    problems: new Set(),
    visited: new Set(),
    assumptions: [],
    query(node, scope, onLeft) {
      const outputs = known.get(node) ?? outputsOfQuery(audit, node, scope, onLeft)
      known.set(node, outputs)
      return outputs
    },
  }
  return audit
}

function outputsOfQuery(
  audit: Audit,
  node: Node | undefined,
  scope: Scope,
  onLeft?: (left: readonly Output[]) => void,
): readonly Output[] {
  if (node === undefined) return []
  if ('SelectStmt' in node) return select(audit, node.SelectStmt, scope, onLeft)
  if ('InsertStmt' in node) return insert(audit, node.InsertStmt, scope)
  if ('UpdateStmt' in node) return update(audit, node.UpdateStmt, scope)
  return 'DeleteStmt' in node ? remove(audit, node.DeleteStmt, scope) : []
}

function innermost(node: Node): Node {
  const query = 'ExplainStmt' in node ? node.ExplainStmt.query : undefined
  const inner = 'DeclareCursorStmt' in node ? node.DeclareCursorStmt.query : query
  return inner ?? node
}

function adviceOn({ table, column, advice }: Occurrence): string {
  const { alias, is_nullable } = column.relation
  const name = alias === table ? table : `${table} as ${alias}`
  const place = is_nullable ? ', in the ON of its outer join' : ''
  return `${name} is not filtered by ${column.name}: ${advice}${place}`
}

/** Tables in the tree that the audit did not visit: MERGE, TRUNCATE, COPY, or an unknown construct. */
function overlooked(statement: Node, audit: Audit): string[] {
  const problems: string[] = []
  const [kind] = Object.keys(statement)
  walk(statement, (branch) => {
    if (isRepeated(branch)) return false
    if ('LockingClause' in branch) return false
    if (typeof branch.relname !== 'string' || audit.visited.has(branch)) return true
    const name = tableName(branch)
    if (audit.keyColumns.has(name)) problems.push(`${name} occurs where the audit cannot follow (${kind})`)
    return true
  })
  return problems
}

/** Code in a string is not parsed. A tenant table named there is a problem. */
function hidden(statement: Node, keyColumns: ReadonlyMap<string, string>): string[] {
  if (!('DoStmt' in statement) && !('CreateFunctionStmt' in statement)) return []
  const code = JSON.stringify(statement)
  return [...keyColumns.keys()]
    .filter((name) => new RegExp(`\\b${name}\\b`, 'i').test(code))
    .map((name) => `${name} is named inside a code block, which the audit cannot read`)
}
