// Runs one statement with likely values inside a transaction that is taken back, and notes its plan and what it read.
import type { ProofConnection } from '../../src/core/tenancy/sample-rows.ts'
import type { Meaning, ReadStatement } from './parameters.ts'
import type { PlanNode } from './plan.ts'
import { type FilledTable, rows_each, whereRow } from './volume.ts'

/** With the values at hand, or for any values: a prepared statement is planned five times, then once and for all. */
export const modes = ['force_custom_plan', 'force_generic_plan'] as const
export type Mode = (typeof modes)[number]

export interface Identity {
  readonly name: string
  readonly role: 'authenticated' | 'roost_system'
  readonly claims: string
}

/** What a relation (a table or an index) had to give: pages, and how often it was read from end to end. */
export interface Reading {
  readonly pages: number
  readonly whole: number
}

/** A statement, and how it is run. */
export interface Given {
  readonly text: string
  readonly read: ReadStatement
  readonly by: Identity
  readonly mode: Mode
  /** Which of the likely values it gets, from 0; constraints may refuse some of them. */
  readonly attempt: number
}

/** So many sets of values are there to try. */
export const attempts = 10

export interface Explained {
  readonly plan: PlanNode
  /** All that the statement read in the schema's tables and indexes, in functions, triggers and key checks as well. */
  readonly readings: ReadonlyMap<string, Reading>
}

/** A connection of the schema's owner to a filled database, and the rows that values are taken from. */
export interface Bench {
  readonly connection: ProofConnection
  readonly filled: readonly FilledTable[]
  /** One row of the agency under test in each table, and under `<table> <attempt>` the one that is written anew. */
  readonly samples: ReadonlyMap<string, Sample>
}

/** Numbers of the agency under test, of the row that statements look for, and of the one that they write anew. */
const agency = 1
const looked_for = 7
const newRow = (attempt: number) => rows_each - attempt

type Sample = Readonly<Record<string, unknown>>

export async function benchOn(connection: ProofConnection, filled: readonly FilledTable[]): Promise<Bench> {
  const samples = new Map<string, Sample>()
  // The person first: others name them.
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
    // What the row leaves open is looked for by what another one has.
    const others = Object.entries(next).filter(([column]) => first[column] === null && column !== key)
    samples.set(name, { ...first, ...Object.fromEntries(others), ...mine(name, samples) })
  }
  return { connection, filled, samples }
}

/** A person writes in their own name only. */
function mine(table: string, samples: ReadonlyMap<string, Sample>): Sample {
  const actor_id = samples.get('users')?.id
  if (table === 'audit_log') return { actor_id, actor_role: 'operator' }
  return table === 'idempotency_keys' ? { actor_id } : {}
}

/** Whoever may do everything in the agency under test, and the background worker. */
export function identitiesOn({ samples }: Bench): Record<'tenant' | 'owner' | 'system', Identity> {
  const claims = { sub: samples.get('users')?.id, agency_id: samples.get('agencies')?.id }
  const of = (name: string, app_role: string): Identity => ({
    name,
    role: 'authenticated',
    claims: JSON.stringify({ ...claims, app_role }),
  })
  return {
    tenant: of('the agency', 'operator'),
    owner: of('an owner', 'owner'),
    system: { name: 'the background worker', role: 'roost_system', claims: '' },
  }
}

/** Throws what the server says when it cannot plan or run the statement. */
export async function explain(bench: Bench, given: Given): Promise<Explained> {
  const { text, mode, by } = given
  const { connection } = bench
  try {
    await connection.query(`begin; ${makeRoom(bench, given)}
      set local plan_cache_mode = ${mode}; set local jit = off; deallocate all;
      select set_config('role', '${by.role}', true), set_config('request.jwt.claims', ${quoted(by.claims)}, true)`)
    await connection.query(`prepare given as ${text}`)
    const { rows } = await connection.query(
      "select n, type from pg_prepared_statements, unnest(parameter_types::text[]) with ordinality p (type, n) where name = 'given'",
    )
    const values = rows.map(({ n, type }) => valueFor(bench, given, Number(n), String(type)))
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

/** What will be inserted is taken away before, so that its keys are free and what it refers to is there. */
function makeRoom({ filled }: Bench, { read, attempt }: Given): string {
  const rows = filled.filter(({ table }) => read.written.includes(table.name))
  const deletions = rows.map(
    (one) => `delete from public.${one.table.name} where ${whereRow(one, agency, newRow(attempt))};`,
  )
  const as = (role: string) => `set local session_replication_role = '${role}';`
  return deletions.length === 0 ? '' : [as('replica'), ...deletions, as('origin')].join(' ')
}

/** Counted by the server for this session, whoever reads: pg_stat_xact_user_tables and its indexes. */
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

/** SQL for a parameter's value. */
function valueFor(bench: Bench, { read, attempt }: Given, number: number, type: string): string {
  const element = type.endsWith('[]') ? type.slice(0, -2) : undefined
  const rows = read.rows.get(number)
  if (rows !== undefined) return quoted(JSON.stringify([bench.samples.get(`${rows} ${attempt}`)]))
  const word = read.words.get(number) ?? (read.counts.has(number) ? '50' : undefined)
  const meaning = read.meanings.get(number)
  const found = word ?? (meaning === undefined ? undefined : sampleOf(bench, meaning, element ?? type, attempt))
  if (found === null) return 'null'
  const value = quoted(found ?? fallback(bench, element ?? type, number, attempt))
  return element === undefined ? value : `array[${value}]::${type}`
}

/**
 * What the column holds in the row in question; undefined when nothing is known that is of this type. A new value that a
 * constraint has refused once is another one the next time.
 */
function sampleOf(
  { samples, filled }: Bench,
  { tables, column, use }: Meaning,
  type: string,
  attempt: number,
): string | null | undefined {
  const is_new = use !== 'compared'
  const names = tables.length > 0 ? tables : filled.map(({ table }) => table.name)
  const words = is_new && attempt > 0 ? wordsOf(filled, names, column) : []
  if (words.length > 0) return words[(attempt - 1) % words.length]
  const values = names.map((name) => samples.get(is_new ? `${name} ${attempt}` : name)?.[column])
  if (is_new && attempt === 0 && values.find((value) => value !== undefined) === null) return null
  return values
    .filter((value) => value !== undefined && value !== null)
    .map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)))
    .find((text) => fits(text, type))
}

/** The words that a check allows in the column, as the server prints it: ARRAY['a'::text, 'b'::text]. */
function wordsOf(filled: readonly FilledTable[], names: readonly string[], column: string): string[] {
  const columns = filled.flatMap(({ table }) => (names.includes(table.name) ? table.columns : []))
  const checks = columns.filter(({ name }) => name === column).flatMap((one) => one.checks)
  return checks
    .filter((check) => check.includes('ARRAY['))
    .flatMap((check) => [...check.matchAll(/'([^']*)'::/g)].map((match) => match[1] ?? ''))
}

const patterns: readonly [type: RegExp, value: RegExp][] = [
  [/^uuid$/, /^[0-9a-f-]{36}$/],
  [/^(smallint|integer|bigint|numeric)/, /^-?\d+(\.\d+)?$/],
  [/^date$/, /^\d{4}-\d\d-\d\d$/],
  [/^timestamp/, /^\d{4}-\d\d-\d\d/],
  [/^bytea$/, /^\\x/],
  [/^boolean$/, /^(true|false)$/],
  [/^daterange$/, /^[[(]/],
  [/^jsonb?$/, /^[[{]/],
]

function fits(value: string, type: string): boolean {
  return patterns.find(([known]) => known.test(type))?.[1].test(value) ?? true
}

/** Days go up with the parameter's number, so that a stay has nights; after the first attempt they are free. */
function fallback({ samples }: Bench, type: string, number: number, attempt: number): string {
  if (type === 'uuid') return String(samples.get('users')?.id)
  if (/^(smallint|integer|bigint|numeric|double|real)/.test(type)) return attempt === 0 ? '20' : '1'
  if (type === 'boolean') return 'true'
  if (type === 'date') return `20${40 + attempt}-01-${10 + (number % 20)}`
  if (type.startsWith('timestamp')) return '2026-01-02T00:00:00Z'
  if (type === 'bytea') return `\\x${'5a'.repeat(32)}`
  if (type === 'daterange') return '[2040-01-01,2040-02-01)'
  return /^jsonb?$/.test(type) ? '[]' : 'probe'
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
