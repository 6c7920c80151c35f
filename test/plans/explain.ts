// Executes one statement with likely values, rolls back, and records its plan and reads.
import type { SqlConnection } from '../../src/core/tenancy/sample-rows.ts'
import type { ReadStatement } from './parameters.ts'
import type { PlanNode } from './plan.ts'
import { quoted, valueFor } from './values.ts'
import { type FilledTable, rows_each, whereRow } from './volume.ts'

/** PostgreSQL plans a prepared statement for its values five times, then possibly once for any values. */
export const modes = ['force_custom_plan', 'force_generic_plan'] as const
type Mode = (typeof modes)[number]

export interface Identity {
  readonly name: string
  readonly role: 'roost_tenant' | 'roost_system'
  readonly claims: string
}

/** Reads of a relation (a table or an index): pages, and the number of full scans. */
interface Reading {
  readonly pages: number
  readonly whole: number
}

/** A statement and how it is executed. */
export interface Execution {
  readonly text: string
  readonly read: ReadStatement
  readonly by: Identity
  readonly mode: Mode
  /** Which of the likely values it gets, from 0; constraints refuse some of them. */
  readonly attempt: number
}

/** The number of value sets to try. */
export const attempts = 10

export interface Explained {
  readonly plan: PlanNode
  /** Everything read in the schema's tables and indexes, also in functions, triggers and foreign key checks. */
  readonly readings: ReadonlyMap<string, Reading>
}

/** A connection of the schema's owner to a filled database, and the rows that values are taken from. */
export interface FilledDatabase {
  readonly connection: SqlConnection
  readonly filled: readonly FilledTable[]
  /** One row of the tested agency in each table, and under `<table> <attempt>` the row to be inserted. */
  readonly samples: ReadonlyMap<string, Sample>
}

/** The numbers of the tested agency, of the row that statements search for, and of the row that they insert. */
const agency = 1
const looked_for = 7
const newRow = (attempt: number) => rows_each - attempt

type Sample = Readonly<Record<string, unknown>>

export async function filledDatabase(
  connection: SqlConnection,
  filled: readonly FilledTable[],
): Promise<FilledDatabase> {
  const samples = new Map<string, Sample>()
  // Users first: other rows reference them.
  for (const one of filled.toSorted((a, b) => Number(b.table.name === 'users') - Number(a.table.name === 'users'))) {
    const { name, key } = one.table
    const sampleAt = async (where: string) =>
      ((await connection.query(`select to_jsonb(t) as row from public.${name} t where ${where}`)).rows[0]?.row ??
        {}) as Sample
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const row = await sampleAt(whereRow(one, agency, newRow(attempt)))
      samples.set(`${name} ${attempt}`, { ...row, ...mine(name, samples) })
    }
    const first = await sampleAt(whereRow(one, agency, looked_for))
    const next = await sampleAt(whereRow(one, agency, looked_for + 1))
    // A null is replaced by the value of another row.
    const others = Object.entries(next).filter(([column]) => first[column] === null && column !== key)
    samples.set(name, { ...first, ...Object.fromEntries(others), ...mine(name, samples) })
  }
  const [agency_id, actor_id] = [samples.get('agencies')?.id, samples.get('users')?.id]
  if (agency_id !== undefined && actor_id !== undefined) {
    await connection.query(
      `insert into public.actors (agency_id, id, kind, name) values ('${agency_id}', '${actor_id}', 'person', 'Actor')
       on conflict do nothing`,
    )
  }
  return { connection, filled, samples }
}

/** Members act in their own name only. */
function mine(table: string, samples: ReadonlyMap<string, Sample>): Sample {
  const actor_id = samples.get('users')?.id
  if (table === 'audit_log') return { actor_id, actor_role: 'operator' }
  if (table === 'saved_views') return { user_id: actor_id }
  return table === 'idempotency_keys' ? { actor_id } : {}
}

/** A role with all permissions in the tested agency, and the background worker. */
export function identitiesOn({ samples }: FilledDatabase): Record<'tenant' | 'member' | 'owner' | 'system', Identity> {
  const claims = { sub: samples.get('users')?.id, agency_id: samples.get('agencies')?.id }
  const member = samples.get('team_members')
  const of = (name: string, app_role: string, sub = claims.sub): Identity => ({
    name,
    role: 'roost_tenant',
    claims: JSON.stringify({ ...claims, sub, app_role }),
  })
  return {
    tenant: of('the agency', 'operator'),
    member: of('a member', String(member?.role), member?.user_id as string | undefined),
    owner: of('an owner', 'owner'),
    system: { name: 'the background worker', role: 'roost_system', claims: '' },
  }
}

/** Throws the server's error when it cannot plan or execute the statement. */
export async function explain(database: FilledDatabase, given: Execution): Promise<Explained> {
  const { text, mode, by } = given
  const { connection } = database
  try {
    await connection.query(`begin; ${deleteConflicting(database, given)}
      set local plan_cache_mode = ${mode}; set local jit = off; deallocate all;
      select set_config('role', '${by.role}', true), set_config('request.jwt.claims', ${quoted(by.claims)}, true)`)
    await connection.query(`prepare given as ${text}`)
    const { rows } = await connection.query(
      "select n, type from pg_prepared_statements, unnest(parameter_types::text[]) with ordinality p (type, n) where name = 'given'",
    )
    const values = rows.map(({ n, type }) => valueFor(database, given, Number(n), String(type)))
    const call = values.length === 0 ? 'execute given' : `execute given(${values.join(', ')})`
    const [before, explained, after] = (await connection.query(
      `${readingsNow}; explain (analyze, buffers, timing off, format json) ${call}; ${readingsNow}`,
    )) as unknown as { rows: Record<string, unknown>[] }[]
    const [tree] = (explained?.rows[0]?.['QUERY PLAN'] ?? []) as { Plan: PlanNode }[]
    if (tree === undefined) throw new Error('EXPLAIN gave no plan')
    return { plan: tree.Plan, readings: between(before?.rows ?? [], after?.rows ?? []) }
  } finally {
    await connection.query('rollback')
  }
}

/** The row to be inserted is deleted first, so that its keys are free and its references exist. */
function deleteConflicting({ filled }: FilledDatabase, { read, attempt }: Execution): string {
  const rows = filled.filter(({ table }) => read.written.includes(table.name))
  const deletions = rows.map(
    (one) => `delete from public.${one.table.name} where ${whereRow(one, agency, newRow(attempt))};`,
  )
  const as = (role: string) => `set local session_replication_role = '${role}';`
  return deletions.length === 0 ? '' : [as('replica'), ...deletions, as('origin')].join(' ')
}

/** The server's counters of this session: pg_stat_xact_user_tables and its indexes. */
const readingsNow = `select c.relname as name, pg_stat_get_xact_blocks_fetched(c.oid) as pages,
    case when c.relkind = 'r' then pg_stat_get_xact_numscans(c.oid) else 0 end as whole
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'i')`

function between(before: Record<string, unknown>[], after: Record<string, unknown>[]): Map<string, Reading> {
  const earlier = new Map(before.map(({ name, pages, whole }) => [name, [Number(pages), Number(whole)] as const]))
  const readings = after.map(({ name, pages, whole }) => {
    const [old_pages, old_whole] = earlier.get(name) ?? [0, 0]
    return [String(name), { pages: Number(pages) - old_pages, whole: Number(whole) - old_whole }] as const
  })
  return new Map(readings.filter(([, { pages, whole }]) => pages > 0 || whole > 0))
}
