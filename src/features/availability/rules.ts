// Evaluates the booking rules of a property for a stay. Bookings and /availability/explain use it.
import { type Weekday, weekdays } from '../properties/schema.ts'
import { addDays, type Dates, daysBetween, weekdayOf } from './days.ts'

/** The columns of a property that are its booking rules. */
export interface Rules {
  readonly is_active: boolean
  readonly min_nights: number
  readonly max_nights: number
  readonly buffer_days_before: number
  readonly buffer_days_after: number
  /** Null: any day. */
  readonly arrival_weekdays: Weekday[] | null
  readonly departure_weekdays: Weekday[] | null
  /** 0: no rule; stays in the past can be entered. */
  readonly notice_days: number
  /** Null: no limit. */
  readonly booking_window_days: number | null
}

/** The sides of a stay on which the buffer to the next stay is kept. */
export interface Buffers {
  readonly before: boolean
  readonly after: boolean
}

export const both_sides: Buffers = { before: true, after: true }
const no_side: Buffers = { before: false, after: false }

/**
 * Which rules apply. `none`: the nights only have to be free (blocks, imports). `turnover`: the buffer as well, but no rule
 * of sale. An object: the aspects of the stay that change. `booked_on` replaces today.
 */
export type RuleScope = 'none' | 'turnover' | 'all' | Scoped

interface Scoped {
  readonly arrival: boolean
  readonly departure: boolean
  readonly nights: boolean
  readonly buffers: Buffers
  readonly booked_on?: string
}

const whole: Scoped = { arrival: true, departure: true, nights: true, buffers: both_sides }
const turnover: Scoped = { arrival: false, departure: false, nights: false, buffers: both_sides }

const scoped = (scope: Exclude<RuleScope, 'none'>): Scoped =>
  scope === 'all' ? whole : scope === 'turnover' ? turnover : scope

export function buffersOf(scope: RuleScope): Buffers {
  return scope === 'none' ? no_side : scoped(scope).buffers
}

/** A row of the ledger that overlaps the stay, or is closer to it than the buffer allows. */
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

export interface RuleResult {
  readonly rule: RuleName
  readonly is_kept: boolean
  /** The setting of the property: days, nights or weekdays; null when it has none. */
  readonly limit: number | Weekday[] | null
  /** The field of the stay that the rule is about. */
  readonly pointer: '/property_id' | '/check_in' | '/check_out'
  readonly message: string
}

/** What the rules are evaluated against. */
export interface RuleContext {
  readonly rules: Rules
  /** The local day of the property. */
  readonly today: string
  readonly neighbour: Neighbour | undefined
}

/** One result per rule in scope. Errors report the first broken rule. */
export function evaluateRules(context: RuleContext, stay: Dates, scope: RuleScope): RuleResult[] {
  const { rules, neighbour } = context
  if (scope === 'none') return [nightsFree(stay, neighbour)]
  const wanted = scoped(scope)
  const today = wanted.booked_on ?? context.today
  return [
    ...(scope === 'all' ? [isActive(rules)] : []),
    ...(wanted.arrival ? [notice(rules, stay, today), bookingWindow(rules, stay, today)] : []),
    ...(wanted.nights ? nightsAllowed(rules, stay) : []),
    ...(wanted.arrival ? [arrivalWeekday(rules, stay)] : []),
    ...(wanted.departure ? [departureWeekday(rules, stay)] : []),
    nightsFree(stay, neighbour),
    ...(wanted.buffers.before || wanted.buffers.after ? [buffer(rules, stay, neighbour)] : []),
  ]
}

function isActive({ is_active }: Rules): RuleResult {
  const message = is_active ? 'The property takes bookings.' : 'The property does not take bookings.'
  return { rule: 'is_active', is_kept: is_active, limit: null, pointer: '/property_id', message }
}

function notice({ notice_days }: Rules, { check_in }: Dates, today: string): RuleResult {
  const rule = { rule: 'notice', limit: notice_days, pointer: '/check_in' } as const
  if (notice_days === 0) return { ...rule, is_kept: true, message: 'No notice is required.' }
  const earliest = addDays(today, notice_days)
  const message = `Stays must be booked ${counted(notice_days, 'day')} in advance: the earliest arrival is ${earliest}.`
  return { ...rule, is_kept: check_in >= earliest, message }
}

function bookingWindow({ booking_window_days }: Rules, { check_in }: Dates, today: string): RuleResult {
  const rule = { rule: 'booking_window', limit: booking_window_days, pointer: '/check_in' } as const
  if (booking_window_days === null)
    return { ...rule, is_kept: true, message: 'Stays can be booked any time in advance.' }
  const latest = addDays(today, booking_window_days)
  const message = `Stays can be booked up to ${counted(booking_window_days, 'day')} in advance: the latest arrival is ${latest}.`
  return { ...rule, is_kept: check_in <= latest, message }
}

function nightsAllowed({ min_nights, max_nights }: Rules, { check_in, check_out }: Dates): RuleResult[] {
  const nights = daysBetween(check_in, check_out)
  const pointer = '/check_out'
  const min_message = `The minimum stay is ${counted(min_nights, 'night')}.`
  const max_message = `The maximum stay is ${counted(max_nights, 'night')}.`
  return [
    { rule: 'min_nights', is_kept: nights >= min_nights, limit: min_nights, pointer, message: min_message },
    { rule: 'max_nights', is_kept: nights <= max_nights, limit: max_nights, pointer, message: max_message },
  ]
}

function arrivalWeekday({ arrival_weekdays: limit }: Rules, { check_in }: Dates): RuleResult {
  const is_kept = limit === null || limit.includes(weekdayOf(check_in))
  return { rule: 'arrival_weekday', is_kept, limit, pointer: '/check_in', message: `Stays can begin ${onDays(limit)}.` }
}

function departureWeekday({ departure_weekdays: limit }: Rules, { check_out }: Dates): RuleResult {
  const is_kept = limit === null || limit.includes(weekdayOf(check_out))
  return {
    rule: 'departure_weekday',
    is_kept,
    limit,
    pointer: '/check_out',
    message: `Stays can end ${onDays(limit)}.`,
  }
}

function nightsFree(stay: Dates, neighbour: Neighbour | undefined): RuleResult {
  const rule = { rule: 'nights_free', limit: null, pointer: '/check_in' } as const
  if (neighbour === undefined || !sharesNight(stay, neighbour)) {
    return { ...rule, is_kept: true, message: 'The nights are free.' }
  }
  const { check_in, check_out, kind } = neighbour
  const occupant = { booking: 'a booking', block: 'a block', hold: 'a hold', channel: 'another channel' }[kind]
  return { ...rule, is_kept: false, message: `The nights from ${check_in} to ${check_out} are taken by ${occupant}.` }
}

/** The longer of the two buffers applies between two stays. No buffer applies next to a block. */
function buffer(rules: Rules, stay: Dates, neighbour: Neighbour | undefined): RuleResult {
  const limit = Math.max(rules.buffer_days_before, rules.buffer_days_after)
  const is_near = neighbour !== undefined && neighbour.kind !== 'block' && gapBetween(stay, neighbour) < limit
  const is_after = neighbour !== undefined && neighbour.check_in >= stay.check_out
  const message =
    limit === 0
      ? 'No days have to be free between two stays.'
      : `At least ${counted(limit, 'day')} must be free between two stays.`
  return { rule: 'buffer', is_kept: !is_near, limit, pointer: is_after ? '/check_out' : '/check_in', message }
}

/**
 * Of the occupants around a stay the one that decides: one with a night of the stay, else the closest. Blocks count only when
 * they share a night. `loadContext` chooses the same in SQL.
 */
export function findNeighbour<N extends Neighbour>(stay: Dates, occupants: readonly N[]): N | undefined {
  const others = occupants.filter(({ kind }) => kind !== 'block')
  return (
    occupants.find((one) => sharesNight(stay, one)) ??
    others.toSorted((a, b) => gapBetween(stay, a) - gapBetween(stay, b))[0]
  )
}

function sharesNight(a: Dates, b: Dates): boolean {
  return a.check_in < b.check_out && b.check_in < a.check_out
}

/** Days between the end of one stay and the start of the other; 0 when they touch or overlap. */
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

function onDays(days: Weekday[] | null): string {
  if (days === null) return 'on any day'
  const inOrder = weekdays.filter((day) => days.includes(day)).map((day) => dayNames[day])
  return `on ${inOrder.join(' or ')}`
}
