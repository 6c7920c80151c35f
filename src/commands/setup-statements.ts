// The SQL that prepares a PostgreSQL server: the database, its owner, the login of the API and the roles without login.
import { randomBytes } from 'node:crypto'

export interface Setup {
  readonly database: string
  /** Owns the database and applies migrations. */
  readonly owner: string
  /** The login of the API: owns nothing and has no privileges of its own. */
  readonly api: string
  readonly owner_password: string
  readonly api_password: string
}

/** The roles that migrations create when they are missing. Created here, so that they can be granted to the login of the API. */
const group_roles = ['authenticated', 'roost_auth', 'roost_system', 'roost_tenant']

/** Names that begin with `name`, and new passwords of 32 characters that a URL can contain. */
export function createSetup(name: string): Setup {
  const password = () => randomBytes(24).toString('base64url')
  return {
    database: name,
    owner: `${name}_owner`,
    api: `${name}_api`,
    owner_password: password(),
    api_password: password(),
  }
}

/**
 * The statements for the roles run in one transaction, those for the database after it: CREATE DATABASE cannot run in one. The
 * names must be identifiers that need no quotes.
 */
export function setupStatements({ database, owner, api, owner_password, api_password }: Setup) {
  return {
    roles: [
      ...group_roles.map(
        (role) => `do $$ begin
  if not exists (select from pg_roles where rolname = '${role}') then create role ${role} nologin noinherit; end if;
end $$`,
      ),
      // createrole: migrations create roles. bypassrls: a backup has the rows of all agencies.
      `create role ${owner} login createrole bypassrls password '${owner_password}'`,
      `grant ${group_roles.join(', ')} to ${owner} with admin option`,
      `create role ${api} login noinherit password '${api_password}'`,
      `grant roost_system, roost_tenant to ${api}`,
    ],
    database: [
      `create database ${database} owner ${owner} template template0 encoding 'UTF8'`,
      `revoke all on database ${database} from public`,
      `grant connect on database ${database} to ${api}`,
    ],
  }
}

/** The lines of `.env` for this setup. `admin_url` has the address of the server. */
export function envLines({ database, owner, api, owner_password, api_password }: Setup, admin_url: string): string[] {
  const urlOf = (user: string, password: string) => {
    const url = new URL(admin_url)
    url.username = user
    url.password = password
    url.pathname = `/${database}`
    return url.href
  }
  return [
    `DATABASE_URL=${urlOf(api, api_password)}`,
    `MIGRATION_DATABASE_URL=${urlOf(owner, owner_password)}`,
    `JWT_SECRET=${randomBytes(48).toString('base64url')}`,
  ]
}
