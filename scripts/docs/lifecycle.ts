// docs/lifecycle.md, from the table in src/features/bookings/lifecycle.ts.
import { occupyingStatuses } from '../../src/features/availability/occupancies.ts'
import { type Transition, transitions, transitionsTable } from '../../src/features/bookings/lifecycle.ts'
import { statuses } from '../../src/features/bookings/schema.ts'

const words: Readonly<Record<string, string>> = {
  'admin,manager,staff': 'desk',
  'admin,manager': 'office',
  admin: 'admin',
}

function arrow({ from, to, roles }: Transition): string {
  return `  ${from} --> ${to}: ${words[roles.join(',')] ?? roles.join(', ')}`
}

function ends(): string[] {
  const left = new Set(transitions.map(({ from }) => from))
  return statuses.filter((status) => !left.has(status)).map((status) => `  ${status} --> [*]`)
}

export function lifecycleDoc(): string {
  return `# The life of a booking
Generated from \`src/features/bookings/lifecycle.ts\` by \`npm run docs\`; do not edit.

\`PATCH /api/v1/bookings/{id}/status\` moves a booking; \`POST /api/v1/bookings/{id}/cancellation\` cancels it and says who did,
why and what is paid back. What is not in this table is refused with 409 \`INVALID_STATUS_TRANSITION\`, whose \`meta.allowed\` lists
where the caller may move it. The database refuses it too (\`app.may_move_booking\`).

\`\`\`mermaid
stateDiagram-v2
  [*] --> inquiry
  [*] --> pending
  [*] --> confirmed
${[...transitions.map(arrow), ...ends()].join('\n')}
\`\`\`

*Desk*: admin, manager, staff. *Office*: admin, manager.

${transitionsTable()}

- Nights are taken by ${occupyingStatuses.map((status) => `\`${status}\``).join(', ')}. A move out of these frees them in the same
  transaction; a move into them asks the ledger and every rule of the property, as for a new booking. On confirming a
  pending booking its rules are asked as of the day on which it was made.
- The status a booking has already is answered with 200 and changes nothing: no version, no audit entry, no event.
- Each move sets a time (\`confirmed_at\`, \`checked_in_at\`, …) the first time it happens. Taking a cancellation back clears
  \`cancelled_at\`, \`cancelled_by\`, \`cancellation_reason\` and \`refund_cents\`.
- Each move leaves one audit entry, \`booking.<status>\`, and one event. \`GET /api/v1/bookings/{id}/history\` shows them.
- \`DELETE\` hides a booking; a live one is cancelled by the host, by whoever may cancel it.
- Imports by the operator follow the channel, which is the authority on its own bookings, from any status to any other.
- A guest who leaves early: shorten the stay first, then check out. A booking that is over keeps its nights.
`
}
