// Refuses booking rules that no stay can keep together.
import type { ErrorDetail } from '../../core/app-error.ts'
import { ValidationError } from '../../core/errors.ts'
import { type PropertyPatch, type Weekday, weekdays } from './schema.ts'

/** The rules about the stay itself. The buffer depends on other stays. */
export interface StayRules {
  readonly min_nights: number
  readonly max_nights: number
  readonly arrival_weekdays?: readonly Weekday[] | null | undefined
  readonly departure_weekdays?: readonly Weekday[] | null | undefined
  readonly notice_days: number
  readonly booking_window_days?: number | null | undefined
}

/** A stay as the rules see it. */
interface Candidate {
  /** Days from the booking to the arrival. */
  readonly days_ahead: number
  readonly nights: number
  readonly arrival: Weekday
  readonly departure: Weekday
}

const noneOf = (days: readonly Weekday[] | null | undefined, day: Weekday) => days != null && !days.includes(day)

/** Whether the candidate breaks the rule in this field. 0 and null: no rule. */
const broken: { readonly [Field in keyof StayRules]-?: (rules: StayRules, stay: Candidate) => boolean } = {
  min_nights: ({ min_nights }, { nights }) => nights < min_nights,
  max_nights: ({ max_nights }, { nights }) => nights > max_nights,
  arrival_weekdays: ({ arrival_weekdays }, { arrival }) => noneOf(arrival_weekdays, arrival),
  departure_weekdays: ({ departure_weekdays }, { departure }) => noneOf(departure_weekdays, departure),
  notice_days: ({ notice_days }, { days_ahead }) => notice_days > 0 && days_ahead < notice_days,
  booking_window_days: ({ booking_window_days }, { days_ahead }) =>
    booking_window_days != null && days_ahead > booking_window_days,
}
const fields = Object.keys(broken) as (keyof StayRules)[]

/**
 * Stays of which one keeps the rules if any does: every weekday of arrival, a week of lengths from the shortest and from the
 * longest allowed one, and the first and the last day that can be booked.
 */
function* candidates({ min_nights, max_nights, notice_days, booking_window_days }: StayRules): Generator<Candidate> {
  const lengths = [...weekdays.keys()].flatMap((n) => [min_nights + n, max_nights - n]).filter((nights) => nights > 0)
  for (const days_ahead of [notice_days, booking_window_days ?? notice_days]) {
    for (const nights of new Set(lengths)) {
      for (const [index, arrival] of weekdays.entries()) {
        yield { days_ahead, nights, arrival, departure: weekdays[(index + nights) % 7] as Weekday }
      }
    }
  }
}

/** The smallest number of rules that some stay breaks; none when a stay keeps all. */
function leastBroken(rules: StayRules): (keyof StayRules)[][] {
  const sets = new Map<string, (keyof StayRules)[]>()
  for (const stay of candidates(rules)) {
    const names = fields.filter((field) => broken[field](rules, stay))
    if (names.length === 0) return []
    sets.set(names.join(), names)
  }
  const least = Math.min(...[...sets.values()].map(({ length }) => length))
  return [...sets.values()].filter(({ length }) => length === least)
}

/**
 * Throws ValidationError when no stay can keep all rules. It names the rules that exclude each other, of these only fields
 * of the request if there are any.
 */
export function requireKeepable(rules: StayRules, given: PropertyPatch): void {
  const involved = new Set(leastBroken(rules).flat())
  if (involved.size === 0) return
  const named = fields.filter((field) => involved.has(field) && given[field] !== undefined)
  const message = `no stay can keep these rules together: ${describe(rules, [...involved])}`
  const details = (named.length > 0 ? named : [...involved]).map((field): ErrorDetail => {
    return { pointer: `/${field}`, code: 'NEVER_MET', message }
  })
  throw new ValidationError({ details })
}

function describe(rules: StayRules, involved: readonly (keyof StayRules)[]): string {
  return involved.map((field) => `${field} ${[rules[field]].flat().join(', ')}`).join('; ')
}
