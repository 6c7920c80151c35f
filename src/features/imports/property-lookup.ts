// Finds the property that a file names: by name, by name in another case, or by external id.
import sql from 'sql-template-tag'
import type { Tx } from '../../core/postgres/transaction.ts'

interface FoundProperty {
  readonly id: string
  readonly name: string
  readonly external_id: string | null
  readonly currency: string
}

/** The property, or why there is not exactly one. */
export type LookupResult = { readonly property: FoundProperty } | { readonly problem: string }

export interface PropertyLookup {
  /** Queries the names that are not cached. */
  load(tx: Tx, names: readonly string[]): Promise<void>
  /** The result for a name that was loaded. */
  find(name: string): LookupResult
  /** Empties the cache. */
  reset(): void
}

export function createPropertyLookup(): PropertyLookup {
  const cache = new Map<string, LookupResult>()
  return {
    async load(tx, names) {
      const missing = [...new Set(names)].filter((name) => !cache.has(name))
      if (missing.length === 0) return
      const candidates = Map.groupBy(await findCandidates(tx, missing), ({ listing }) => listing)
      for (const name of missing) cache.set(name, chooseCandidate(name, candidates.get(name) ?? []))
    },
    find: (name) => cache.get(name) ?? { problem: 'was not looked up' },
    reset: () => cache.clear(),
  }
}

interface Candidate extends FoundProperty {
  /** As the file names it. */
  readonly listing: string
  readonly has_name: boolean
}

async function findCandidates(tx: Tx, names: readonly string[]): Promise<Candidate[]> {
  return tx.query<Candidate>(sql`
    select l.listing, p.id, p.name, p.external_id, p.currency, lower(btrim(p.name)) = lower(l.listing) as has_name
    from unnest(${names}::text[]) as l(listing)
    join properties p on p.agency_id = ${tx.agency_id} and p.deleted_at is null
      and (lower(btrim(p.name)) = lower(l.listing) or p.external_id = l.listing)
    order by p.id`)
}

/** The first rule with a match decides; several matches are a problem. */
function chooseCandidate(listing: string, candidates: readonly Candidate[]): LookupResult {
  const with_name = candidates.filter(({ has_name }) => has_name)
  const rules = [
    with_name.filter(({ name }) => name.trim() === listing),
    with_name,
    candidates.filter(({ external_id }) => external_id === listing),
  ]
  const matches = rules.find((found) => found.length > 0) ?? []
  const [property] = matches
  if (property === undefined) return { problem: 'no property has this name or external id' }
  if (matches.length === 1) return { property }
  const names = matches.slice(0, 5).map(({ id, name, external_id }) => `"${name}" (${external_id ?? id})`)
  return { problem: `names ${matches.length} properties: ${names.join(', ')}. Rename all but one` }
}
