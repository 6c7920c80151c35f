// What Roost needs of the database server and cannot set itself: checked at start, by doctor and by readiness.
import { setTimeout as delay } from 'node:timers/promises'
import sql from 'sql-template-tag'
import type { Database } from './database.ts'

/** What the server says of itself, as the login role of the API meets it. */
export interface ServerFacts {
  readonly is_standby: boolean
  /** default_transaction_read_only. */
  readonly read_only: string
  readonly encoding: string
  readonly replication_role: string
  /** How many sessions the login role, and the database, may have; -1: no limit. */
  readonly role_limit: number
  readonly database_limit: number
  /** What all roles together may have. */
  readonly max_connections: number
  readonly fsync: string
  readonly full_page_writes: string
  readonly synchronous_commit: string
  /** Milliseconds the server's clock is ahead of this process's at the least; negative: behind. */
  readonly clock_ahead_ms: number
}

export interface ServerFinding {
  readonly name: 'standby' | 'read only' | 'encoding' | 'replication role' | 'connections' | 'clock' | 'durability'
  /** `error`: requests fail or guarantees do not hold, so the process is not ready. */
  readonly severity: 'error' | 'warning'
  /** What is wrong and what to do. Names settings, never roles or hosts. */
  readonly message: string
}

/** Tokens are accepted up to 5 s ahead of the clock; a warning comes before that is used up. */
const max_skew_ms = 2000

/** Sessions beside the pool: the probe, the listener and one that applies migrations. */
const beside_pool = 3

const durability: Readonly<Record<'fsync' | 'full_page_writes' | 'synchronous_commit', string>> = {
  fsync: 'a crash of the machine may destroy the database.',
  full_page_writes: 'a crash of the machine may destroy the database.',
  synchronous_commit: 'a crash of the server may lose what was just saved.',
}

/** What is wrong with the server, the errors first. `pool_size`: sessions that this process may want for requests. */
export function judgeServer(facts: ServerFacts, pool_size: number): ServerFinding[] {
  const { is_standby, read_only, encoding, replication_role, clock_ahead_ms } = facts
  const wanted = pool_size + beside_pool
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
    allowed < wanted && {
      name: 'connections',
      severity: 'warning',
      message: `This process wants up to ${wanted} connections and may have ${allowed}: raise the CONNECTION LIMIT of the role or the database, or max_connections, or lower DATABASE_POOL_SIZE.`,
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
  return found.filter((one) => one !== false)
}

const budget_ms = 500

/** The findings of judgeServer about the server behind `db`; undefined when it does not answer within 500 ms. */
export async function serverFindings(db: Database, pool_size: number): Promise<ServerFinding[] | undefined> {
  const unknown = delay(budget_ms, undefined, { ref: false })
  const judged = readFacts(db).then((facts) => judgeServer(facts, pool_size))
  return Promise.race([judged.catch(() => undefined), unknown])
}

async function readFacts(db: Database): Promise<ServerFacts> {
  const asked_at = Date.now()
  const { clock_ms, ...facts } = await db.systemRead((tx) =>
    tx.one<Omit<ServerFacts, 'clock_ahead_ms'> & { clock_ms: number }>(sql`
      select pg_is_in_recovery() as is_standby, pg_encoding_to_char(d.encoding) as encoding,
        current_setting('default_transaction_read_only') as read_only,
        current_setting('session_replication_role') as replication_role,
        r.rolconnlimit as role_limit, d.datconnlimit as database_limit,
        current_setting('max_connections')::int as max_connections, current_setting('fsync') as fsync,
        current_setting('full_page_writes') as full_page_writes,
        current_setting('synchronous_commit') as synchronous_commit,
        floor(extract(epoch from clock_timestamp()) * 1000)::bigint as clock_ms
      from pg_database d, pg_roles r where d.datname = current_database() and r.rolname = session_user`),
  )
  return { ...facts, clock_ahead_ms: aheadOf(clock_ms, asked_at, Date.now()) }
}

/** The answer was made at some moment between `from` and `to`: only what is beyond either is a difference of clocks. */
function aheadOf(clock_ms: number, from: number, to: number): number {
  return clock_ms > to ? clock_ms - to : Math.min(0, clock_ms - from)
}
