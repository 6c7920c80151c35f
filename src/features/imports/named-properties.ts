// The property a file calls by name: exactly so, else in another case, else by its external id.
import sql from 'sql-template-tag'
import type { Tx } from '../../core/postgres/transaction.ts'

export interface NamedProperty {
  readonly id: string
  readonly name: string
  readonly external_id: string | null
  readonly currency: string
}

/** The property; or a sentence why there is not exactly one. */
export type Resolution = { readonly property: NamedProperty } | { readonly problem: string }

export interface NamedProperties {
  /** Looks up the names that are not known yet. */
  load(tx: Tx, names: readonly string[]): Promise<void>
  find(name: string): Resolution
  forget(): void
}

export function createNamedProperties(): NamedProperties {
  const known = new Map<string, Resolution>()
  return {
    async load(tx, names) {
      const unknown = [...new Set(names)].filter((name) => !known.has(name))
      if (unknown.length === 0) return
      const candidates = Map.groupBy(await findCandidates(tx, unknown), ({ wanted }) => wanted)
      for (const name of unknown) known.set(name, resolve(name, candidates.get(name) ?? []))
    },
    find: (name) => known.get(name) ?? { problem: 'was not looked up' },
    forget: () => known.clear(),
  }
}

interface Candidate extends NamedProperty {
  readonly wanted: string
  readonly is_named: boolean
}

async function findCandidates(tx: Tx, names: readonly string[]): Promise<Candidate[]> {
  return tx.query<Candidate>(sql`
    select w.wanted, p.id, p.name, p.external_id, p.currency, lower(btrim(p.name)) = lower(w.wanted) as is_named
    from unnest(${names}::text[]) as w(wanted)
    join properties p on p.agency_id = ${tx.agency_id} and p.deleted_at is null
      and (lower(btrim(p.name)) = lower(w.wanted) or p.external_id = w.wanted)
    order by p.id`)
}

function resolve(wanted: string, candidates: readonly Candidate[]): Resolution {
  const named = candidates.filter(({ is_named }) => is_named)
  const readings = [
    named.filter(({ name }) => name.trim() === wanted),
    named,
    candidates.filter(({ external_id }) => external_id === wanted),
  ]
  const found = readings.find((reading) => reading.length > 0)
  const [property, ...others] = found ?? []
  if (property === undefined) return { problem: 'no property has this name or external id' }
  if (others.length === 0) return { property }
  const listed = [property, ...others]
    .slice(0, 5)
    .map(({ id, name, external_id }) => `"${name}" (${external_id ?? id})`)
  return { problem: `names ${others.length + 1} properties: ${listed.join(', ')}. Rename all but one` }
}
