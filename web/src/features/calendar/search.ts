// The state of the page that is in its address.
export type Search = Readonly<Record<string, never>>

/** Drops what is unknown or wrong, so that an old link still opens. */
export function readSearch(_given: Record<string, unknown>): Search {
  return {}
}
