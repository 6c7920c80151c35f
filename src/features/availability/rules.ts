// What a property asks of a stay, as verdicts in a fixed order: pure. Whoever takes nights and whoever only asks
// (explain) are told by the same code.
import { type Weekday, weekdays } from '../properties/schema.ts'
import { addDays, daysBetween, weekdayOf } from './days.ts'

/** The columns of a property that say which stays it takes. */
export interface Rules {
  readonly is_active: boolean
  readonly min_nights: number
  readonly max_nights: number
  readonly buffer_days_before: number
  readonly buffer_days_after: number
  /** Null: any day. */
  readonly arrival_weekdays: readonly Weekday[] | null
  readonly departure_weekdays: readonly Weekday[] | null
  /** 0: no rule; a stay may even be entered after it began. */
  readonly notice_days: number
  /** Null: no limit. */
  readonly booking_window_days: number | null
}

/**
 * Which rules are asked. `nothing`: only that the nights are free (imports, the operator's facts, blocks). An object: the
 * aspects that change; a buffer counts with all of them. `booked_on` stands in for today.
 */
export type Asked =
  | 'nothing'
  | 'everything'
  | { readonly arrival: boolean; readonly departure: boolean; readonly nights: boolean; readonly booked_on?: string }

/** A row of the ledger that has one of the nights, or is nearer than the buffer allows. */
export interface Neighbour {
  readonly kind: 'booking' | 'block' | 'hold' | 'channel'
  readonly check_in: string
  readonly check_out: string
}

export const ruleNames = [
  'is_active',
  'notice',
  'booking_window',
  'min_nights',
  'max_nights',
  'arrival_weekday',
  'departure_weekday',
  'nights_free',
  'buffer',
] as const
export type RuleName = (typeof ruleNames)[number]

export interface Verdict {
  readonly rule: RuleName
  readonly is_kept: boolean
  /** What the property says: days, nights, weekdays; null where it says nothing, or where there is nothing to say. */
  readonly limit: number | readonly Weekday[] | null
  /** The field of the stay that the rule is about. */
  readonly pointer: '/property_id' | '/check_in' | '/check_out'
  readonly message: string
}

interface Dates {
  readonly check_in: string
  readonly check_out: string
}

export interface Situation {
  readonly rules: Rules
  /** The local day of the agency. */
  readonly today: string
  readonly neighbour: Neighbour | undefined
}

/** The verdict of every rule that is asked, in the order in which they decide. */
export function judge(situation: Situation, stay: Dates, asked: Asked): Verdict[] {
  const { rules, neighbour } = situation
  if (asked === 'nothing') return [nightsFree(stay, neighbour)]
  const wanted = asked === 'everything' ? { arrival: true, departure: true, nights: true } : asked
  const today = wanted.booked_on ?? situation.today
  return [
    ...(asked === 'everything' ? [isActive(rules)] : []),
    ...(wanted.arrival ? [notice(rules, stay, today), bookingWindow(rules, stay, today)] : []),
    ...(wanted.nights ? nightsAllowed(rules, stay) : []),
    ...(wanted.arrival ? [arrivalWeekday(rules, stay)] : []),
    ...(wanted.departure ? [departureWeekday(rules, stay)] : []),
    nightsFree(stay, neighbour),
    buffer(rules, stay, neighbour),
  ]
}

function isActive({ is_active }: Rules): Verdict {
  const message = is_active ? 'The property takes bookings.' : 'The property does not take bookings.'
  return { rule: 'is_active', is_kept: is_active, limit: null, pointer: '/property_id', message }
}

function notice({ notice_days }: Rules, { check_in }: Dates, today: string): Verdict {
  const rule = { rule: 'notice', limit: notice_days, pointer: '/check_in' } as const
  if (notice_days === 0) return { ...rule, is_kept: true, message: 'No notice is asked for.' }
  const earliest = addDays(today, notice_days)
  const message = `A stay has to be booked ${counted(notice_days, 'day')} ahead: it begins on ${earliest} at the earliest.`
  return { ...rule, is_kept: check_in >= earliest, message }
}

function bookingWindow({ booking_window_days }: Rules, { check_in }: Dates, today: string): Verdict {
  const rule = { rule: 'booking_window', limit: booking_window_days, pointer: '/check_in' } as const
  if (booking_window_days === null) return { ...rule, is_kept: true, message: 'A stay may begin any time ahead.' }
  const latest = addDays(today, booking_window_days)
  const message = `Bookings are taken ${counted(booking_window_days, 'day')} ahead: a stay begins on ${latest} at the latest.`
  return { ...rule, is_kept: check_in <= latest, message }
}

function nightsAllowed({ min_nights, max_nights }: Rules, { check_in, check_out }: Dates): Verdict[] {
  const nights = daysBetween(check_in, check_out)
  const pointer = '/check_out'
  const least = `A stay has at least ${counted(min_nights, 'night')} here.`
  const most = `A stay has at most ${counted(max_nights, 'night')} here.`
  return [
    { rule: 'min_nights', is_kept: nights >= min_nights, limit: min_nights, pointer, message: least },
    { rule: 'max_nights', is_kept: nights <= max_nights, limit: max_nights, pointer, message: most },
  ]
}

function arrivalWeekday({ arrival_weekdays: limit }: Rules, { check_in }: Dates): Verdict {
  const is_kept = limit === null || limit.includes(weekdayOf(check_in))
  return { rule: 'arrival_weekday', is_kept, limit, pointer: '/check_in', message: `A stay begins ${named(limit)}.` }
}

function departureWeekday({ departure_weekdays: limit }: Rules, { check_out }: Dates): Verdict {
  const is_kept = limit === null || limit.includes(weekdayOf(check_out))
  return { rule: 'departure_weekday', is_kept, limit, pointer: '/check_out', message: `A stay ends ${named(limit)}.` }
}

function nightsFree(stay: Dates, neighbour: Neighbour | undefined): Verdict {
  const rule = { rule: 'nights_free', limit: null, pointer: '/check_in' } as const
  if (neighbour === undefined || !sharesNight(stay, neighbour)) {
    return { ...rule, is_kept: true, message: 'The nights are free.' }
  }
  const { check_in, check_out, kind } = neighbour
  const whose = { booking: 'a booking', block: 'a block', hold: 'a hold', channel: 'another channel' }[kind]
  return { ...rule, is_kept: false, message: `The nights from ${check_in} to ${check_out} are taken by ${whose}.` }
}

/** Two stays keep the longer of the two pauses between them; a block is no stay. */
function buffer(rules: Rules, stay: Dates, neighbour: Neighbour | undefined): Verdict {
  const limit = Math.max(rules.buffer_days_before, rules.buffer_days_after)
  const is_near = neighbour !== undefined && neighbour.kind !== 'block' && gapBetween(stay, neighbour) < limit
  const is_behind = neighbour !== undefined && neighbour.check_in >= stay.check_out
  const message =
    limit === 0 ? 'One stay may follow another at once.' : `Between two stays ${counted(limit, 'day')} stay free.`
  return { rule: 'buffer', is_kept: !is_near, limit, pointer: is_behind ? '/check_out' : '/check_in', message }
}

function sharesNight(a: Dates, b: Dates): boolean {
  return a.check_in < b.check_out && b.check_in < a.check_out
}

/** Days between the end of one and the beginning of the other; 0 when they touch or overlap. */
function gapBetween(a: Dates, b: Dates): number {
  return Math.max(0, daysBetween(a.check_out, b.check_in), daysBetween(b.check_out, a.check_in))
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}

const dayNames: Readonly<Record<Weekday, string>> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
}

function named(days: readonly Weekday[] | null): string {
  if (days === null) return 'on any day'
  const inOrder = weekdays.filter((day) => days.includes(day)).map((day) => dayNames[day])
  return `on ${inOrder.join(' or ')}`
}
