// Which parts of a condition filter a table: equalities combined with AND.
import type { Node } from 'libpg-query'
import {
  type Audit,
  type Column,
  labelOf,
  type Provenance,
  provenanceAt,
  provenanceOfColumn,
  type Relation,
  resolve,
  type Scope,
} from './relations.ts'
import { describe, isFixed, isGiven, isRepeated, namesOf, walk, withoutUuidCast } from './tree.ts'

/** The parts of a WHERE or ON that filter one of the `filterable` relations. */
export function conditions(audit: Audit, node: Node | undefined, scope: Scope, filterable: readonly Relation[]): void {
  if (node === undefined) return
  if ('BoolExpr' in node) {
    if (node.BoolExpr.boolop !== 'AND_EXPR') return
    for (const part of node.BoolExpr.args ?? []) conditions(audit, part, scope, filterable)
    return
  }
  for (const [column, provenance] of equalities(audit, node, scope)) {
    if (provenance === undefined || !filterable.includes(column.relation)) continue
    column.candidates.push({ needs: provenance.needs, text: `${labelOf(column)} = ${provenance.text}` })
  }
}

type Equality = [column: Column, value: Provenance | undefined]

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
    const provenance = provenanceAt(outputs, place)
    return column === undefined ? [] : [[column, provenance && { ...provenance, text: `(select ${provenance.text})` }]]
  })
}

function equality(audit: Audit, one: Node, other: Node, scope: Scope): Equality[] {
  const column = columnIn(audit, one, scope)
  return column === undefined ? [] : [[column, provenanceOf(audit, other, scope)]]
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

/** What is known about a value: a parameter or constant, a column, or the only column of a subquery. */
export function provenanceOf(audit: Audit, node: Node, scope: Scope): Provenance | undefined {
  const column = columnIn(audit, node, scope)
  if (column !== undefined) return provenanceOfColumn(column)
  const bare = withoutUuidCast(node)
  if ('SubLink' in bare && bare.SubLink.subLinkType === 'EXPR_SUBLINK') {
    const provenance = provenanceAt(audit.query(bare.SubLink.subselect, scope), 0)
    return provenance && { ...provenance, text: `(select ${provenance.text})` }
  }
  return isFixed(node) ? { needs: [], text: describe(node), is_given: isGiven(node) } : undefined
}

/** Makes two columns equivalent, as JOIN .. USING does. */
export function equate(one: Column, other: Column, filterable: readonly Relation[]): void {
  for (const [column, value] of [
    [one, other],
    [other, one],
  ] as const) {
    if (!filterable.includes(column.relation)) continue
    column.candidates.push({ needs: [value], text: `${labelOf(column)} = ${labelOf(value)}` })
  }
}

/** Audits every subquery inside an expression. */
export function subqueries(audit: Audit, expressions: unknown, scope: Scope): void {
  walk(expressions, (branch) => {
    if (isRepeated(branch)) return false
    if (!('SelectStmt' in branch)) return true
    audit.query(branch as Node, scope)
    return false
  })
}
