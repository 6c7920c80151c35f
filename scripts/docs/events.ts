// Generates docs/events.md from the features.
import { features } from '../../src/features.ts'

export function eventsDoc(): string {
  const rows = features.flatMap(({ name, events = {} }) =>
    Object.entries(events).map(([type, when]) => `| \`${type}\` | ${when} | ${name} |`),
  )
  return `# Events
Generated from \`src/features/*/feature.ts\` by \`npm run docs\`; do not edit.

Every change of an agency adds one entry to its event log, in the transaction of the change. The entry has one of these types.
\`GET /api/v1/audit-log\` returns the entries.

| type | added when | feature |
|---|---|---|
${rows.join('\n')}
`
}
