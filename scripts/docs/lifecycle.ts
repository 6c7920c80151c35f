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

function formatFinalStatuses(): string[] {
  const sources = new Set(transitions.map(({ from }) => from))
  return statuses.filter((status) => !sources.has(status)).map((status) => `  ${status} --> [*]`)
}

export function lifecycleDoc(): string {
  return `# Booking status
Generated from \`src/features/bookings/lifecycle.ts\` by \`npm run docs\`; do not edit.

\`PATCH /api/v1/bookings/{id}/status\` changes the status of a booking; \`POST /api/v1/bookings/{id}/cancellation\` cancels it and
records who cancelled, why, and the refund. A transition that is not in this table is refused with 409 \`INVALID_STATUS_TRANSITION\`;
\`meta.allowed\` lists the transitions that the caller may make. The database enforces the table too (\`app.may_move_booking\`).

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
- A request for the present status answers 200 and changes nothing: no version, no audit entry.
- Each transition sets a timestamp (\`confirmed_at\`, \`checked_in_at\`, …) the first time. Reverting a cancellation clears
  \`cancelled_at\`, \`cancelled_by\`, \`cancellation_reason\` and \`refund_cents\`.
- Each transition writes one audit entry, \`booking.<status>\`. \`GET /api/v1/bookings/{id}/history\` returns them.
- \`DELETE\` hides a booking. If it is still active it is cancelled by the host; this needs the permission to cancel it.
- Imports by the operator may set any status, because the channel is authoritative for its own bookings.
- When a guest leaves early, shorten the stay first, then check out. A booking that has ended keeps its nights.
`
}
