// The search of the list of homes, in its address.

export interface Search {
  readonly q?: string
}

/** Drops what is unknown or wrong. */
export function readSearch({ q }: Record<string, unknown>): Search {
  return typeof q === 'string' && q !== '' ? { q } : {}
}
