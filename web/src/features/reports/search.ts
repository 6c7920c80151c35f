// The range and the grouping of the report, in the address.
export const groupings = ['month', 'property', 'city', 'source'] as const
export type Grouping = (typeof groupings)[number]

export interface Search {
  /** The first day, and the day after the last one. This year by default. */
  readonly from?: string
  readonly to?: string
  readonly by?: Grouping
}

const isDate = (text: unknown): text is string => typeof text === 'string' && /^[12]\d{3}-\d\d-\d\d$/.test(text)

/** Drops what is unknown or wrong. */
export function readSearch({ from, to, by }: Record<string, unknown>): Search {
  return {
    ...(isDate(from) && isDate(to) && from < to && { from, to }),
    ...(groupings.includes(by as Grouping) && { by: by as Grouping }),
  }
}
