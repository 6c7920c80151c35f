// Generates docs/lifecycle.md from src/features/bookings/lifecycle.ts.
import { occupyingStatuses } from '../../src/features/availability/occupancies.ts'
import { type Transition, transitions, transitionsTable } from '../../src/features/bookings/lifecycle.ts'
import { statuses } from '../../src/features/bookings/schema.ts'

const role_groups: Readonly<Record<string, string>> = {
  'admin,manager,staff': 'desk',
  'admin,manager': 'office',
  admin: 'admin',
}

function formatTransition({ from, to, roles }: Transition): string {
  return `  ${from} --> ${to}: ${role_groups[roles.join(',')] ?? roles.join(', ')}`
}

/** Those that only an undo leaves are final after its time. */
function formatFinalStatuses(): string[] {
  const onward = transitions.filter(({ within_hours }) => within_hours === undefined)
  const sources = new Set(onward.map(({ from }) => from))
  return statuses.filter((status) => !sources.has(status)).map((status) => `  ${status} --> [*]`)
}

export function lifecycleDoc(): string {
  return `# Booking status
Generated from \`src/features/bookings/lifecycle.ts\` by \`npm run docs\`; do not edit.

\`PATCH /api/v1/bookings/{id}/status\` changes the status of a booking; \`POST /api/v1/bookings/{id}/cancellation\` cancels it and
records who cancelled, why, and the refund. A transition that is not in this table is refused with 409 \`INVALID_STATUS_TRANSITION\`;
\`meta.allowed\` lists the transitions that the caller may make. The database enforces statuses and roles too (\`app.may_move_booking\`).
A check-in or no-show before the day of arrival, or a check-out before the day of departure, is refused with 409 \`STATUS_TOO_EARLY\`. The
days are those of the property: its own time zone, or that of the agency.

\`\`\`mermaid
stateDiagram-v2
  [*] --> inquiry
  [*] --> pending
  [*] --> confirmed
${[...transitions.map(formatTransition), ...formatFinalStatuses()].join('\n')}
\`\`\`

*Desk* is admin, manager or staff. *Office* is admin or manager.

${transitionsTable()}

- ${occupyingStatuses.map((status) => `\`${status}\``).join(', ')} occupy nights. A transition to another status frees them in the same
  transaction. A transition to one of these checks availability and all rules of the property, as for a new booking. When a pending
  booking is confirmed, the rules are evaluated as of the day on which it was created.
- A check-in, check-out or no-show can be undone within 48 hours. A no-show gave its nights away: undoing it takes them again, if they
  and the days of the buffer are free; the rules of sale (nights, weekdays, notice, booking window) do not apply again.
- A request for the present status answers 200 and changes nothing: no version, no audit entry.
- Each transition sets a timestamp (\`confirmed_at\`, \`checked_in_at\`, …) the first time; undoing one clears its timestamp. Reverting a
  cancellation clears \`cancelled_at\`, \`cancelled_by\` and \`cancellation_reason\`. The refund stays: it was paid.
- Each transition writes one audit entry, \`booking.<status>\`. \`GET /api/v1/bookings/{id}/history\` returns them.
- \`DELETE\` hides a booking. If it is still active it is cancelled by the host; this needs the permission to cancel it.
- Imports by the operator may set any status on any day, because the channel is authoritative for its own bookings.
- When a guest leaves early, shorten the stay first, then check out. A booking that has ended keeps its nights.

## Guests who are there
The rules of sale do not apply to a booking whose status is \`checked_in\`: a guest leaves early or stays longer where the nights are free.
The days that must be free between two stays (buffer) are asked on a side of the stay that moves outwards, and in another property, also
by a split: they are for cleaning.

## Price after a change
The total that was agreed on last counts. With other nights, the price of the nights changes in proportion to them if the booking has a
\`nightly_rate_cents\`, so fewer nights never cost more; the rate is that of the agreed total. Without a nightly rate the total is for the
whole stay and stays. A given \`total_cents\`, \`nightly_rate_cents\`, \`cleaning_fee_cents\` or \`tax_cents\` replaces what was agreed.

## Payments and refunds
\`paid_cents\` is what was received in total, \`refund_cents\` what was paid back. \`payment_status\` follows from both and \`total_cents\`:

| payment_status | when |
|---|---|
| pending | nothing was paid |
| partial | less than the total was paid |
| paid | the total was paid |
| partial_refund | a part of what was paid was refunded |
| refunded | all that was paid was refunded |
| external, failed | set by a client or an import; kept until a payment or refund is entered |

- \`POST\` and \`PATCH /api/v1/bookings\` take \`paid_cents\`. A \`payment_status\` without it says how much: \`paid\` the total, \`pending\` nothing.
  \`partial\` and \`external\` leave the amount open (\`paid_cents\` is null). The two must not contradict each other.
- \`POST /api/v1/bookings/{id}/cancellation\` with \`refund_cents\`, or \`PATCH /api/v1/bookings/{id}/refund\` with \`refund_cents\` and
  \`refund_reason\`, sets what was refunded in total. The latter also corrects an amount, and works for every status. A refund above what was
  paid is 422, with the pointer \`/refund_cents\`.
- A split divides the payments: what exceeds the price of the first part belongs to the second. The refund stays with the first.
`
}
