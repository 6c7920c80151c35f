// docs/permissions.md, from the table in src/core/auth/permissions.ts.
import { type Permission, permissions, roles, scopeOf } from '../../src/core/auth/permissions.ts'

const words = { all: 'yes', own: 'own', finance: 'finance' }

export function permissionsDoc(): string {
  const rows = (Object.keys(permissions) as Permission[]).map((permission) => {
    const cells = roles.map((role) => {
      const scope = scopeOf(role, permission)
      return scope === undefined ? '-' : words[scope]
    })
    return `| \`${permission}\` | ${cells.join(' | ')} |`
  })
  return `# Permissions
Generated from \`src/core/auth/permissions.ts\` by \`npm run docs\`; do not edit.

A person has one role per agency; the role is read from the membership at every request. Every route names the
permission it needs, or the service does not start. Without a role, or with an inactive membership, there is no access.

| permission | ${roles.join(' | ')} |
|---|${roles.map(() => '---').join('|')}|
${rows.join('\n')}

- \`yes\`: every row of the agency. \`-\`: 403 \`FORBIDDEN\`, before the body is looked at.
- \`own\`: properties whose \`owner_id\` is the caller, and their bookings; others answer 404. Owners see the guest's last
  name, never contact data, notes or price parts.
- \`finance\`: every booking, money columns only; no guest, no notes.
- A row of another agency answers 404 with the same body as a missing one.
- \`GET /api/v1/me\` tells a signed-in person the agencies, the role and these permissions.
`
}
