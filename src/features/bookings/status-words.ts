// The words that messages use for the statuses of a booking, and the refusals that name one.
import type { Role } from '../../core/auth/permissions.ts'
import { BookingCancelledError } from '../../core/errors.ts'
import { closedStatuses, type Transition, transitions } from './lifecycle.ts'
import type { Status } from './schema.ts'

/** The booking is … */
export const statusWords: Readonly<Record<Status, string>> = {
  inquiry: 'an inquiry',
  pending: 'pending',
  confirmed: 'confirmed',
  checked_in: 'checked in',
  checked_out: 'checked out',
  cancelled: 'cancelled',
  declined: 'declined',
  no_show: 'a no-show',
}

/** The booking cannot be … */
export const transitionWords: Readonly<Record<Status, string>> = {
  ...statusWords,
  inquiry: 'made an inquiry',
  pending: 'made pending',
  no_show: 'marked as a no-show',
}

/** Throws BookingCancelledError when dates, guests and price can no longer be changed. */
export function requireNotClosed(status: Status): void {
  if (!closedStatuses.includes(status)) return
  const message = `The booking is ${statusWords[status]} and cannot be changed.`
  throw new BookingCancelledError({ message, meta: { status } })
}

/** A sentence that gives the reason: no such transition, too late, or not for this role. */
export function refusedTransition(from: Status, to: Status): string {
  const found = transitions.find((one) => one.from === from && one.to === to)
  const booking = `A booking that is ${statusWords[from]}`
  if (found === undefined) return `${booking} cannot be ${transitionWords[to]}.`
  return `${booking} can be ${conditionOf(found)}.`
}

function conditionOf({ to, roles, within_hours }: Transition): string {
  const by = `by ${listOf(roles)} only`
  return within_hours === undefined
    ? `${transitionWords[to]} ${by}`
    : `set back to ${statusWords[to]} within ${within_hours} hours and ${by}`
}

function listOf(roles: readonly Role[]): string {
  const named = roles.map((role) => (role === 'admin' ? 'an admin' : `a ${role}`))
  return named.length > 1 ? `${named.slice(0, -1).join(', ')} or ${named.at(-1)}` : named.join()
}
