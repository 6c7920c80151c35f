// The kind, the range and the grouping of the report, in the address.
export const groupings = ['month', 'property', 'city', 'source', 'country'] as const
export type Grouping = (typeof groupings)[number]

/** What the plot shows. */
const measures = ['occupancy', 'arrivals', 'nights', 'revenue'] as const
export type Measure = (typeof measures)[number]

export const max_range_days = 400

export interface Search {
  /** The booking pace; without it the figures of a range. */
  readonly show?: 'pace'
  /** The first day, and the day after the last one. This year by default. */
  readonly from?: string
  readonly to?: string
  readonly by?: Grouping
  readonly plot?: Measure
}

const isDate = (text: unknown): text is string => typeof text === 'string' && /^[12]\d{3}-\d\d-\d\d$/.test(text)

/** Drops what is unknown or wrong. */
export function readSearch({ show, from, to, by, plot }: Record<string, unknown>): Search {
  return {
    ...(show === 'pace' && { show }),
    ...(isDate(from) && isDate(to) && from < to && { from, to }),
    ...(groupings.includes(by as Grouping) && { by: by as Grouping }),
    ...(measures.includes(plot as Measure) && { plot: plot as Measure }),
  }
}

/** The range of the address, or this year. */
export function rangeOf({ from, to }: Search, this_year: number): { readonly from: string; readonly to: string } {
  if (from !== undefined && to !== undefined) return { from, to }
  return { from: `${this_year}-01-01`, to: `${this_year + 1}-01-01` }
}
