// What the filters of a list cost: an index serves them, or the agency's rows are scanned (docs/adr/0019).

/**
 * `indexed`: an index leads to the rows of the page, so what is read grows with the page, not with the agency.
 * `scan`: what is read grows with the agency; few run at once, and each has a small statement timeout.
 */
export type ReadCost = 'indexed' | 'scan'

/** Which filters the indexes of a list serve, in the order of the list. test/plans/filters.server.test.ts compares it with plans. */
export interface ServedFilters {
  /** Sets of filters that one index serves; an empty set is the list without filters. Any other set is scanned. */
  readonly sets: readonly (readonly string[])[]
  /** Limits of the sort key: beside any of the sets they only shorten what is read. */
  readonly ranges?: readonly string[]
  /** Filters by a unique key: with one of them a single row is looked at, whatever else is asked. */
  readonly unique?: readonly string[]
}

const page = new Set(['limit', 'cursor', 'sort'])

export function readCost({ sets, ranges = [], unique = [] }: ServedFilters, query: object): ReadCost {
  const given = Object.entries(query).filter(([name, value]) => value !== undefined && !page.has(name))
  const names = given.map(([name]) => name)
  if (names.some((name) => unique.includes(name))) return 'indexed'
  const rest = names.filter((name) => !ranges.includes(name))
  const is_served = sets.some((set) => set.length === rest.length && set.every((name) => rest.includes(name)))
  return is_served ? 'indexed' : 'scan'
}
