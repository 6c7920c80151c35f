// Helpers for PostgreSQL's parse tree: names, traversal, and expressions as text.
import type { Node, RangeVar } from 'libpg-query'

type Branch = Readonly<Record<string, unknown>>

/** The identifier in a String node; '' for anything else, such as the star of `b.*`. */
export function nameOf(node: Node | undefined): string {
  return node !== undefined && 'String' in node ? (node.String.sval ?? '') : ''
}

export function namesOf(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).map(nameOf)
}

/** Calls `visit` with every object of a tree, parents first. Children are skipped when it returns false. */
export function walk(tree: unknown, visit: (branch: Branch) => boolean): void {
  if (Array.isArray(tree)) {
    for (const part of tree) walk(part, visit)
  } else if (typeof tree === 'object' && tree !== null && visit(tree as Branch)) {
    for (const part of Object.values(tree)) walk(part, visit)
  }
}

/** `set (a, b) = (select ..)` contains its subquery once per column; only the first one counts. */
export function isRepeated(branch: Branch): boolean {
  const assignment = branch.MultiAssignRef as { colno?: number } | undefined
  return assignment !== undefined && assignment.colno !== 1
}

/** The name for a lookup: without `public.`, with any other schema. */
export function tableName(table: RangeVar): string {
  const schema = table.schemaname ?? 'public'
  return schema === 'public' ? (table.relname ?? '') : `${schema}.${table.relname}`
}

/** The name that PostgreSQL gives an output column without AS. */
export function outputName(node: Node | undefined): string {
  if (node === undefined) return '?column?'
  if ('ColumnRef' in node) return namesOf(node.ColumnRef.fields).at(-1) ?? ''
  if ('FuncCall' in node) return namesOf(node.FuncCall.funcname).at(-1) ?? ''
  if (!('TypeCast' in node)) return '?column?'
  const inner = outputName(node.TypeCast.arg)
  return inner === '?column?' ? (namesOf(node.TypeCast.typeName?.names).at(-1) ?? '') : inner
}

/** `column::uuid` is treated as the column. Any other cast could make two agencies equal. */
export function withoutUuidCast(node: Node): Node {
  if (!('TypeCast' in node) || node.TypeCast.arg === undefined) return node
  const is_uuid = namesOf(node.TypeCast.typeName?.names).join('.') === 'uuid' && !node.TypeCast.typeName?.arrayBounds
  return is_uuid ? withoutUuidCast(node.TypeCast.arg) : node
}

/** Whether an expression is the same for every row: without columns and subqueries. */
export function isFixed(node: Node): boolean {
  let is_fixed = true
  walk(node, (branch) => {
    if ('ColumnRef' in branch || 'SubLink' in branch || 'SelectStmt' in branch || 'SetToDefault' in branch)
      is_fixed = false
    return is_fixed
  })
  return is_fixed
}

/** Whether an expression is given by the caller: a parameter, cast or not, or the agency of the request's context. */
export function isGiven(node: Node): boolean {
  if ('ParamRef' in node) return true
  if ('FuncCall' in node) return namesOf(node.FuncCall.funcname).join('.') === 'app.agency_id'
  return 'TypeCast' in node && node.TypeCast.arg !== undefined && isGiven(node.TypeCast.arg)
}

/** A short text of an expression, for the report. */
export function describe(node: Node | undefined): string {
  if (node === undefined) return ''
  if ('ParamRef' in node) return `$${node.ParamRef.number}`
  if ('ColumnRef' in node) return namesOf(node.ColumnRef.fields).join('.')
  if ('TypeCast' in node) {
    return `${describe(node.TypeCast.arg)}::${namesOf(node.TypeCast.typeName?.names).at(-1)}`
  }
  if ('FuncCall' in node) {
    return `${namesOf(node.FuncCall.funcname).join('.')}(${(node.FuncCall.args ?? []).map(describe).join(', ')})`
  }
  if ('A_Const' in node && node.A_Const.sval !== undefined) return `'${node.A_Const.sval.sval ?? ''}'`
  return 'an expression without columns'
}
