// The lifecycle of a booking: the allowed status transitions, and the roles that may make them.
import type { ActorRole, Role } from '../../core/auth/permissions.ts'
import { type Status, statuses } from './schema.ts'

export interface Transition {
  readonly from: Status
  readonly to: Status
  readonly roles: readonly Role[]
}

const office: readonly Role[] = ['admin', 'manager']
const desk: readonly Role[] = ['admin', 'manager', 'staff']

/**
 * Every other transition is refused. declined, checked_out and no_show are final. OpenAPI and docs/lifecycle.md are
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
]

/** The statuses to which this role may change a booking. Imports by the operator may set any that a channel reports. */
export function transitionsFrom(from: Status, role: ActorRole): Status[] {
  if (role === 'operator') return statuses.filter((to) => to !== from)
  return transitions.filter((one) => one.from === from && one.roles.includes(role)).map(({ to }) => to)
}

/** The column with the time at which a booking first had the status. Not `cancelled_at`: reinstating clears it. */
export const statusTimes: Readonly<Partial<Record<Status, string>>> = {
  confirmed: 'confirmed_at',
  checked_in: 'checked_in_at',
  checked_out: 'checked_out_at',
  declined: 'declined_at',
  no_show: 'no_show_at',
}

/** The table as Markdown, for docs/lifecycle.md and the description of the operation. */
export function transitionsTable(): string {
  const rows = transitions.map(({ from, to, roles }) => `| ${from} | ${to} | ${roles.join(', ')} |`)
  return ['| from | to | who |', '|---|---|---|', ...rows].join('\n')
}

/** In these statuses dates, guests and price can no longer be changed. */
export const closedStatuses: readonly Status[] = ['cancelled', 'declined', 'no_show', 'checked_out']
