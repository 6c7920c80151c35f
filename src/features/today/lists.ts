// Which bookings are in which list of a day. docs/figures.md has the definitions.
import { addDays } from '../availability/days.ts'

/** A booking that takes its nights, as the lists see it. */
export interface Candidate {
  readonly id: string
  readonly status: string
  readonly check_in: string
  readonly check_out: string
  /** The local day of its property. */
  readonly day: string
  /** Whether something is still to be paid, or that is not known. */
  readonly is_open: boolean
}

/** Guests who should have left are listed for this many days after their departure. */
export const overdue_days = 14
/** Pending bookings are listed from this many days before they arrive. */
export const horizon_days = 14

const isArrival = ({ check_in, day }: Candidate) => check_in === day
const isDeparture = ({ check_out, day }: Candidate) => check_out === day
const isInHouse = ({ check_in, check_out, day }: Candidate) => check_in < day && day < check_out
const isOverdue = ({ status, check_out, day }: Candidate) => status === 'checked_in' && check_out < day
const isUnconfirmed = ({ status, check_in, day }: Candidate) =>
  status === 'pending' && day <= check_in && check_in <= addDays(day, horizon_days)
const isUnpaid = (one: Candidate) => one.is_open && one.check_in <= one.day && one.day <= one.check_out

const conditions = {
  arrivals: isArrival,
  departures: isDeparture,
  in_house: isInHouse,
  overdue: isOverdue,
  unconfirmed: isUnconfirmed,
  unpaid: isUnpaid,
} as const

export type ListName = keyof typeof conditions
export const listNames = Object.keys(conditions) as ListName[]

export interface DayList {
  readonly total: number
  readonly ids: readonly string[]
}

/** The lists with the first `limit` ids each, in the order of the candidates; `unconfirmed` and `unpaid` by arrival. */
export function listsOf(candidates: readonly Candidate[], limit: number): Readonly<Record<ListName, DayList>> {
  const byArrival = candidates.toSorted((a, b) => (a.check_in < b.check_in ? -1 : a.check_in > b.check_in ? 1 : 0))
  const listOf = (name: ListName): DayList => {
    const ordered = name === 'unconfirmed' || name === 'unpaid' ? byArrival : candidates
    const found = ordered.filter(conditions[name])
    return { total: found.length, ids: found.slice(0, limit).map(({ id }) => id) }
  }
  return {
    arrivals: listOf('arrivals'),
    departures: listOf('departures'),
    in_house: listOf('in_house'),
    overdue: listOf('overdue'),
    unconfirmed: listOf('unconfirmed'),
    unpaid: listOf('unpaid'),
  }
}
