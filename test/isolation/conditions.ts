// Which parts of a condition filter a table: equalities that stand in AND, and nothing else.
import type { Node } from 'libpg-query'
import {
  type Audit,
  type Column,
  labelOf,
  type Relation,
  resolve,
  type Scope,
  type Trust,
  trustAt,
  trustInColumn,
} from './relations.ts'
import { describe, isFixed, isGiven, isRepeated, namesOf, walk, withoutUuidCast } from './tree.ts'

/** Takes from a WHERE or ON what filters one of the `filterable` relations. */
export function conditions(audit: Audit, node: Node | undefined, scope: Scope, filterable: readonly Relation[]): void {
  if (node === undefined) return
  if ('BoolExpr' in node) {
    if (node.BoolExpr.boolop !== 'AND_EXPR') return
    for (const part of node.BoolExpr.args ?? []) conditions(audit, part, scope, filterable)
    return
  }
  for (const [column, trust] of equalities(audit, node, scope)) {
    if (trust === undefined || !filterable.includes(column.relation)) continue
    column.candidates.push({ needs: trust.needs, text: `${labelOf(column)} = ${trust.text}` })
  }
}

type Equality = [column: Column, value: Trust | undefined]

function equalities(audit: Audit, node: Node, scope: Scope): Equality[] {
  if ('A_Expr' in node && node.A_Expr.kind === 'AEXPR_OP' && isEquals(node.A_Expr.name)) {
    const left = rowOf(node.A_Expr.lexpr)
    const right = rowOf(node.A_Expr.rexpr)
    if (left.length !== right.length) return []
    return left.flatMap((one, place) => {
      const other = right[place]
      return other === undefined ? [] : [...equality(audit, one, other, scope), ...equality(audit, other, one, scope)]
    })
  }
  if (!('SubLink' in node)) return []
  const { subLinkType, testexpr, operName, subselect } = node.SubLink
  const is_membership = subLinkType === 'ANY_SUBLINK' || subLinkType === 'ROWCOMPARE_SUBLINK'
  if (!is_membership || (operName !== undefined && !isEquals(operName))) return []
  const outputs = audit.query(subselect, scope)
  return rowOf(testexpr).flatMap((one, place): Equality[] => {
    const column = columnIn(audit, one, scope)
    const trust = trustAt(outputs, place)
    return column === undefined ? [] : [[column, trust && { ...trust, text: `(select ${trust.text})` }]]
  })
}

function equality(audit: Audit, one: Node, other: Node, scope: Scope): Equality[] {
  const column = columnIn(audit, one, scope)
  return column === undefined ? [] : [[column, trustOf(audit, other, scope)]]
}

function isEquals(name: readonly Node[] | undefined): boolean {
  return ['=', 'pg_catalog.='].includes(namesOf(name).join('.'))
}

function rowOf(node: Node | undefined): readonly Node[] {
  if (node === undefined) return []
  return 'RowExpr' in node ? (node.RowExpr.args ?? []) : [node]
}

function columnIn(audit: Audit, node: Node, scope: Scope): Column | undefined {
  const bare = withoutUuidCast(node)
  return 'ColumnRef' in bare ? resolve(audit, scope, bare.ColumnRef.fields) : undefined
}

/** What is known of a value: a parameter or constant, a column, or a subquery's only column. */
export function trustOf(audit: Audit, node: Node, scope: Scope): Trust | undefined {
  const column = columnIn(audit, node, scope)
  if (column !== undefined) return trustInColumn(column)
  const bare = withoutUuidCast(node)
  if ('SubLink' in bare && bare.SubLink.subLinkType === 'EXPR_SUBLINK') {
    const trust = trustAt(audit.query(bare.SubLink.subselect, scope), 0)
    return trust && { ...trust, text: `(select ${trust.text})` }
  }
  return isFixed(node) ? { needs: [], text: describe(node), is_given: isGiven(node) } : undefined
}

/** Makes two columns stand for each other, as JOIN .. USING does. */
export function equate(one: Column, other: Column, filterable: readonly Relation[]): void {
  for (const [column, value] of [
    [one, other],
    [other, one],
  ] as const) {
    if (!filterable.includes(column.relation)) continue
    column.candidates.push({ needs: [value], text: `${labelOf(column)} = ${labelOf(value)}` })
  }
}

/** Audits every subquery inside expressions, wherever it stands. */
export function subqueries(audit: Audit, expressions: unknown, scope: Scope): void {
  walk(expressions, (branch) => {
    if (isRepeated(branch)) return false
    if (!('SelectStmt' in branch)) return true
    audit.query(branch as Node, scope)
    return false
  })
}
