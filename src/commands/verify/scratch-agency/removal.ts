// Removes everything a run of verify has left in the database, as the owner of the schema. Nothing else can be removed by it.
import { setTimeout as delay } from 'node:timers/promises'
import type { MigrationConnection } from '../../../core/migrations/migrations.ts'
import { CommandError } from '../../context.ts'
import { email_pattern, lockOf, scratch_name, slug_pattern } from './marks.ts'
import { readTables, type TenantTables } from './tables.ts'

/** The lock of app.seal_audit: nothing is sealed while rows go, and removals come one after the other. */
const sealing_lock = 7260003

/** A job or a seal may get in between, locks may not be free, two sessions may grant at once: the next try sees it. */
const passing = ['23503', '40P01', '40001', '55P03', 'XX000']
const tries = 5
const pause_ms = 300

/** The runs that have left something and do not live any more. */
export async function leftOvers(connection: MigrationConnection): Promise<string[]> {
  const found = await inTransaction(connection, async () => {
    await become(connection, 'roost_auth')
    return connection.query(
      `select substring(slug from $1) as run from public.agencies where slug ~ $1 and name = $3
       union select substring(email from $2) from public.users where email ~ $2 order by 1`,
      [slug_pattern, email_pattern, scratch_name],
    )
  })
  const gone: string[] = []
  for (const { run } of found.rows) {
    const lock = [lockOf(String(run))]
    const { rows } = await connection.query('select pg_try_advisory_lock(hashtextextended($1, 0)) as is_free', lock)
    if (rows[0]?.is_free !== true) continue
    await connection.query('select pg_advisory_unlock(hashtextextended($1, 0))', lock)
    gone.push(String(run))
  }
  return gone
}

/** Returns how many rows went. Throws CommandError when an agency has members that verify did not make. */
export async function removeRun(connection: MigrationConnection, run: string): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(connection, () => removeAll(connection, run))
    } catch (error) {
      const { code = '' } = error as { code?: string }
      if (!passing.includes(code) || attempt === tries) throw error
    }
    await delay(pause_ms * attempt)
  }
}

async function removeAll(connection: MigrationConnection, run: string): Promise<number> {
  await connection.query("select set_config('lock_timeout', '5s', true), set_config('statement_timeout', '2min', true)")
  await connection.query(`select pg_advisory_xact_lock(${sealing_lock})`)
  const { agencies, people } = await made(connection, run)
  const tables = await readTables(connection)
  const undo = await permit(connection, tables)
  let count = 0
  const go = async (text: string, values: unknown[]) => {
    const { rows } = await connection.query(
      `with gone as (${text} returning 1) select count(*)::int as n from gone`,
      values,
    )
    count += Number(rows[0]?.n)
  }
  for (const agency of agencies) {
    // Some rows show themselves only to the person they belong to.
    for (const table of tables.of_agency) {
      for (const sub of [undefined, ...people]) {
        await become(connection, 'authenticated', { sub, agency_id: agency, app_role: 'operator' })
        await go(`delete from ${table} where agency_id = $1`, [agency])
      }
    }
  }
  await become(connection, 'roost_auth')
  for (const { table, column } of tables.of_person)
    await go(`delete from ${table} where ${column} = any ($1)`, [people])
  await go('delete from public.users where id = any ($1)', [people])
  // An account that was never proven refers to its agency.
  for (const agency of agencies) {
    await become(connection, 'authenticated', { agency_id: agency, app_role: 'operator' })
    await go('delete from public.agencies where id = $1', [agency])
  }
  await become(connection, 'none')
  await go(`delete from pgboss.job where data ->> 'agency_id' = any ($1)`, [agencies])
  for (const text of undo) await connection.query(text)
  return count
}

/** The ids of a run's agencies and people. */
async function made(connection: MigrationConnection, run: string): Promise<{ agencies: string[]; people: string[] }> {
  await become(connection, 'roost_auth')
  const agencies = await connection.query(
    'select id from public.agencies where substring(slug from $1) = $2 and name = $3 order by slug',
    [slug_pattern, run, scratch_name],
  )
  const people = await connection.query('select id from public.users where substring(email from $1) = $2', [
    email_pattern,
    run,
  ])
  const ids = { agencies: agencies.rows.map(({ id }) => String(id)), people: people.rows.map(({ id }) => String(id)) }
  const strangers = await connection.query(
    'select from public.team_members where agency_id = any ($1) and user_id <> all ($2)',
    [ids.agencies, ids.people],
  )
  if (strangers.rows.length > 0) {
    throw new CommandError(`an agency verify-${run}-… has members that verify did not make: nothing was removed`)
  }
  await become(connection, 'none')
  return ids
}

/**
 * Lets the two roles that see the rows delete them, until the same transaction takes it back: nobody else ever has the
 * right. The owner's own would not do: row-level security is forced, and no policy names the owner. Granting locks no
 * table. Returns what takes it back.
 */
async function permit(connection: MigrationConnection, tables: TenantTables): Promise<string[]> {
  const of_persons = ['public.users', ...tables.of_person.map(({ table }) => table)]
  const wanted = [
    ...[...tables.of_agency, 'public.agencies'].map((table) => ({ role: 'authenticated', table })),
    ...[...new Set(of_persons)].map((table) => ({ role: 'roost_auth', table })),
  ].flatMap((one) => ['select', 'delete'].map((privilege) => ({ ...one, privilege })))
  const undo: string[] = []
  for (const { role, table, privilege } of wanted) {
    const has = await connection.query('select has_table_privilege($1, $2, $3) as it', [role, table, privilege])
    if (has.rows[0]?.it === true) continue
    await connection.query(`grant ${privilege} on ${table} to ${role}`)
    undo.push(`revoke ${privilege} on ${table} from ${role}`)
  }
  return undo
}

/** Until the transaction ends, or the next call. 'none': the owner again. */
async function become(connection: MigrationConnection, role: string, claims: object = {}): Promise<void> {
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
