// The filters of the audit log, in the address.

const names = ['entity_type', 'entity_id', 'actor_id', 'action', 'request_id', 'from', 'to'] as const

/** `from` and `to` are the first and the last day in the time zone of the browser; the others are those of the API. */
export type Search = { readonly [name in (typeof names)[number]]?: string }

const isDate = (text: unknown) => typeof text === 'string' && /^[12]\d{3}-\d\d-\d\d$/.test(text)

/** Drops what is unknown. The API says what is wrong with a value. */
export function readSearch(given: Record<string, unknown>): Search {
  const known = names.filter((name) => {
    const value = given[name]
    return name === 'from' || name === 'to' ? isDate(value) : typeof value === 'string' && value !== ''
  })
  return Object.fromEntries(known.map((name) => [name, given[name]]))
}

/** The parameters of the API. */
export function queryOf({ from, to, ...same }: Search): Record<string, string> {
  return {
    ...same,
    ...(from !== undefined && { created_from: startOf(from, 0) }),
    ...(to !== undefined && { created_to: startOf(to, 1) }),
  }
}

/** Midnight of a day, or of a day after it, where the browser is. Entries are moments, so this is a time. */
function startOf(date: string, days_later: number): string {
  const moment = new Date(`${date}T00:00:00`)
  moment.setDate(moment.getDate() + days_later)
  return moment.toISOString()
}
