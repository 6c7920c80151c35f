// The lifecycle of a booking: the allowed status transitions, and the roles that may make them.
import type { ActorRole, Role } from '../../core/auth/permissions.ts'
import { type FullBooking, type Status, statuses } from './schema.ts'

export interface Transition {
  readonly from: Status
  readonly to: Status
  readonly roles: readonly Role[]
  /** The transition undoes another and is allowed only for this long after it. */
  readonly within_hours?: number
}

const office: readonly Role[] = ['admin', 'manager']
const desk: readonly Role[] = ['admin', 'manager', 'staff']

/** Two days: enough to notice a wrong click, too short to change what was reported to the owner. */
const undo_hours = 48

/**
 * Every other transition is refused. declined is final, and so are checked_out and no_show after two days. OpenAPI and docs/lifecycle.md are
 * generated from this table. The database has the same one (app.may_move_booking); a test compares the two.
 */
export const transitions: readonly Transition[] = [
  { from: 'inquiry', to: 'pending', roles: office },
  { from: 'inquiry', to: 'confirmed', roles: office },
  { from: 'inquiry', to: 'declined', roles: office },
  { from: 'inquiry', to: 'cancelled', roles: office },
  { from: 'pending', to: 'confirmed', roles: desk },
  { from: 'pending', to: 'declined', roles: office },
  { from: 'pending', to: 'cancelled', roles: office },
  { from: 'confirmed', to: 'checked_in', roles: desk },
  { from: 'confirmed', to: 'cancelled', roles: office },
  { from: 'confirmed', to: 'no_show', roles: office },
  { from: 'checked_in', to: 'checked_out', roles: desk },
  { from: 'checked_in', to: 'cancelled', roles: ['admin'] },
  { from: 'cancelled', to: 'confirmed', roles: office },
  { from: 'checked_in', to: 'confirmed', roles: office, within_hours: undo_hours },
  { from: 'checked_out', to: 'checked_in', roles: office, within_hours: undo_hours },
  { from: 'no_show', to: 'confirmed', roles: office, within_hours: undo_hours },
]

/**
 * The statuses to which this role may change a booking whose status is `hours` old; null: not known. Imports by the operator
 * may set any that a channel reports.
 */
export function transitionsFrom(from: Status, role: ActorRole, hours: number | null = 0): Status[] {
  if (role === 'operator') return statuses.filter((to) => to !== from)
  const isInTime = ({ within_hours }: Transition) =>
    within_hours === undefined || (hours !== null && hours <= within_hours)
  return transitions.filter((one) => one.from === from && one.roles.includes(role) && isInTime(one)).map(({ to }) => to)
}

/** Whether the transition undoes another one. */
export function isUndo(from: Status, to: Status): boolean {
  return transitions.some((one) => one.from === from && one.to === to && one.within_hours !== undefined)
}

/**
 * The column with the time at which a booking first had the status. Not `cancelled_at`: reinstating clears it. An undone
 * check-in, check-out or no-show has no time either.
 */
export const statusTimes: Readonly<Partial<Record<Status, `${Status}_at` & keyof FullBooking & keyof Progress>>> = {
  confirmed: 'confirmed_at',
  checked_in: 'checked_in_at',
  checked_out: 'checked_out_at',
  declined: 'declined_at',
  no_show: 'no_show_at',
}

/** The day of the stay before which a booking cannot get the status. */
const firstDays: Readonly<Partial<Record<Status, 'check_in' | 'check_out'>>> = {
  checked_in: 'check_in',
  no_show: 'check_in',
  checked_out: 'check_out',
}

/** What decides about the next status of a booking. The times may be absent where the caller may not see them. */
export interface Progress {
  readonly status: Status
  readonly check_in: string
  readonly check_out: string
  readonly confirmed_at?: string | null | undefined
  readonly checked_in_at?: string | null | undefined
  readonly checked_out_at?: string | null | undefined
  readonly declined_at?: string | null | undefined
  readonly no_show_at?: string | null | undefined
}

/** Hours since the booking got its status; null when that is not known. `now` and the times are RFC 3339. */
export function hoursSince(booking: Progress, now: string): number | null {
  const changed_at = statusTimes[booking.status]
  const since = changed_at && booking[changed_at]
  return since ? (Date.parse(now) - Date.parse(since)) / 3_600_000 : null
}

/** The first day on which the booking can get this status; undefined when there is none. Going back to a status has no day. */
export function firstDayOf({ status, check_in, check_out }: Progress, to: Status): string | undefined {
  const column = firstDays[to]
  if (column === undefined || isUndo(status, to)) return undefined
  return column === 'check_in' ? check_in : check_out
}

/**
 * The statuses that the booking can get now by this role, on the day `today` of its property. Whether its nights are free, when it
 * begins to take them, is not checked.
 */
export function nextStatuses(booking: Progress, role: ActorRole, now: string, today: string): Status[] {
  return transitionsFrom(booking.status, role, hoursSince(booking, now)).filter(
    (to) => today >= (firstDayOf(booking, to) ?? today),
  )
}

const dayNames: Partial<Record<Status, string>> = {
  checked_in: 'from the day of arrival',
  no_show: 'from the day of arrival',
  checked_out: 'from the day of departure',
}

/** The table as Markdown, for docs/lifecycle.md and the description of the operation. */
export function transitionsTable(): string {
  const whenOf = ({ to, within_hours }: Transition) =>
    within_hours === undefined ? (dayNames[to] ?? '') : `within ${within_hours} hours`
  const rows = transitions.map((one) => `| ${one.from} | ${one.to} | ${one.roles.join(', ')} | ${whenOf(one)} |`)
  return ['| from | to | who | when |', '|---|---|---|---|', ...rows].join('\n')
}

/** In these statuses dates, guests and price can no longer be changed. */
export const closedStatuses: readonly Status[] = ['cancelled', 'declined', 'no_show', 'checked_out']
