// The search of the list of guests, in its address.

export interface Search {
  readonly q?: string
  /** ISO 3166-1 alpha-2. */
  readonly country?: string
}

/** Drops what is unknown or wrong. */
export function readSearch({ q, country }: Record<string, unknown>): Search {
  return {
    ...(typeof q === 'string' && q !== '' && { q }),
    ...(typeof country === 'string' && /^[A-Z]{2}$/.test(country) && { country }),
  }
}
