// Which statuses a booking can get next, by role: docs/lifecycle.md. The server decides; this says which buttons there are.
import type { Schema } from '../../api/client.ts'

type Status = Schema['BookingStatus']
type Role = Schema['Role']

export interface Step {
  readonly to: Status
  readonly roles: readonly Role[]
  /** Takes an earlier step back. */
  readonly is_undo?: true
}

const admin: readonly Role[] = ['admin']
const office: readonly Role[] = ['admin', 'manager']
const desk: readonly Role[] = ['admin', 'manager', 'staff']

export const steps: Readonly<Record<Status, readonly Step[]>> = {
  inquiry: [
    { to: 'confirmed', roles: office },
    { to: 'pending', roles: office },
    { to: 'declined', roles: office },
    { to: 'cancelled', roles: office },
  ],
  pending: [
    { to: 'confirmed', roles: desk },
    { to: 'declined', roles: office },
    { to: 'cancelled', roles: office },
  ],
  confirmed: [
    { to: 'checked_in', roles: desk },
    { to: 'no_show', roles: office },
    { to: 'cancelled', roles: office },
  ],
  checked_in: [
    { to: 'checked_out', roles: desk },
    { to: 'confirmed', roles: office, is_undo: true },
    { to: 'cancelled', roles: admin },
  ],
  checked_out: [{ to: 'checked_in', roles: office, is_undo: true }],
  cancelled: [{ to: 'confirmed', roles: office, is_undo: true }],
  no_show: [{ to: 'confirmed', roles: office, is_undo: true }],
  declined: [],
}

/** The day on which a status can be set at the earliest: a check-in not before the day of arrival. */
export function isTooEarly(
  to: Status,
  booking: { readonly check_in: string; readonly check_out: string },
  today: string,
) {
  if (to === 'checked_in' || to === 'no_show') return today < booking.check_in
  return to === 'checked_out' && today < booking.check_out
}

const undo_ms = 48 * 3_600_000

type Times = Partial<Pick<Schema['Booking'], 'status' | 'checked_in_at' | 'checked_out_at' | 'no_show_at'>>

/** Whether the last step is older than 48 hours, after which only a cancellation can be taken back. */
export function isTooLate(
  { is_undo }: Step,
  { status, checked_in_at, checked_out_at, no_show_at }: Times,
  now: number,
) {
  const steps_at = { checked_in: checked_in_at, checked_out: checked_out_at, no_show: no_show_at }
  const at = steps_at[status as keyof typeof steps_at]
  return is_undo === true && typeof at === 'string' && now - Date.parse(at) > undo_ms
}

export const stepsFor = (status: Status, role: Role): readonly Step[] =>
  steps[status].filter(({ roles }) => roles.includes(role))
