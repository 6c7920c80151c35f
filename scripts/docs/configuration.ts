// .env.example and docs/configuration.md, from src/config.ts.
import { type Setting, settings } from '../../src/config.ts'

const all: readonly Setting[] = Object.values(settings)

export function envExample(): string {
  const lines = all.map(({ name, help, fallback }) => `# ${help}\n#${name}=${fallback ?? ''}\n`)
  return `# Generated from src/config.ts (npm run docs). Copy what you need into the environment.\n\n${lines.join('\n')}`
}

export function configurationDoc(): string {
  const rows = all.map(({ name, help, fallback, secret }) => {
    const value = fallback === undefined ? 'unset' : fallback === '' ? 'empty' : `\`${fallback}\``
    return `| \`${name}\`${secret ? ' (secret)' : ''} | ${value} | ${help.replaceAll('|', '\\|')} |`
  })
  return `# Configuration
Generated from \`src/config.ts\` by \`npm run docs\`; do not edit.

Everything is an environment variable. All problems are reported at once at start, with exit code 78; values are never
shown. With none set, \`npm start\` runs on the embedded database with demo data.

| variable | default | meaning |
|---|---|---|
${rows.join('\n')}

## Roles
Migrations run as the owner of the schema (\`MIGRATION_DATABASE_URL\`). The API should connect as a login role that owns
nothing and can only become the tenant role, so that a forgotten filter finds no rows. Once, as the owner, after
\`roost migrate up\`:

\`\`\`sql
create role roost_api login noinherit password '<a password>';
grant authenticated, roost_system to roost_api;
\`\`\`

Then set \`DATABASE_URL\` to \`roost_api\` and \`MIGRATION_DATABASE_URL\` to the owner. \`roost doctor\` warns when the API's
role could look past row-level security.

## Identity providers
With \`JWT_JWKS_URL\` and \`JWT_ISSUER\`, tokens of Supabase or any OpenID Connect issuer are accepted beside our own. The
person is the one the operator tied to the token's \`sub\` with \`roost member add --subject <sub>\`. The role always
comes from the membership, never from the token.
`
}
