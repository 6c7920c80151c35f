// The section of docs/security/tenant-isolation.md about what looks across agencies.
import { definerFunctions, systemPolicies, tenantDefinerFunctions } from '../../src/core/tenancy/expected.ts'
import { definerReasons } from './definers.ts'
import type { IsolationException } from './exceptions.ts'
import { code, escaped, table } from './markdown.ts'
import { ownerExceptions } from './owner-rule.ts'

/** Everything that is not limited to one agency, with the reason of each. */
export function acrossSection(exceptions: readonly IsolationException[]): string {
  return `## Exceptions

**No role crosses agencies.** Admin, manager, staff, owner and accountant are roles in one agency, and a request acts in one: an admin
of one agency is a stranger in every other, and gets the 404 of a missing record there. There is no role above admin in the API.
What follows is all that does look across.

### People who are members of several agencies
They choose one agency per request (\`X-Agency-Id\`, or the agency of the token), with their role there. \`GET /api/v1/me\` lists their own
agencies. No request reads two of them.

### Operator
The commands of \`bin/roost\` act as the role \`operator\` inside one agency, named by \`--agency\`. \`agency list\`, \`verify\`, \`doctor\` and
\`backup\` read all agencies; they need the environment of the deployment, that is the rights of the operator.
\`GET /ops/*\` shows numbers about the deployment, without ids or names of agencies.

### Functions with the rights of their owner
${definerFunctions.length} SECURITY DEFINER functions. \`roost_tenant\`, the role of requests in an agency, may call ${tenantDefinerFunctions.map((name) => code(name)).join(', ')} only.

${table(
  ['function', 'callable in an agency', 'reads or changes'],
  definerFunctions.map((name) => [
    code(name),
    tenantDefinerFunctions.includes(name) ? 'yes' : 'no',
    definerReasons[name] ?? 'UNEXPLAINED: add it to test/isolation/definers.ts',
  ]),
)}
### Policies of background jobs
\`roost_system\` sees rows of an agency's tables only where one of these policies shows them.

${table(
  ['policy', 'rows'],
  Object.entries(systemPolicies).map(([name, rows]) => [code(name), rows]),
)}
### Statements
${
  exceptions.length === 0
    ? 'None: no statement reads across agencies.\n'
    : table(
        ['no.', 'file', 'statements that start with', 'reason'],
        exceptions.map(({ file, startsWith, reason }, place) => [
          String(place + 1),
          code(file),
          code(startsWith),
          escaped(reason),
        ]),
      )
}
### Reads of owners without a filter by owner
${
  ownerExceptions.length === 0
    ? 'None: every read of properties, bookings, blocks and occupancies that an owner sends filters by owner.\n'
    : table(
        ['file', 'statements that start with', 'reason'],
        ownerExceptions.map(({ file, startsWith, reason }) => [code(file), code(startsWith), escaped(reason)]),
      )
}`
}
