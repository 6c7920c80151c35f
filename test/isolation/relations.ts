// The audit's model of a statement: tables, visible columns, and columns proven to hold one agency.
import type { Node } from 'libpg-query'
import { namesOf } from './tree.ts'

/** Why a value belongs to the caller's agency: proven when `needs` is empty or all of `needs` are proven. */
export interface Provenance {
  readonly needs: readonly Column[]
  readonly text: string
  /** Passed by the caller or read from a row, not computed by the statement. Inserts require it. */
  readonly is_given: boolean
}

export interface Column {
  readonly relation: Relation
  readonly name: string
  readonly candidates: { needs: readonly Column[]; text: string }[]
  proof: { needs: readonly Column[]; text: string } | undefined
}

/** An output column of a query, or a star for all visible columns. */
export type Output = { readonly name: string; readonly provenance: Provenance | undefined } | { readonly star: Visible }

/** One FROM item: a tenant table (`key`), a query (`outputs`), or an unknown relation. */
export interface Relation {
  readonly alias: string
  readonly key?: string | undefined
  readonly outputs?: readonly Output[] | undefined
  readonly columns: Map<string, Column>
  is_nullable: boolean
}

/** Columns merged by JOIN .. USING; the representative is the side that is never null-extended. */
export interface Merge {
  readonly name: string
  readonly members: readonly Relation[]
  readonly representative: Column | undefined
}

export interface Visible {
  readonly relations: readonly Relation[]
  readonly merges: readonly Merge[]
}

/** One query level and its outer levels. */
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
  /** The table nodes that were audited. Any other table node of the tree is a problem. */
  readonly visited: Set<unknown>
  /** A recursive query may assume about itself what its arms preserve: induction over the iterations. */
  readonly assumptions: { column: Column; claim: Provenance | undefined }[]
  /** Audits a SELECT, INSERT, UPDATE or DELETE once and returns its output columns. */
  query(node: Node | undefined, scope: Scope, onLeft?: (left: readonly Output[]) => void): readonly Output[]
}

export function relationOf(alias: string, known: Pick<Relation, 'key' | 'outputs'> = {}): Relation {
  return { alias, ...known, columns: new Map(), is_nullable: false }
}

/** An output list about which nothing is known. */
export function unknownOutputs(): readonly Output[] {
  return [{ star: { relations: [relationOf('')], merges: [] } }]
}

export function labelOf(column: Column): string {
  return column.relation.alias === '' ? column.name : `${column.relation.alias}.${column.name}`
}

/** The column's node in the proof. The node of a query's output starts with the proof of that output. */
export function columnOf(audit: Audit, relation: Relation, name: string): Column {
  const known = relation.columns.get(name)
  if (known !== undefined) return known
  const column: Column = { relation, name, candidates: [], proof: undefined }
  relation.columns.set(name, column)
  audit.columns.push(column)
  const provenance = relation.outputs && provenanceOfOutput(audit, relation.outputs, name)
  if (provenance !== undefined)
    column.candidates.push({ needs: provenance.needs, text: `${labelOf(column)} is ${provenance.text}` })
  return column
}

function provenanceOfOutput(audit: Audit, outputs: readonly Output[], name: string): Provenance | undefined {
  const found = outputs.flatMap((output): (Provenance | undefined)[] => {
    if (!('star' in output)) return output.name === name ? [output.provenance] : []
    const column = unqualified(audit, output.star, name)
    return typeof column === 'object' ? [provenanceOfColumn(column)] : []
  })
  return found.length === 1 ? found[0] : undefined
}

export function provenanceOfColumn(column: Column): Provenance {
  return { needs: [column], text: labelOf(column), is_given: true }
}

/** A value that is one of several: belongs to the agency only if each of them does. */
function provenanceOfAll(all: readonly (Provenance | undefined)[]): Provenance | undefined {
  const known = all.filter((provenance) => provenance !== undefined)
  if (known.length < all.length || known.length === 0) return
  return {
    needs: known.flatMap((provenance) => provenance.needs),
    text: [...new Set(known.map((provenance) => provenance.text))].join(' or '),
    is_given: known.every((provenance) => provenance.is_given),
  }
}

/** The columns of UNION, INTERSECT, EXCEPT and VALUES by position, with the first arm's names. */
export function combine(arms: readonly (readonly Output[])[]): readonly Output[] {
  const [first = []] = arms
  if (arms.some((arm) => arm.length !== first.length || arm.some((output) => 'star' in output))) return unknownOutputs()
  return first.map((output, place) => ({
    name: 'name' in output ? output.name : '',
    provenance: provenanceOfAll(arms.map((arm) => provenanceAt(arm, place))),
  }))
}

/** The proof of the output at a position; none after a star, whose width is unknown. */
export function provenanceAt(outputs: readonly Output[], place: number): Provenance | undefined {
  if (outputs.slice(0, place + 1).some((output) => 'star' in output)) return
  const output = outputs[place]
  return output !== undefined && 'provenance' in output ? output.provenance : undefined
}

/** Output columns with the names of `alias (a, b)`. */
export function renamed(outputs: readonly Output[], names: readonly string[]): readonly Output[] {
  if (names.length === 0) return outputs
  if (outputs.slice(0, names.length).some((output) => 'star' in output)) return unknownOutputs()
  return outputs.map((output, place) =>
    'star' in output ? output : { name: names[place] ?? output.name, provenance: output.provenance },
  )
}

/** The column of a reference, innermost level first; undefined when it is ambiguous. */
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

/** A bare name at one level: a relation that certainly has it wins; if one may have it, nothing is assumed. */
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
