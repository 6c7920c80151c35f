// One run's connection: the advisory lock that lets one run in, and transactions that wait for locks briefly and often.
import { begin } from '../postgres/session-settings.ts'
import { MigrationError, sqlstateOf } from './error.ts'

/**
 * One session of its own, direct to the server (no transaction pooler), without a client-side time limit per query and
 * with a listener for its 'error' event. A text without values may hold several statements.
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

const lock_key = [0x526f6f73, 0x74] // 'Roos', 't': one per database
const lock_wait_ms = 60_000
const lock_tries = 40
/** Of one statement. */
const work_limit = "statement_timeout = '15min'"
/** The same for every login, whatever its own default; Supabase keeps extensions in `extensions`. */
const schemas = 'search_path = public, extensions'

/** Runs `work` while no other run does, on a session that is handed back as it came. Waits up to 60 s for its turn. */
export async function withLock<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const { connection } = session
  let is_clean = false
  try {
    await takeLock(session)
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

/** A file may SET what it likes; the next one starts from the session's own settings. */
async function resetSession(connection: MigrationConnection): Promise<void> {
  await connection.query('reset all')
}

/** Asks again and again: a blocking wait would hold a snapshot, and CREATE INDEX CONCURRENTLY waits for those. */
async function takeLock({ connection, log, sleep }: Session): Promise<void> {
  let waited_ms = 0
  for (;;) {
    const { rows } = await connection.query('select pg_try_advisory_lock($1::int, $2::int) as is_mine', [...lock_key])
    if (rows[0]?.is_mine === true) return
    if (waited_ms === 0) log(`waiting for another migration run to finish (${await describeHolder(connection)})`)
    if (waited_ms >= lock_wait_ms) {
      throw new MigrationError(
        'locked',
        `another migration run has been at work for over 60 s (${await describeHolder(connection)}). Let it finish, then run this again.`,
      )
    }
    const pause_ms = 50 + Math.random() * 150
    waited_ms += pause_ms
    await sleep(pause_ms)
  }
}

const held = `l.locktype = 'advisory' and l.granted and l.classid = $1::bigint::oid and l.objid = $2::bigint::oid and l.objsubid = 2
  and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())`

async function describeHolder(connection: MigrationConnection): Promise<string> {
  const { rows } = await connection.query(
    `select format('server process %s, %s', l.pid, coalesce(nullif(a.application_name, ''), 'no application name')) as holder
     from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid where ${held}`,
    [...lock_key],
  )
  return String(rows[0]?.holder ?? 'just finished')
}

/** Behind a transaction pooler the lock sits on some other session: then nothing would keep two runs apart. */
async function refuseLostLock(connection: MigrationConnection): Promise<void> {
  const { rows } = await connection.query(
    `select exists (select from pg_catalog.pg_locks l where l.pid = pg_backend_pid() and ${held}) as is_held`,
    [...lock_key],
  )
  if (rows[0]?.is_held === true) return
  throw new MigrationError(
    'usage',
    'the migration lock is not on this session: the connection goes through a transaction pooler. Set MIGRATION_DATABASE_URL to the server itself.',
  )
}

/**
 * Runs `work` in one transaction, with 200 ms per lock: a waiting ALTER makes every later reader wait behind it. When a
 * lock is not free the whole transaction is undone and tried again, 40 times within about three minutes.
 */
export async function inTransaction(session: Session, label: string, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await attemptOnce(session.connection, work)
      return
    } catch (error) {
      await session.connection.query('rollback').catch(() => {})
      if (!isContention(error)) throw error
      if (attempt === lock_tries) throw gaveUp(label, error)
    }
    const pause_ms = Math.min(100 * 1.3 ** attempt, 10_000) * (0.5 + Math.random() / 2)
    session.log(`${label}: a lock is not free, try ${attempt + 1} of ${lock_tries} in ${Math.round(pause_ms)} ms`)
    await session.sleep(pause_ms)
  }
}

async function attemptOnce(connection: MigrationConnection, work: () => Promise<void>): Promise<void> {
  await resetSession(connection)
  await connection.query(begin)
  await refuseLostLock(connection)
  await connection.query("set local lock_timeout = '200ms'")
  await connection.query(`set local ${work_limit}`)
  await connection.query(`set local ${schemas}`)
  await work()
  await connection.query('commit')
}

/**
 * For the one CONCURRENTLY statement of a file, which no transaction may hold. It blocks neither readers nor writers
 * while it waits for them, so it may wait as long as a statement may take.
 */
export async function outsideTransaction(session: Session, work: () => Promise<void>): Promise<void> {
  await resetSession(session.connection)
  await session.connection.query("set lock_timeout = '0'")
  await session.connection.query(`set ${work_limit}`)
  await session.connection.query(`set ${schemas}`)
  await work()
}

const isContention = (error: unknown) => ['55P03', '40P01'].includes(sqlstateOf(error) ?? '')

function gaveUp(label: string, cause: unknown): MigrationError {
  return new MigrationError(
    'locked',
    `${label}: another session held a lock it needs through ${lock_tries} tries; nothing of it was kept. Look for long transactions in pg_stat_activity, then run this again.`,
    cause,
  )
}
