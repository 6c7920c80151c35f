// Generates docs/permissions.md from src/core/auth/permissions.ts.
import { findScope, type Permission, permissions, roles } from '../../src/core/auth/permissions.ts'

const labels = { all: 'yes', own: 'own', finance: 'finance' }

export function permissionsDoc(): string {
  const rows = (Object.keys(permissions) as Permission[]).map((permission) => {
    const cells = roles.map((role) => {
      const scope = findScope(role, permission)
      return scope === undefined ? '-' : labels[scope]
    })
    return `| \`${permission}\` | ${cells.join(' | ')} |`
  })
  return `# Permissions
Generated from \`src/core/auth/permissions.ts\` by \`npm run docs\`; do not edit.

A user has one role per agency, which is read from the membership for every request. Every route must declare the permission
it needs, otherwise the service does not start. Without a role, or with an inactive membership, there is no access.

| permission | ${roles.join(' | ')} |
|---|${roles.map(() => '---').join('|')}|
${rows.join('\n')}

- \`yes\`: every row of the agency. \`-\`: 403 \`FORBIDDEN\`, before the body is validated.
- \`own\`: properties whose \`owner_id\` is the caller, and their bookings; others answer 404. Owners see the guest's last
  name, never contact data, notes or price parts.
- \`finance\`: every booking, money columns only; no guest, no notes.
- A row of another agency answers 404 with the same body as a missing one.
- \`GET /api/v1/me\` returns the agencies, the role and the permissions of the signed-in user.
`
}
