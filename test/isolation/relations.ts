// What the audit knows of a statement: its tables, which columns are visible where, and which are proven to hold one agency.
import type { Node } from 'libpg-query'
import { namesOf } from './tree.ts'

/** Why a value is of the caller's agency: nothing further to show, or it holds once all of `needs` are proven. */
export interface Trust {
  readonly needs: readonly Column[]
  readonly text: string
  /** Handed in by the caller or taken from a row, not made up by the statement; an insert demands it. */
  readonly is_given: boolean
}

export interface Column {
  readonly relation: Relation
  readonly name: string
  readonly candidates: { needs: readonly Column[]; text: string }[]
  proof: { needs: readonly Column[]; text: string } | undefined
}

/** An output column of a query, or a star: everything that is visible there. */
export type Output = { readonly name: string; readonly trust: Trust | undefined } | { readonly star: Visible }

/** One FROM item: a tenant table (`key`), a query (`outputs`), or something nothing is known of. */
export interface Relation {
  readonly alias: string
  readonly key?: string | undefined
  readonly outputs?: readonly Output[] | undefined
  readonly columns: Map<string, Column>
  is_nullable: boolean
}

/** Columns that JOIN .. USING made one; the representative is the side that is never null-extended. */
export interface Merge {
  readonly name: string
  readonly members: readonly Relation[]
  readonly representative: Column | undefined
}

export interface Visible {
  readonly relations: readonly Relation[]
  readonly merges: readonly Merge[]
}

/** One query level and the levels around it. */
export interface Scope extends Visible {
  readonly ctes?: Map<string, readonly Output[]>
  readonly parent?: Scope | undefined
}

export interface Occurrence {
  readonly table: string
  readonly column: Column
  readonly advice: string
  readonly notes: string[]
}

export interface Audit {
  readonly keyColumns: ReadonlyMap<string, string>
  readonly columns: Column[]
  readonly occurrences: Occurrence[]
  readonly problems: Set<string>
  /** The table nodes that were looked at; whatever the tree holds beyond them is a problem. */
  readonly visited: Set<unknown>
  /** A recursive query may assume of itself what its arms then keep: induction over the rounds. */
  readonly assumptions: { column: Column; claim: Trust | undefined }[]
  /** Audits a SELECT, INSERT, UPDATE or DELETE once and tells its output columns. */
  query(node: Node | undefined, scope: Scope, onLeft?: (left: readonly Output[]) => void): readonly Output[]
}

export function relationOf(alias: string, known: Pick<Relation, 'key' | 'outputs'> = {}): Relation {
  return { alias, ...known, columns: new Map(), is_nullable: false }
}

/** An output list of which nothing is known, for whatever cannot be followed. */
export function unknownOutputs(): readonly Output[] {
  return [{ star: { relations: [relationOf('')], merges: [] } }]
}

export function labelOf(column: Column): string {
  return column.relation.alias === '' ? column.name : `${column.relation.alias}.${column.name}`
}

/** The column's place in the proof; that of a query's output starts with what the query says of it. */
export function columnOf(audit: Audit, relation: Relation, name: string): Column {
  const known = relation.columns.get(name)
  if (known !== undefined) return known
  const column: Column = { relation, name, candidates: [], proof: undefined }
  relation.columns.set(name, column)
  audit.columns.push(column)
  const trust = relation.outputs && trustOfOutput(audit, relation.outputs, name)
  if (trust !== undefined) column.candidates.push({ needs: trust.needs, text: `${labelOf(column)} is ${trust.text}` })
  return column
}

function trustOfOutput(audit: Audit, outputs: readonly Output[], name: string): Trust | undefined {
  const found = outputs.flatMap((output): (Trust | undefined)[] => {
    if (!('star' in output)) return output.name === name ? [output.trust] : []
    const column = unqualified(audit, output.star, name)
    return typeof column === 'object' ? [trustInColumn(column)] : []
  })
  return found.length === 1 ? found[0] : undefined
}

export function trustInColumn(column: Column): Trust {
  return { needs: [column], text: labelOf(column), is_given: true }
}

/** A value that is one of several: of the agency only if each of them is. */
export function trustInAll(all: readonly (Trust | undefined)[]): Trust | undefined {
  const known = all.filter((trust) => trust !== undefined)
  if (known.length < all.length || known.length === 0) return
  return {
    needs: known.flatMap((trust) => trust.needs),
    text: [...new Set(known.map((trust) => trust.text))].join(' or '),
    is_given: known.every((trust) => trust.is_given),
  }
}

/** The columns of UNION, INTERSECT, EXCEPT and VALUES: place by place, under the first arm's names. */
export function combine(arms: readonly (readonly Output[])[]): readonly Output[] {
  const [first = []] = arms
  if (arms.some((arm) => arm.length !== first.length || arm.some((output) => 'star' in output))) return unknownOutputs()
  return first.map((output, place) => ({
    name: 'name' in output ? output.name : '',
    trust: trustInAll(arms.map((arm) => trustAt(arm, place))),
  }))
}

/** The trust in the output at a place; none once a star stands before it, for its width is unknown. */
export function trustAt(outputs: readonly Output[], place: number): Trust | undefined {
  if (outputs.slice(0, place + 1).some((output) => 'star' in output)) return
  const output = outputs[place]
  return output !== undefined && 'trust' in output ? output.trust : undefined
}

/** Output columns under the names of `alias (a, b)`. */
export function renamed(outputs: readonly Output[], names: readonly string[]): readonly Output[] {
  if (names.length === 0) return outputs
  if (outputs.slice(0, names.length).some((output) => 'star' in output)) return unknownOutputs()
  return outputs.map((output, place) =>
    'star' in output ? output : { name: names[place] ?? output.name, trust: output.trust },
  )
}

/** The column a reference means, innermost level first; undefined when that cannot be told. */
export function resolve(audit: Audit, scope: Scope, fields: readonly Node[] | undefined): Column | undefined {
  const [name = '', alias] = namesOf(fields).reverse()
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    if (alias === undefined) {
      const found = unqualified(audit, level, name)
      if (found === 'unknown') return
      if (found !== 'elsewhere') return found
    } else {
      const relation = level.relations.find((candidate) => candidate.alias === alias)
      if (relation !== undefined) return columnOf(audit, relation, name)
    }
  }
  return
}

/** A bare name at one level: a relation that surely has it wins; where one merely may have it, nothing is assumed. */
export function unqualified(audit: Audit, level: Visible, name: string): Column | 'unknown' | 'elsewhere' {
  const owners = level.relations.filter((relation) => knows(relation, name) === 'yes')
  const [owner] = owners
  if (owner === undefined) {
    return level.relations.some((relation) => knows(relation, name) === 'maybe') ? 'unknown' : 'elsewhere'
  }
  const merge = level.merges.findLast(
    (candidate) => candidate.name === name && owners.every((relation) => candidate.members.includes(relation)),
  )
  if (merge !== undefined) return merge.representative ?? 'unknown'
  if (owners.length === 1) return columnOf(audit, owner, name)
  const aliases = owners.map((relation) => relation.alias).join(', ')
  audit.problems.add(`${name} is ambiguous here (${aliases}): name the table it belongs to`)
  return 'unknown'
}

export function knows(relation: Relation, name: string): 'yes' | 'maybe' | 'no' {
  if (relation.key === name) return 'yes'
  if (relation.outputs === undefined) return 'maybe'
  const answers = relation.outputs.flatMap((output) => {
    if ('star' in output) return output.star.relations.map((inner) => knows(inner, name))
    return output.name === name ? ['yes' as const] : []
  })
  if (answers.includes('yes')) return 'yes'
  return answers.includes('maybe') ? 'maybe' : 'no'
}
