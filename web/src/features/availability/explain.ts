// Why a stay cannot be booked, as a sentence in the language of the screen.
import type { I18n, MessageDescriptor } from '@lingui/core'
import { msg, plural } from '@lingui/core/macro'
import type { Schema } from '../../api/client.ts'
import { ApiError } from '../../api/errors.ts'
import { dayOf, formatStay } from '../../locales/days.ts'

type Rule = Schema['RuleResult']['rule']
type Limit = Schema['RuleResult']['limit']

const localeOf = ({ locales, locale }: I18n): string => (typeof locales === 'string' ? locales : locale)

/** Sentences of the rules that have a number. */
const counted: Readonly<Partial<Record<Rule, (count: number) => MessageDescriptor>>> = {
  min_nights: (count) => msg`${plural(count, { one: 'At least # night.', other: 'At least # nights.' })}`,
  max_nights: (count) => msg`${plural(count, { one: 'At most # night.', other: 'At most # nights.' })}`,
  notice: (count) =>
    msg`${plural(count, { one: 'It can be booked until # day before the arrival.', other: 'It can be booked until # days before the arrival.' })}`,
  booking_window: (count) =>
    msg`${plural(count, { one: 'It can be booked # day ahead at most.', other: 'It can be booked # days ahead at most.' })}`,
}

const plain: Readonly<Partial<Record<Rule, MessageDescriptor>>> = {
  is_active: msg`This home is not active.`,
  nights_free: msg`Nights of this stay are taken.`,
  buffer: msg`The days that this home keeps free between two stays are taken.`,
}

/** Monday is 2024-01-01. */
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

function weekdayNames(i18n: I18n, limit: readonly string[]): string {
  const format = new Intl.DateTimeFormat(localeOf(i18n), { weekday: 'long', timeZone: 'UTC' })
  const names = limit.map((day) => format.format(Date.UTC(2024, 0, 1 + weekdays.indexOf(day))))
  return new Intl.ListFormat(localeOf(i18n), { type: 'disjunction' }).format(names)
}

/** The sentence of a rule; undefined for one that this console does not know. */
function ruleSentence(i18n: I18n, rule: string, limit: Limit): string | undefined {
  const count = counted[rule as Rule]
  if (count !== undefined && typeof limit === 'number') return i18n._(count(limit))
  if (rule === 'arrival_weekday' && Array.isArray(limit)) {
    const days = weekdayNames(i18n, limit)
    return i18n._(msg`Guests arrive on ${days} only.`)
  }
  if (rule === 'departure_weekday' && Array.isArray(limit)) {
    const days = weekdayNames(i18n, limit)
    return i18n._(msg`Guests leave on ${days} only.`)
  }
  const sentence = plain[rule as Rule]
  return sentence && i18n._(sentence)
}

interface Occupied {
  readonly kind: string
  readonly check_in: string
  readonly check_out: string
  readonly reference?: string
}

function occupiedSentence(i18n: I18n, { kind, check_in, check_out, reference }: Occupied): string {
  const stay = formatStay(localeOf(i18n), dayOf(check_in), dayOf(check_out))
  if (kind === 'booking' && reference !== undefined) return i18n._(msg`Taken by booking ${reference}, ${stay}.`)
  if (kind === 'booking') return i18n._(msg`Taken by a booking, ${stay}.`)
  if (kind === 'block') return i18n._(msg`Blocked, ${stay}.`)
  if (kind === 'hold') return i18n._(msg`Held for somebody, ${stay}.`)
  return i18n._(msg`Taken by a channel, ${stay}.`)
}

/** Why a stay cannot be booked; undefined if it can. */
export function explainSentence(i18n: I18n, explanation: Schema['Explanation']): string | undefined {
  const { is_bookable, rule, rules, conflict, message } = explanation
  if (is_bookable) return undefined
  if (rule === 'nights_free' && conflict !== undefined) return occupiedSentence(i18n, conflict)
  const result = rules.find((one) => one.rule === rule)
  return ruleSentence(i18n, rule ?? '', result?.limit ?? null) ?? message
}

/** Why a change was refused, from the structured parts of the error; undefined for errors of another kind. */
export function conflictSentence(i18n: I18n, error: unknown): string | undefined {
  if (!(error instanceof ApiError)) return undefined
  const { code, meta, message } = error
  if (code === 'BOOKING_CONFLICT') {
    const [first] = (meta.conflicts ?? []) as readonly Occupied[]
    const conflict = first ?? (meta.conflict as Occupied | undefined)
    return conflict === undefined ? message : occupiedSentence(i18n, conflict)
  }
  if (code === 'BOOKING_RULE_BROKEN')
    return ruleSentence(i18n, String(meta.rule), (meta.limit ?? null) as Limit) ?? message
  return undefined
}
