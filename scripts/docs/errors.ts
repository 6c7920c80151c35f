// docs/errors.md, from the taxonomy in src/core.
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
Generated from \`src/core/errors.ts\`, \`request-errors.ts\` and \`outages.ts\` by \`npm run docs\`; do not edit.

Every reply of 400 and above is \`{"error":{"code":"…","message":"…"}}\`. \`code\` and \`message\` are always there; the code
never changes its meaning or status, the message may be reworded. Also possible: \`request_id\` (find the log line by it),
\`retryable\`, \`details\` (one entry per field: JSON pointer, code, message) and \`meta\`. Ignore members you do not know.
A pointer names a place in the body (\`/guest/email\`), in the query (\`/query/limit\`) or in the path (\`/path/id\`).

"Retry" says whether the very same request can succeed later without a change: wait as long as \`Retry-After\` says. Send a
POST or PATCH again with the same \`Idempotency-Key\` as the first time, or look first whether it arrived.

| code | status | when | what to do | retry |
|---|---|---|---|---|
${rows.join('\n')}
`
}
