// INSERT, UPDATE and DELETE: which rows they change, and that no row gets another agency_id.
import type { DeleteStmt, InsertStmt, Node, OnConflictClause, UpdateStmt } from 'libpg-query'
import { conditions, subqueries } from './conditions.ts'
import { fromItems, outputsOf, type Part, tenantTable, withQueries } from './queries.ts'
import {
  type Audit,
  columnOf,
  type Output,
  provenanceAt,
  provenanceOfColumn,
  type Relation,
  relationOf,
  type Scope,
  unknownOutputs,
} from './relations.ts'

const compare = 'compare it with a parameter or a filtered agency'

export function update(audit: Audit, statement: UpdateStmt, parent: Scope): readonly Output[] {
  const { relation, targetList, fromClause, whereClause, returningClause } = statement
  const scope = withQueries(audit, statement.withClause, parent)
  const target = targetOf(audit, relation, compare)
  keepsAgency(audit, target.relations[0], targetList)
  const level = { ...fromItems(audit, fromClause, scope, target), parent: scope }
  conditions(audit, whereClause, level, level.filterable)
  subqueries(audit, [targetList, whereClause, returningClause], level)
  return outputsOf(audit, returningClause?.exprs, level)
}

export function remove(audit: Audit, statement: DeleteStmt, parent: Scope): readonly Output[] {
  const { relation, usingClause, whereClause, returningClause } = statement
  const scope = withQueries(audit, statement.withClause, parent)
  const level = { ...fromItems(audit, usingClause, scope, targetOf(audit, relation, compare)), parent: scope }
  conditions(audit, whereClause, level, level.filterable)
  subqueries(audit, [whereClause, returningClause], level)
  return outputsOf(audit, returningClause?.exprs, level)
}

export function insert(audit: Audit, statement: InsertStmt, parent: Scope): readonly Output[] {
  const { relation, cols, selectStmt, onConflictClause, returningClause } = statement
  const scope = withQueries(audit, statement.withClause, parent)
  const advice = 'name it among the inserted columns and give it a parameter or the agency of a filtered row'
  const target = targetOf(audit, relation, advice)
  const [table] = target.relations
  const rows = selectStmt === undefined ? [] : audit.query(selectStmt, scope)
  const place = (cols ?? []).findIndex((column) => 'ResTarget' in column && column.ResTarget.name === table?.key)
  const provenance = provenanceAt(rows, place)
  if (table?.key !== undefined && provenance?.is_given) {
    const text = `${table.key} := ${provenance.text}`
    columnOf(audit, table, table.key).candidates.push({ needs: provenance.needs, text })
  }
  if (onConflictClause !== undefined && table !== undefined) conflict(audit, onConflictClause, target, table, scope)
  const level = { ...target, parent: scope }
  subqueries(audit, returningClause, level)
  return outputsOf(audit, returningClause?.exprs, level)
}

/** ON CONFLICT only matches rows of the same agency if the index it infers contains the agency. */
function conflict(audit: Audit, clause: OnConflictClause, target: Part, table: Relation, scope: Scope): void {
  const { infer, targetList, whereClause } = clause
  const { key } = table
  if (key !== undefined) {
    const names = (infer?.indexElems ?? []).map((element) => ('IndexElem' in element ? element.IndexElem.name : ''))
    const occurrence = audit.occurrences.find(({ column }) => column.relation === table)
    if (infer?.conname !== undefined) occurrence?.notes.push(`on conflict on constraint ${infer.conname}`)
    else if (!names.includes(key)) audit.problems.add(`on conflict must name ${key} in its target (${table.alias})`)
    keepsAgency(audit, table, targetList)
  }
  const excluded: Relation = relationOf('excluded', {
    outputs:
      key === undefined
        ? unknownOutputs()
        : [{ name: key, provenance: provenanceOfColumn(columnOf(audit, table, key)) }, ...unknownOutputs()],
  })
  // A bare column name means the target. `excluded` must be written, so it is in the outer level.
  const around: Scope = { relations: [excluded], merges: [], parent: scope }
  subqueries(audit, [infer, targetList, whereClause], { ...target, parent: around })
}

function targetOf(audit: Audit, relation: InsertStmt['relation'], advice: string): Part {
  // The target of a change is never a CTE, whatever its name.
  const target = relation === undefined ? relationOf('') : tenantTable(audit, relation, advice)
  return { relations: [target], filterable: [target], merges: [] }
}

function keepsAgency(audit: Audit, table: Relation | undefined, assignments: readonly Node[] | undefined): void {
  for (const assignment of assignments ?? []) {
    if (!('ResTarget' in assignment) || table?.key === undefined || assignment.ResTarget.name !== table.key) continue
    audit.problems.add(`${table.alias} sets ${table.key}: a row never moves to another agency`)
  }
}
