// Finds the columns that hold one agency only: a least fixed point, also over recursive queries.
import type { Audit, Column, Occurrence } from './relations.ts'

/** Sets `proof` on each column that is shown to hold only the caller's agency. */
export function prove(audit: Audit): void {
  const broken = new Set<Column>()
  for (;;) {
    for (const column of audit.columns) column.proof = undefined
    for (const { column } of audit.assumptions) {
      if (!broken.has(column)) column.proof = { needs: [], text: '' }
    }
    derive(audit.columns)
    const failed = audit.assumptions.filter(({ column, claim }) => {
      const is_kept = claim?.needs.every((need) => need.proof !== undefined) ?? false
      return !is_kept && !broken.has(column)
    })
    if (failed.length === 0) return
    for (const { column } of failed) broken.add(column)
  }
}

/** Starts with nothing proven, so that a cycle (`a = b and b = a`) proves nothing. */
function derive(columns: readonly Column[]): void {
  let has_changed = true
  while (has_changed) {
    has_changed = false
    for (const column of columns) {
      if (column.proof !== undefined) continue
      column.proof = column.candidates.find(({ needs }) => needs.every((need) => need.proof !== undefined))
      has_changed ||= column.proof !== undefined
    }
  }
}

/** The filter of an occurrence as text; undefined when there is none. Steps through unlisted relations are included. */
export function filterOf(occurrence: Occurrence): string | undefined {
  const { proof } = occurrence.column
  if (proof === undefined) return
  return [spell(proof), ...occurrence.notes].join('; ')
}

function spell(proof: { needs: readonly Column[]; text: string }): string {
  const steps = proof.needs.flatMap((need) => {
    const is_listed = need.relation.key === need.name
    return is_listed || !need.proof?.text ? [] : [spell(need.proof)]
  })
  return steps.length === 0 ? proof.text : `${proof.text} (${[...new Set(steps)].join('; ')})`
}
