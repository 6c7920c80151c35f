// Generates docs/errors.md from the error classes in src/core.
import { AppError, errorCatalogue } from '../../src/core/app-error.ts'
import * as domain from '../../src/core/errors.ts'
import * as requests from '../../src/core/request-errors.ts'
import * as servers from '../../src/core/server-errors.ts'

/** Error code -> name of its class. */
const class_names = new Map(
  [domain, requests, servers].flatMap((file) =>
    Object.entries(file).flatMap(([name, value]) => {
      const is_class = typeof value === 'function' && value.prototype instanceof AppError && 'entry' in value
      return is_class ? [[(value.entry as AppError['entry']).code, name] as const] : []
    }),
  ),
)

export function errorsDoc(): string {
  const byStatus = errorCatalogue.toSorted((a, b) => a.status - b.status)
  const rows = byStatus.map(
    ({ code, status, message, when, advice, retryable }) =>
      `| <a id="${code}"></a>\`${code}\` | ${status} | ${when} | ${advice} | ${retryable ? 'yes' : 'no'} | \`${class_names.get(code)}\` | ${message} |`,
  )
  return `# Errors
Generated from \`src/core/errors.ts\`, \`request-errors.ts\` and \`server-errors.ts\` by \`npm run docs\`; do not edit.

Every response with a status of 400 or above is \`{"error":{"code":"…","message":"…"}}\`. \`code\` and \`message\` are always
present. The meaning and the status of a code never change; the message may be reworded. Optional members are \`request_id\`
(identifies the log line), \`retryable\`, \`details\` (one entry per field: JSON pointer, code, message) and \`meta\`. Ignore unknown
members. A pointer refers to the body (\`/guest/email\`), the query (\`/query/limit\`) or the path (\`/path/id\`).

- **4xx: the client's.** The request cannot be carried out as it was sent: change it, sign in, or send it more slowly.
- **5xx: the server's.** The request may be right. 500 is a bug of Roost: report it with its \`request_id\`. 503 means that something
  the service needs is down or overloaded, and what was sent can succeed later.

"Retry" says whether the same request can succeed later without a change: wait as long as \`Retry-After\` says. Repeat a POST or
PATCH with the same \`Idempotency-Key\`, or check first whether it was carried out. "Class" is the name in the source; "message" is the
default, which a response may replace by a more exact one.

| code | status | when | what to do | retry | class | message |
|---|---|---|---|---|---|---|
${rows.join('\n')}
`
}
