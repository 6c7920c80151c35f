// Removes the rows of a verify run, as the schema owner.
import { setTimeout as delay } from 'node:timers/promises'
import type { MigrationConnection } from '../../../core/migrations/migrations.ts'
import { CommandError } from '../../context.ts'
import { email_pattern, lockName, scratch_name, slug_pattern } from './naming.ts'
import { readTables, type TenantTables } from './tables.ts'

/** Removals run one after the other. */
const removal_lock = 7260003

/** SQLSTATEs of concurrent changes (a job or seal inserted meanwhile, locks, concurrent GRANTs), which are retried. */
const retryable = ['23503', '40P01', '40001', '55P03', 'XX000']
const max_attempts = 5
const retry_interval_ms = 300

/** Ids of the runs that have left rows and are no longer active. */
export async function findLeftovers(connection: MigrationConnection): Promise<string[]> {
  const found = await inTransaction(connection, async () => {
    await setRole(connection, 'roost_auth')
    return connection.query(
      `select substring(slug from $1) as run from public.agencies where slug ~ $1 and name = $3
       union select substring(email from $2) from public.users where email ~ $2 order by 1`,
      [slug_pattern, email_pattern, scratch_name],
    )
  })
  const runs: string[] = []
  for (const { run } of found.rows) {
    const lock = [lockName(String(run))]
    const { rows } = await connection.query('select pg_try_advisory_lock(hashtextextended($1, 0)) as is_free', lock)
    if (rows[0]?.is_free !== true) continue
    await connection.query('select pg_advisory_unlock(hashtextextended($1, 0))', lock)
    runs.push(String(run))
  }
  return runs
}

/** Returns the number of deleted rows. Throws CommandError when an agency has members that verify did not create. */
export async function removeRun(connection: MigrationConnection, run: string): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(connection, () => removeAll(connection, run))
    } catch (error) {
      const { code = '' } = error as { code?: string }
      if (!retryable.includes(code) || attempt === max_attempts) throw error
    }
    await delay(retry_interval_ms * attempt)
  }
}

async function removeAll(connection: MigrationConnection, run: string): Promise<number> {
  await connection.query("select set_config('lock_timeout', '5s', true), set_config('statement_timeout', '2min', true)")
  await connection.query(`select pg_advisory_xact_lock(${removal_lock})`)
  const { agencies, members } = await findIds(connection, run)
  // The locks of app.seal_audit, so that no entry of these agencies is sealed during the removal.
  await connection.query(
    "select pg_advisory_xact_lock(hashtextextended('seal/' || a.id, 0)) from unnest($1::uuid[]) a (id)",
    [agencies],
  )
  const tables = await readTables(connection)
  const revokes = await grantDelete(connection, tables)
  let count = 0
  const deleteRows = async (text: string, values: unknown[]) => {
    const { rows } = await connection.query(
      `with gone as (${text} returning 1) select count(*)::int as n from gone`,
      values,
    )
    count += Number(rows[0]?.n)
  }
  for (const agency of agencies) {
    // Some rows are visible only to their own user.
    for (const table of tables.of_agency) {
      for (const sub of [undefined, ...members]) {
        await setRole(connection, 'roost_tenant', { sub, agency_id: agency, app_role: 'operator' })
        await deleteRows(`delete from ${table} where agency_id = $1`, [agency])
      }
    }
  }
  await setRole(connection, 'roost_auth')
  for (const { table, column } of tables.of_user)
    await deleteRows(`delete from ${table} where ${column} = any ($1)`, [members])
  await deleteRows('delete from public.users where id = any ($1)', [members])
  await deleteRows(
    'delete from public.mail_messages where sender_agency_id = any ($1) or substring(to_address from $2) = $3',
    [agencies, email_pattern, run],
  )
  // Deleted after the users, because an unproven account refers to its agency.
  for (const agency of agencies) {
    await setRole(connection, 'roost_tenant', { agency_id: agency, app_role: 'operator' })
    await deleteRows('delete from public.agencies where id = $1', [agency])
  }
  await setRole(connection, 'none')
  await deleteRows(`delete from pgboss.job where data ->> 'agency_id' = any ($1)`, [agencies])
  for (const text of revokes) await connection.query(text)
  return count
}

/** The ids of a run's agencies and members. */
async function findIds(
  connection: MigrationConnection,
  run: string,
): Promise<{ agencies: string[]; members: string[] }> {
  await setRole(connection, 'roost_auth')
  const agencies = await connection.query(
    'select id from public.agencies where substring(slug from $1) = $2 and name = $3 order by slug',
    [slug_pattern, run, scratch_name],
  )
  const members = await connection.query('select id from public.users where substring(email from $1) = $2', [
    email_pattern,
    run,
  ])
  const ids = { agencies: agencies.rows.map(({ id }) => String(id)), members: members.rows.map(({ id }) => String(id)) }
  const other_members = await connection.query(
    'select from public.team_members where agency_id = any ($1) and user_id <> all ($2)',
    [ids.agencies, ids.members],
  )
  if (other_members.rows.length > 0) {
    throw new CommandError(`an agency verify-${run}-… has members that verify did not create: nothing was removed`)
  }
  await setRole(connection, 'none')
  return ids
}

/**
 * Grants DELETE to the two roles that can see the rows, within this transaction. The owner cannot delete the rows itself:
 * row-level security is forced, and no policy is for the owner. GRANT locks no table. Returns the REVOKE statements.
 */
async function grantDelete(connection: MigrationConnection, tables: TenantTables): Promise<string[]> {
  const of_users = ['public.users', ...tables.of_user.map(({ table }) => table)]
  const wanted = [
    ...[...tables.of_agency, 'public.agencies'].map((table) => ({ role: 'roost_tenant', table })),
    ...[...new Set(of_users)].map((table) => ({ role: 'roost_auth', table })),
  ].flatMap((one) => ['select', 'delete'].map((privilege) => ({ ...one, privilege })))
  const revokes: string[] = []
  for (const { role, table, privilege } of wanted) {
    const has = await connection.query('select has_table_privilege($1, $2, $3) as it', [role, table, privilege])
    if (has.rows[0]?.it === true) continue
    await connection.query(`grant ${privilege} on ${table} to ${role}`)
    revokes.push(`revoke ${privilege} on ${table} from ${role}`)
  }
  return revokes
}

/** Valid until the end of the transaction or the next call. 'none' resets to the owner. */
async function setRole(connection: MigrationConnection, role: string, claims: object = {}): Promise<void> {
  const values = [role, JSON.stringify(claims)]
  await connection.query("select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", values)
}

async function inTransaction<T>(connection: MigrationConnection, work: () => Promise<T>): Promise<T> {
  await connection.query('begin')
  try {
    const result = await work()
    await connection.query('commit')
    return result
  } catch (error) {
    await connection.query('rollback').catch(() => {})
    throw error
  }
}
