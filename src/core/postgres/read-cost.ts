// The read cost of a list's filters: an index, or a scan of the agency's rows (docs/adr/0019).

/**
 * `indexed`: the rows read grow with the page, not with the agency.
 * `scan`: the rows read grow with the agency. Few scans run at once, each with a short statement timeout.
 */
export type ReadCost = 'indexed' | 'scan'

/** The filters that indexes support, in the order of the list. test/plans/filters.server.test.ts compares them with plans. */
export interface IndexedFilters {
  /** Sets of filters that one index supports; the empty set is the list without filters. Other sets are scans. */
  readonly sets: readonly (readonly string[])[]
  /** Ranges of the sort key. Together with one of the sets they only reduce the rows that are read. */
  readonly ranges?: readonly string[]
  /** Filters by a unique key: with one of them a single row is read, whatever the other filters are. */
  readonly unique?: readonly string[]
}

const page_parameters = new Set(['limit', 'cursor', 'sort'])

export function readCost({ sets, ranges = [], unique = [] }: IndexedFilters, query: object): ReadCost {
  const given = Object.entries(query).filter(([name, value]) => value !== undefined && !page_parameters.has(name))
  const names = given.map(([name]) => name)
  if (names.some((name) => unique.includes(name))) return 'indexed'
  const rest = names.filter((name) => !ranges.includes(name))
  const is_indexed = sets.some((set) => set.length === rest.length && set.every((name) => rest.includes(name)))
  return is_indexed ? 'indexed' : 'scan'
}
