// THE life of a booking: which status may follow which, and who may say so. Code, OpenAPI and docs/lifecycle.md read it
// here; the database has it once more (app.may_move_booking), and a test holds the two against each other.
import type { Actor, Role } from '../../core/auth/permissions.ts'
import { type Status, statuses } from './schema.ts'

export interface Transition {
  readonly from: Status
  readonly to: Status
  readonly roles: readonly Role[]
}

const office: readonly Role[] = ['admin', 'manager']
const desk: readonly Role[] = ['admin', 'manager', 'staff']

/** Whatever is not in here is refused: declined, checked_out and no_show are where a booking ends. */
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

/** Where this role may take a booking from here. The operator's imports follow the channel, wherever it says. */
export function movesFrom(from: Status, role: Actor['role']): Status[] {
  if (role === 'operator') return statuses.filter((to) => to !== from)
  return transitions.filter((one) => one.from === from && one.roles.includes(role)).map(({ to }) => to)
}

/** The column that keeps when a booking first came to a status; `cancelled_at` is another matter: it goes again. */
export const stamps: Readonly<Partial<Record<Status, string>>> = {
  confirmed: 'confirmed_at',
  checked_in: 'checked_in_at',
  checked_out: 'checked_out_at',
  declined: 'declined_at',
  no_show: 'no_show_at',
}

/** The table in Markdown, for docs/lifecycle.md and for the description of the route. */
export function transitionsTable(): string {
  const rows = transitions.map(({ from, to, roles }) => `| ${from} | ${to} | ${roles.join(', ')} |`)
  return ['| from | to | who |', '|---|---|---|', ...rows].join('\n')
}
