// SELECT, VALUES, WITH and FROM: the relations of a query level, their filters, and its output.
import type { Alias, JoinExpr, Node, RangeVar, SelectStmt, WithClause } from 'libpg-query'
import { conditions, equate, provenanceOf, subqueries } from './conditions.ts'
import {
  type Audit,
  type Column,
  columnOf,
  combine,
  knows,
  type Merge,
  type Output,
  type Relation,
  relationOf,
  renamed,
  type Scope,
  unknownOutputs,
  unqualified,
} from './relations.ts'
import { nameOf, namesOf, outputName, tableName } from './tree.ts'

/** FROM items, and those that a condition of an outer level can filter: not the nullable side of an outer join. */
export interface Part {
  readonly relations: readonly Relation[]
  readonly filterable: readonly Relation[]
  readonly merges: readonly Merge[]
}

const nothing: Part = { relations: [], filterable: [], merges: [] }

export function select(
  audit: Audit,
  statement: SelectStmt,
  parent: Scope,
  onLeft?: (left: readonly Output[]) => void,
): readonly Output[] {
  const scope = withQueries(audit, statement.withClause, parent)
  const { larg, rarg, valuesLists, sortClause, limitCount, limitOffset } = statement
  if (larg !== undefined && rarg !== undefined) {
    const left = select(audit, larg, scope)
    onLeft?.(left)
    const right = select(audit, rarg, scope)
    subqueries(audit, [sortClause, limitCount, limitOffset], scope)
    return combine([left, right])
  }
  if (valuesLists !== undefined) {
    subqueries(audit, [valuesLists, sortClause, limitCount, limitOffset], scope)
    return combine(valuesLists.map((row) => valuesOf(audit, row, scope)))
  }
  const level = fromItems(audit, statement.fromClause, scope)
  const inside = { ...level, parent: scope }
  conditions(audit, statement.whereClause, inside, level.filterable)
  // FOR UPDATE OF names aliases, not tables.
  const { fromClause, withClause, lockingClause, intoClause, ...expressions } = statement
  subqueries(audit, expressions, inside)
  return outputsOf(audit, statement.targetList, inside)
}

function valuesOf(audit: Audit, row: Node, scope: Scope): Output[] {
  const items = 'List' in row ? (row.List.items ?? []) : []
  return items.map((item, place) => ({ name: `column${place + 1}`, provenance: provenanceOf(audit, item, scope) }))
}

/** The columns of a target list or RETURNING. */
export function outputsOf(audit: Audit, targets: readonly Node[] | undefined, scope: Scope): readonly Output[] {
  return (targets ?? []).map((target): Output => {
    if (!('ResTarget' in target) || target.ResTarget.val === undefined) return { name: '', provenance: undefined }
    const { name, val } = target.ResTarget
    const fields = 'ColumnRef' in val ? (val.ColumnRef.fields ?? []) : []
    const last = fields.at(-1)
    if (last === undefined || !('A_Star' in last)) {
      return { name: name ?? outputName(val), provenance: provenanceOf(audit, val, scope) }
    }
    if (fields.length === 1) return { star: { relations: scope.relations, merges: scope.merges } }
    const relation = scope.relations.find(({ alias }) => alias === nameOf(fields.at(-2)))
    return relation === undefined
      ? { name: '', provenance: undefined }
      : { star: { relations: [relation], merges: [] } }
  })
}

/** The level of a WITH clause: each query sees the earlier ones, and itself when recursive. */
export function withQueries(audit: Audit, clause: WithClause | undefined, parent: Scope): Scope {
  const ctes = new Map<string, readonly Output[]>()
  const scope: Scope = { relations: [], merges: [], ctes, parent }
  const queries = (clause?.ctes ?? []).flatMap((node) => ('CommonTableExpr' in node ? [node.CommonTableExpr] : []))
  if (clause?.recursive) for (const { ctename = '' } of queries) ctes.set(ctename, unknownOutputs())
  for (const { ctename = '', ctequery, aliascolnames } of queries) {
    const names = namesOf(aliascolnames)
    let promises: Column[] = []
    const outputs = audit.query(ctequery, scope, (left) => {
      if (!clause?.recursive) return
      const promised = promise(audit, ctename, renamed(left, names))
      promises = promised.columns
      ctes.set(ctename, promised.outputs)
    })
    ctes.set(ctename, renamed(outputs, names))
    for (const [place, column] of promises.entries()) {
      const output = outputs[place]
      const claim = output !== undefined && 'provenance' in output ? output.provenance : undefined
      audit.assumptions.push({ column, claim })
    }
  }
  return scope
}

/** What a recursive query may assume about itself in its second arm; proof.ts verifies it. */
function promise(audit: Audit, alias: string, left: readonly Output[]) {
  if (left.some((output) => 'star' in output)) return { columns: [], outputs: unknownOutputs() }
  const relation = relationOf(alias)
  const columns = left.map((output) => columnOf(audit, relation, 'name' in output ? output.name : ''))
  const text = `the rows ${alias} already has`
  return {
    columns,
    outputs: columns.map((column) => ({ name: column.name, provenance: { needs: [column], text, is_given: true } })),
  }
}

/** The relations of a FROM clause from left to right, in addition to the target of a change. */
export function fromItems(
  audit: Audit,
  items: readonly Node[] | undefined,
  parent: Scope,
  target: Part = nothing,
): Part {
  let before = target
  for (const item of items ?? []) {
    const { relations, merges } = before
    before = beside(before, fromItem(audit, item, { relations, merges, parent }, parent))
  }
  return before
}

function beside(one: Part, other: Part): Part {
  return {
    relations: [...one.relations, ...other.relations],
    filterable: [...one.filterable, ...other.filterable],
    merges: [...one.merges, ...other.merges],
  }
}

/** `lateral` is what LATERAL and function arguments see: the items to the left. */
function fromItem(audit: Audit, item: Node, lateral: Scope, parent: Scope): Part {
  if ('JoinExpr' in item) return join(audit, item.JoinExpr, lateral, parent)
  if ('RangeVar' in item) return alone(tableOf(audit, item.RangeVar, parent))
  if ('RangeSubselect' in item) {
    const { subquery, alias } = item.RangeSubselect
    const outputs = audit.query(subquery, item.RangeSubselect.lateral ? lateral : parent)
    return alone(relationOf(alias?.aliasname ?? '', { outputs: renamed(outputs, namesOf(alias?.colnames)) }))
  }
  if ('RangeTableSample' in item && item.RangeTableSample.relation !== undefined) {
    subqueries(audit, item.RangeTableSample.args, lateral)
    return fromItem(audit, item.RangeTableSample.relation, lateral, parent)
  }
  // Functions: the rows of a parameter are many values, so they prove nothing about one agency.
  subqueries(audit, item, lateral)
  const [inner] = Object.values(item) as [{ alias?: Alias }]
  return alone(relationOf(inner.alias?.aliasname ?? ''))
}

function alone(relation: Relation): Part {
  return { relations: [relation], filterable: [relation], merges: [] }
}

function tableOf(audit: Audit, table: RangeVar, scope: Scope): Relation {
  const cte = table.schemaname === undefined ? findQuery(scope, table.relname ?? '') : undefined
  if (cte === undefined) return tenantTable(audit, table, 'compare it with a parameter or a filtered agency')
  audit.visited.add(table)
  const outputs = renamed(cte, namesOf(table.alias?.colnames))
  return relationOf(table.alias?.aliasname ?? table.relname ?? '', { outputs })
}

function findQuery(scope: Scope, name: string): readonly Output[] | undefined {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    const found = level.ctes?.get(name)
    if (found !== undefined) return found
  }
  return
}

/** A table by name. A tenant table is recorded as an occurrence that needs a filter. */
export function tenantTable(audit: Audit, table: RangeVar, advice: string): Relation {
  audit.visited.add(table)
  const name = tableName(table)
  const alias = table.alias?.aliasname ?? table.relname ?? ''
  const key = audit.keyColumns.get(name)
  const has_new_names = (table.alias?.colnames?.length ?? 0) > 0
  if (key === undefined) return relationOf(alias)
  const relation = relationOf(alias, { key })
  if (has_new_names) audit.problems.add(`${name} as ${alias} renames its columns: leave the names as they are`)
  audit.occurrences.push({ table: name, column: columnOf(audit, relation, key), advice, notes: [] })
  return relation
}

function join(audit: Audit, item: JoinExpr, lateral: Scope, parent: Scope): Part {
  if (item.larg === undefined || item.rarg === undefined) return nothing
  const left = fromItem(audit, item.larg, lateral, parent)
  const right = fromItem(audit, item.rarg, { ...beside({ ...lateral, filterable: [] }, left), parent }, parent)
  const { relations, merges } = beside(left, right)
  const { kept, matched } = sidesOf(item, left, right)
  for (const relation of relations) relation.is_nullable ||= !kept.includes(relation)
  const merged = namesOf(item.usingClause).map((name) => mergeOf(audit, item, name, left, right, matched))
  const inside: Scope = { relations, merges: [...merges, ...merged], parent }
  conditions(audit, item.quals, inside, matched)
  subqueries(audit, item.quals, inside)
  return { relations, filterable: kept, merges: inside.merges }
}

/** `kept`: what outer conditions can filter. `matched`: what the join's own condition filters. */
function sidesOf(item: JoinExpr, left: Part, right: Part) {
  if (item.jointype === 'JOIN_LEFT') return { kept: left.filterable, matched: right.filterable }
  if (item.jointype === 'JOIN_RIGHT') return { kept: right.filterable, matched: left.filterable }
  const both = item.jointype === 'JOIN_INNER' ? beside(left, right).filterable : []
  return { kept: both, matched: both }
}

function mergeOf(
  audit: Audit,
  item: JoinExpr,
  name: string,
  left: Part,
  right: Part,
  matched: readonly Relation[],
): Merge {
  const [one, other] = [left, right].map((side) => mergedColumn(audit, side, name))
  if (one !== undefined && other !== undefined) equate(one, other, matched)
  const members = beside(left, right).relations.filter((relation) => knows(relation, name) !== 'no')
  const inner = item.jointype === 'JOIN_RIGHT' ? other : one
  return { name, members, representative: item.jointype === 'JOIN_FULL' ? undefined : inner }
}

/** USING guarantees that each side has the column, so a side with one table means that table. */
function mergedColumn(audit: Audit, side: Part, name: string): Column | undefined {
  const column = unqualified(audit, side, name)
  if (typeof column === 'object') return column
  const [only, ...others] = side.relations
  return only === undefined || others.length > 0 ? undefined : columnOf(audit, only, name)
}
