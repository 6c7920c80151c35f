// Generates .env.example and docs/configuration.md from src/config.ts.
import { type Setting, settings } from '../../src/config.ts'

const all: readonly Setting[] = Object.values(settings)

export function envExample(): string {
  const lines = all.map(({ name, help, fallback }) => `# ${help}\n#${name}=${fallback ?? ''}\n`)
  return `# Generated from src/config.ts (npm run docs). Copy it to .env, or set the variables in the environment.\n\n${lines.join('\n')}`
}

export function configurationDoc(): string {
  const rows = all.map(({ name, help, fallback, secret }) => {
    const value = fallback === undefined ? 'unset' : fallback === '' ? 'empty' : `\`${fallback}\``
    return `| \`${name}\`${secret ? ' (secret)' : ''} | ${value} | ${help.replaceAll('|', '\\|')} |`
  })
  return `# Configuration
Generated from \`src/config.ts\` by \`npm run docs\`; do not edit.

All settings are environment variables. Problems are reported together at the start, with exit code 78 and without values.
Without any setting, \`npm start\` runs on the embedded database with demo data.

A file \`.env\` in the folder of Roost is read as well, also by \`bin/roost\`; \`.env.example\` has all settings.
\`ENV_FILE\` names another file; empty, no file is read. Variables of the environment win over the file, also empty ones. The
file has \`NAME=value\` lines as Node reads them (\`util.parseEnv\`); no shell reads it, so values with commands are refused.

| variable | default | meaning |
|---|---|---|
${rows.join('\n')}

## Roles
Migrations run as the schema owner (\`MIGRATION_DATABASE_URL\`). The API should connect as a login role that owns nothing and
has no privileges of its own, so that a query outside a transaction of the API returns no rows. \`roost setup-database\` creates
the database, both roles and a \`JWT_SECRET\` on a server, and prints the lines for \`.env\`; \`--print\` shows the SQL. The owner
gets CREATEROLE, because migrations create roles, and BYPASSRLS, because a backup has the rows of all agencies.

With a database and an owner that exist already, create the login once, as the owner, after \`roost migrate up\`:

\`\`\`sql
create role roost_api login noinherit password '<a password>';
grant roost_tenant, roost_system to roost_api;
\`\`\`

Then set \`DATABASE_URL\` to \`roost_api\` and \`MIGRATION_DATABASE_URL\` to the owner. \`roost doctor\` warns when the role
of the API can bypass row-level security.

## Identity providers
With \`JWT_JWKS_URL\` and \`JWT_ISSUER\`, tokens of Supabase or any OpenID Connect issuer are accepted in addition to those of
Roost. The operator assigns the token's \`sub\` to a user with \`roost member add --subject <sub>\`. The role always comes from
the membership, never from the token.
`
}
