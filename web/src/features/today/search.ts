// The day of the page, in its address.

export interface Search {
  /** Another day than today: `2027-06-14`. */
  readonly day?: string
}

/** Drops what is unknown or wrong, so that an old link still opens. */
export function readSearch({ day }: Record<string, unknown>): Search {
  return typeof day === 'string' && /^[12]\d{3}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day)) ? { day } : {}
}
