// Generates docs/errors.md from the error classes in src/core.
import { errorCatalogue } from '../../src/core/app-error.ts'
import '../../src/core/errors.ts'
import '../../src/core/server-errors.ts'
import '../../src/core/request-errors.ts'

export function errorsDoc(): string {
  const byStatus = errorCatalogue.toSorted((a, b) => a.status - b.status)
  const rows = byStatus.map(
    ({ code, status, when, advice, retryable }) =>
      `| <a id="${code}"></a>\`${code}\` | ${status} | ${when} | ${advice} | ${retryable ? 'yes' : 'no'} |`,
  )
  return `# Errors
Generated from \`src/core/errors.ts\`, \`request-errors.ts\` and \`server-errors.ts\` by \`npm run docs\`; do not edit.

Every response with a status of 400 or above is \`{"error":{"code":"…","message":"…"}}\`. \`code\` and \`message\` are always
present. The meaning and the status of a code never change; the message may be reworded. Optional members are \`request_id\`
(identifies the log line), \`retryable\`, \`details\` (one entry per field: JSON pointer, code, message) and \`meta\`. Ignore unknown
members. A pointer refers to the body (\`/guest/email\`), the query (\`/query/limit\`) or the path (\`/path/id\`).

"Retry" says whether the same request can succeed later without a change: wait as long as \`Retry-After\` says. Repeat a POST or
PATCH with the same \`Idempotency-Key\`, or check first whether it was carried out.

| code | status | when | what to do | retry |
|---|---|---|---|---|
${rows.join('\n')}
`
}
