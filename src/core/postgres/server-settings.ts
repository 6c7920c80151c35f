// Checks server settings that Roost needs and cannot set itself, at start and for readiness.
import { setTimeout as delay } from 'node:timers/promises'
import sql from 'sql-template-tag'
import type { Database } from './database.ts'

/** The settings of the server, as the login role of the API sees them. */
export interface ServerFacts {
  readonly is_standby: boolean
  /** default_transaction_read_only. */
  readonly read_only: string
  readonly encoding: string
  readonly replication_role: string
  /** The login role is a member of roost_tenant. */
  readonly is_tenant_member: boolean
  /** Connection limits of the login role and of the database; -1: no limit. */
  readonly role_limit: number
  readonly database_limit: number
  /** The connection limit of all roles together. */
  readonly max_connections: number
  readonly fsync: string
  readonly full_page_writes: string
  readonly synchronous_commit: string
  /** The minimum difference between the server's clock and this process's in milliseconds; negative: behind. */
  readonly clock_ahead_ms: number
}

export interface ServerFinding {
  readonly name:
    | 'standby'
    | 'read only'
    | 'encoding'
    | 'replication role'
    | 'roles'
    | 'connections'
    | 'clock'
    | 'durability'
  /** `error`: requests fail or data is not safe, so the process is not ready. */
  readonly severity: 'error' | 'warning'
  /** The problem and what to do. Contains names of settings, never of roles or hosts. */
  readonly message: string
}

/** Tokens issued up to 5 s in the future are accepted; the warning comes before that limit is reached. */
const max_skew_ms = 2000

/** Connections outside of the pool: the probe, the notification listener and the one for migrations. */
const extra_connections = 3

const durability: Readonly<Record<'fsync' | 'full_page_writes' | 'synchronous_commit', string>> = {
  fsync: 'a crash of the machine may destroy the database.',
  full_page_writes: 'a crash of the machine may destroy the database.',
  synchronous_commit: 'a crash of the server may lose the last commits.',
}

/** The problems of the server, errors first. `pool_size`: the connections of this process for requests. */
export function checkServerFacts(facts: ServerFacts, pool_size: number): ServerFinding[] {
  const { is_standby, read_only, encoding, replication_role, clock_ahead_ms } = facts
  const wanted = pool_size + extra_connections
  const allowed = Math.min(...[facts.role_limit, facts.database_limit, facts.max_connections].filter((n) => n >= 0))
  const found: (ServerFinding | false)[] = [
    is_standby && {
      name: 'standby',
      severity: 'error',
      message: 'The server is a read-only replica: set DATABASE_URL to the primary.',
    },
    read_only === 'on' && {
      name: 'read only',
      severity: 'error',
      message: 'The setting default_transaction_read_only is on: find out why (often a full disk), then reset it.',
    },
    encoding !== 'UTF8' && {
      name: 'encoding',
      severity: 'error',
      message: `The database has the encoding ${encoding}: create it with ENCODING 'UTF8' and restore it there.`,
    },
    replication_role !== 'origin' && {
      name: 'replication role',
      severity: 'error',
      message: `The setting session_replication_role is ${replication_role}: foreign keys and triggers are not checked. Reset it.`,
    },
    !facts.is_tenant_member && {
      name: 'roles',
      severity: 'error',
      message: 'The login of the API is not a member of roost_tenant: grant it (docs/configuration.md, "Roles").',
    },
    allowed < wanted && {
      name: 'connections',
      severity: 'warning',
      message: `This process needs up to ${wanted} connections but only ${allowed} are allowed: raise the CONNECTION LIMIT of the role or the database, or max_connections, or lower DATABASE_POOL_SIZE.`,
    },
    Math.abs(clock_ahead_ms) > max_skew_ms && {
      name: 'clock',
      severity: 'warning',
      message: `The server's clock is ${Math.round(Math.abs(clock_ahead_ms) / 1000)} s ${clock_ahead_ms > 0 ? 'ahead of' : 'behind'} this process's: synchronise both (NTP), or tokens and holds expire at the wrong time.`,
    },
    ...(['fsync', 'full_page_writes', 'synchronous_commit'] as const).map(
      (name): ServerFinding | false =>
        facts[name] === 'off' && {
          name: 'durability',
          severity: 'warning',
          message: `${name} is off: ${durability[name]}`,
        },
    ),
  ]
  return found.filter((finding) => finding !== false)
}

const timeout_ms = 500

/** The findings of checkServerFacts; undefined when the server does not answer within 500 ms. */
export async function findServerProblems(db: Database, pool_size: number): Promise<ServerFinding[] | undefined> {
  const timeout = delay(timeout_ms, undefined, { ref: false })
  const findings = readFacts(db).then((facts) => checkServerFacts(facts, pool_size))
  return Promise.race([findings.catch(() => undefined), timeout])
}

async function readFacts(db: Database): Promise<ServerFacts> {
  const started_at = Date.now()
  const { clock_ms, ...facts } = await db.systemRead((tx) =>
    tx.one<Omit<ServerFacts, 'clock_ahead_ms'> & { clock_ms: number }>(sql`
      select pg_is_in_recovery() as is_standby, pg_encoding_to_char(d.encoding) as encoding,
        current_setting('default_transaction_read_only') as read_only,
        current_setting('session_replication_role') as replication_role,
        coalesce((select pg_has_role(session_user, t.oid, 'member') from pg_roles t where t.rolname = 'roost_tenant'), false)
          as is_tenant_member,
        r.rolconnlimit as role_limit, d.datconnlimit as database_limit,
        current_setting('max_connections')::int as max_connections, current_setting('fsync') as fsync,
        current_setting('full_page_writes') as full_page_writes,
        current_setting('synchronous_commit') as synchronous_commit,
        floor(extract(epoch from clock_timestamp()) * 1000)::bigint as clock_ms
      from pg_database d, pg_roles r where d.datname = current_database() and r.rolname = session_user`),
  )
  return { ...facts, clock_ahead_ms: clockDifference(clock_ms, started_at, Date.now()) }
}

/** The server read its clock between `from` and `to`. Only the time outside of this interval is a difference. */
function clockDifference(clock_ms: number, from: number, to: number): number {
  return clock_ms > to ? clock_ms - to : Math.min(0, clock_ms - from)
}
