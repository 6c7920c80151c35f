// The session of a migration run: advisory lock, transactions, lock timeouts and retries.
import { begin } from '../postgres/session-settings.ts'
import { findSqlstate, MigrationError } from './error.ts'

/**
 * A dedicated session, connected to the server without a transaction pooler, without a client-side query timeout, with a
 * listener for its 'error' event. A query text without values may hold several statements.
 */
export interface MigrationConnection {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
  /** `is_broken`: the session could not be reset and must not be used again. */
  release(is_broken?: boolean): Promise<void> | void
}

export interface Session {
  readonly connection: MigrationConnection
  readonly log: (line: string) => void
  readonly sleep: (ms: number) => Promise<void>
}

const lock_key = [0x526f6f73, 0x74] // 'Roos', 't'; advisory locks are per database
const lock_wait_ms = 60_000
const max_attempts = 40
const statement_limit = "statement_timeout = '15min'"
/** Set for every role, because roles may have other defaults. Supabase installs extensions in `extensions`. */
const search_path = 'search_path = public, extensions'

/** Runs `work` under the migration lock, for which it waits up to 60 s. Resets and releases the session. */
export async function withLock<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const { connection } = session
  let is_clean = false
  try {
    await acquireLock(session)
    return await work()
  } finally {
    is_clean = await connection
      .query('select pg_advisory_unlock_all()')
      .then(() => resetSession(connection))
      .then(
        () => true,
        () => false,
      )
    await connection.release(!is_clean)
  }
}

/** Undoes the SET commands of the previous file. */
async function resetSession(connection: MigrationConnection): Promise<void> {
  await connection.query('reset all')
}

/** Polls: a blocking wait would hold a snapshot, and CREATE INDEX CONCURRENTLY waits for old snapshots. */
async function acquireLock({ connection, log, sleep }: Session): Promise<void> {
  let waited_ms = 0
  for (;;) {
    const { rows } = await connection.query('select pg_try_advisory_lock($1::int, $2::int) as is_mine', [...lock_key])
    if (rows[0]?.is_mine === true) return
    if (waited_ms === 0) log(`waiting for another migration run to finish (${await describeHolder(connection)})`)
    if (waited_ms >= lock_wait_ms) {
      throw new MigrationError(
        'locked',
        `another migration run has held the lock for over 60 s (${await describeHolder(connection)}). Wait for it to finish, then run this again.`,
      )
    }
    const pause_ms = 50 + Math.random() * 150
    waited_ms += pause_ms
    await sleep(pause_ms)
  }
}

const lock_condition = `l.locktype = 'advisory' and l.granted and l.classid = $1::bigint::oid and l.objid = $2::bigint::oid and l.objsubid = 2
  and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())`

/** Whether a run has the migration lock of this database. */
export async function isLockHeld(connection: MigrationConnection): Promise<boolean> {
  const { rows } = await connection.query(
    `select exists (select from pg_catalog.pg_locks l where ${lock_condition}) as is_held`,
    [...lock_key],
  )
  return rows[0]?.is_held === true
}

async function describeHolder(connection: MigrationConnection): Promise<string> {
  const { rows } = await connection.query(
    `select format('server process %s, %s', l.pid, coalesce(nullif(a.application_name, ''), 'no application name')) as holder
     from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid where ${lock_condition}`,
    [...lock_key],
  )
  return String(rows[0]?.holder ?? 'just finished')
}

/** Behind a transaction pooler the lock is on another session and does not exclude other runs. */
async function requireLock(connection: MigrationConnection): Promise<void> {
  const { rows } = await connection.query(
    `select exists (select from pg_catalog.pg_locks l where l.pid = pg_backend_pid() and ${lock_condition}) as is_held`,
    [...lock_key],
  )
  if (rows[0]?.is_held === true) return
  throw new MigrationError(
    'usage',
    'the migration lock is not on this session: the connection goes through a transaction pooler. Set MIGRATION_DATABASE_URL to the server itself.',
  )
}

/**
 * Runs `work` in one transaction with a lock_timeout of 200 ms, because a waiting ALTER TABLE blocks all later readers. When
 * a lock is not available, the transaction is rolled back and retried: 40 attempts in about three minutes.
 */
export async function inTransaction(session: Session, label: string, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await runTransaction(session.connection, work)
      return
    } catch (error) {
      await session.connection.query('rollback').catch(() => {})
      if (!isContention(error)) throw error
      if (attempt === max_attempts) throw createLockError(label, error)
    }
    const pause_ms = Math.min(100 * 1.3 ** attempt, 10_000) * (0.5 + Math.random() / 2)
    session.log(
      `${label}: a lock is not available, attempt ${attempt + 1} of ${max_attempts} in ${Math.round(pause_ms)} ms`,
    )
    await session.sleep(pause_ms)
  }
}

async function runTransaction(connection: MigrationConnection, work: () => Promise<void>): Promise<void> {
  await resetSession(connection)
  await connection.query(begin)
  await requireLock(connection)
  await connection.query("set local lock_timeout = '200ms'")
  await connection.query(`set local ${statement_limit}`)
  await connection.query(`set local ${search_path}`)
  await work()
  await connection.query('commit')
}

/**
 * For the one CONCURRENTLY statement of a file, which cannot run in a transaction. While it waits for a lock it blocks
 * neither reads nor writes, so there is no lock_timeout.
 */
export async function outsideTransaction(session: Session, work: () => Promise<void>): Promise<void> {
  await resetSession(session.connection)
  await session.connection.query("set lock_timeout = '0'")
  await session.connection.query(`set ${statement_limit}`)
  await session.connection.query(`set ${search_path}`)
  await work()
}

const isContention = (error: unknown) => ['55P03', '40P01'].includes(findSqlstate(error) ?? '')

function createLockError(label: string, cause: unknown): MigrationError {
  return new MigrationError(
    'locked',
    `${label}: another session held a lock during ${max_attempts} attempts; all changes were rolled back. Look for long transactions in pg_stat_activity, then run this again.`,
    cause,
  )
}
