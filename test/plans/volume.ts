// A database with volume: from the catalog alone, many agencies with many rows each in every table, and their statistics.
import { agencyTable } from '../../src/core/tenancy/expected.ts'
import {
  type Column,
  candidates,
  type ProofConnection,
  type Reference,
  readTables,
  type Table,
} from '../../src/core/tenancy/sample-rows.ts'

/** Rows of each agency in each table. */
export const rows_each = 40

/** Of the agencies themselves there are ten times as many: nine of ten have nothing but their name. */
const names_each = 10

/** So many rows of the other tables are referred to, unless a unique key asks for one each. */
const parents = 10

/** SQL for each column of one kind of row, over the agency's number `k` and the row's number `i`, both from 1. */
type Kind = ReadonlyMap<string, string>

export interface FilledTable {
  readonly table: Table
  /** Row `i` of agency `k` is of kind `(k + i) % kinds.length`. */
  readonly kinds: readonly Kind[]
}

/** What the catalog says of a table beyond `Table`. */
interface Facts {
  readonly uniques: readonly (readonly string[])[]
  readonly generated: readonly string[]
  readonly nullable: readonly string[]
}

interface Making {
  readonly connection: ProofConnection
  readonly tables: readonly Table[]
  readonly facts: ReadonlyMap<string, Facts>
  readonly table: Table
  /** For each column the values that its type and its checks suggest. */
  readonly values: Map<string, readonly unknown[]>
}

/** Of a column that holds one of several words, so many get rows of their own. */
const words = 5

/** Values that the catalog does not tell of, as SQL over k and i. */
const known: Readonly<Record<string, string>> = {
  // No foreign key, so that a lost row can be told from a lost seal.
  'audit_seals.audit_id': idOf('audit_log.id'),
  // Sealed in the order of transactions, all of them long ago.
  'audit_log.xact_id': `(3 + (k * ${rows_each} + i) % 600)::text::xid8`,
  'agencies.time_zone': "'Europe/Berlin'",
}

function idOf(column: string, i = 'i'): string {
  return `md5('${column}/' || k || '/' || ${i})::uuid`
}

/** Finds for every table what its rows may look like; reads the catalog and tries single rows, which it takes back. */
export async function kindsOfRows(connection: ProofConnection): Promise<FilledTable[]> {
  const tables = await readTables(connection)
  const { rows } = await connection.query(factsOfTables)
  const facts = new Map(rows.map((row) => [row.name as string, row as unknown as Facts]))
  const filled: FilledTable[] = []
  await connection.query("begin; set local session_replication_role = 'replica'")
  for (const table of tables) {
    const making = { connection, tables, facts, table, values: await valuesFor(connection, table) }
    filled.push({ table, kinds: await kindsOf(making) })
  }
  await connection.query('rollback')
  return filled
}

const factsOfTables = `
  select c.relname as name,
    coalesce(jsonb_agg(a.attname) filter (where a.attgenerated <> ''), '[]') as generated,
    coalesce(jsonb_agg(a.attname) filter (where not a.attnotnull), '[]') as nullable,
    (select coalesce(jsonb_agg((select jsonb_agg(x.attname) from pg_attribute x
       where x.attrelid = i.indrelid and x.attnum = any (i.indkey))), '[]')
     from pg_index i where i.indrelid = c.oid and i.indisunique) as uniques
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') group by c.oid`

/** Fills agencies `from` to `to`, and renews the statistics. */
export async function fill(
  connection: ProofConnection,
  filled: readonly FilledTable[],
  { from, to }: { from: number; to: number },
): Promise<void> {
  await connection.query('begin')
  // The rows agree with each other as they are made; checking every reference would take longer than making them.
  await connection.query("set local session_replication_role = 'replica'; set local synchronous_commit = off")
  for (const { table, kinds } of filled) {
    const rows =
      table.name === agencyTable
        ? `generate_series(${(from - 1) * names_each + 1}, ${to * names_each}) k, generate_series(1, 1) i`
        : `generate_series(${from}, ${to}) k, generate_series(1, ${rows_each}) i`
    for (const [n, kind] of kinds.entries()) {
      await connection.query(
        `insert into public.${table.name} (${[...kind.keys()].join(', ')}) select ${[...kind.values()].join(', ')}
         from ${rows} where (k + i) % ${kinds.length} = ${n}`,
      )
    }
  }
  await connection.query('update app.audit_sealing set sealed_below = pg_snapshot_xmin(pg_current_snapshot())')
  await connection.query('commit')
  await connection.query(`vacuum analyze ${filled.map(({ table }) => `public.${table.name}`).join(', ')}`)
}

/** A condition that is true for row `i` of agency `k` alone. */
export function whereRow({ table, kinds }: FilledTable, k: number, i: number): string {
  const at = table.name === agencyTable ? 1 : i
  const kind = kinds[(k + at) % kinds.length]
  const values = table.primary_key.map((column) => kind?.get(column)).join(', ')
  return `(${table.primary_key.join(', ')}) = (select ${values} from (values (${k}, ${at})) as at(k, i))`
}

async function valuesFor(connection: ProofConnection, table: Table): Promise<Map<string, readonly unknown[]>> {
  const values = new Map<string, readonly unknown[]>()
  // Later columns get later days: a stretch of days that comes first would be empty.
  const before = ['a', 'b', 'c'].map((name) => ({ name, type: 'boolean', is_required: true, checks: [] }))
  for (const column of table.columns) {
    const alone = { ...table, references: [], columns: [...before, { ...column, is_required: true }] }
    const found = await attempted(connection, () => candidates(connection, alone, new Map()))
    values.set(
      column.name,
      (found ?? []).slice(0, words).map((row) => row[column.name]),
    )
  }
  return values
}

/** One kind of row for each word that a required column may hold, each once bare and once with all that it can hold. */
async function kindsOf(making: Making): Promise<Kind[]> {
  const { table, values } = making
  const is_given = ({ name, is_required }: Column) => is_required || `${table.name}.${name}` in known
  const required = table.columns.filter(is_given).map(({ name }) => name)
  const first: Kind = new Map(required.map((name) => [name, startOf(making, name) ?? '']))
  const others = required.flatMap((name) =>
    (values.get(name) ?? []).slice(1).map((value) => new Map(first).set(name, constant(table, name, value))),
  )
  const kinds: Kind[] = []
  for (const row of [first, ...others]) {
    const bare = await completed(making, row)
    if (bare !== undefined) kinds.push(await varied(making, bare), await varied(making, await widened(making, bare)))
  }
  if (kinds.length === 0) throw new Error(`no row could be made for ${table.name}`)
  return kinds
}

/** The row as it is, or with the one or two more columns that its checks ask for. */
async function completed(making: Making, row: Kind): Promise<Kind | undefined> {
  const more = making.table.columns.flatMap(({ name }) => {
    const value = startOf(making, name)
    return row.has(name) || value === undefined ? [] : [[name, value] as const]
  })
  const pairs = more.flatMap((one, n) => more.slice(n + 1).map((other) => [one, other]))
  for (const added of [[], ...more.map((one) => [one]), ...pairs]) {
    const tried = new Map([...row, ...added])
    if (await passes(making, tried)) return tried
  }
  return undefined
}

/** With every further column that goes with the rest; not the times of events, since most rows are live. */
async function widened(making: Making, row: Kind): Promise<Kind> {
  const { facts, table } = making
  let wide = row
  for (const { name, type } of table.columns) {
    const value = startOf(making, name)
    const is_event = type.startsWith('timestamp') && facts.get(table.name)?.nullable.includes(name)
    if (wide.has(name) || value === undefined || is_event) continue
    const tried = new Map(wide).set(name, value)
    if (await passes(making, tried)) wide = tried
  }
  return wide
}

/** Every value that may differ from row to row does. */
async function varied(making: Making, row: Kind): Promise<Kind> {
  const { facts, table } = making
  let result = row
  for (const { name, type, checks } of table.columns) {
    const { uniques = [], nullable = [] } = facts.get(table.name) ?? {}
    const is_default_time = type.startsWith('timestamp') && !nullable.includes(name)
    const base = row.get(name) ?? (is_default_time ? "timestamptz '2026-01-01'" : undefined)
    if (base === undefined || identity(making, table, name) !== undefined) continue
    if (checks.some((check) => check.includes('ARRAY['))) continue
    const is_unique = uniques.some((columns) => columns.includes(name))
    const tried = new Map(result).set(name, variation(`${table.name}.${name}`, type, base, is_unique))
    if (await passes(making, tried)) result = tried
  }
  return result
}

function variation(column: string, type: string, base: string, is_unique: boolean): string {
  if (type === 'text') return `${base} || 'x' || k || 'x' || i`
  if (type === 'date') return `${base} + i * '1 day'::interval`
  if (type.startsWith('timestamp')) return `${base} + i * '1 hour'::interval`
  if (type === 'daterange') return `daterange(lower(${base}) + i, upper(${base}) + i)`
  if (type === 'bytea' && is_unique) return `sha256(convert_to('${column}/' || k || '/' || i, 'UTF8'))`
  return /int/.test(type) && is_unique ? 'i' : base
}

/** SQL for a column as its row has it before anything varies; undefined when nothing is known or nothing may be given. */
function startOf(making: Making, name: string): string | undefined {
  const { facts, table, values } = making
  if (facts.get(table.name)?.generated.includes(name)) return undefined
  const [value] = values.get(name) ?? []
  return identity(making, table, name) ?? (value === undefined ? undefined : constant(table, name, value))
}

function constant({ columns }: Table, name: string, value: unknown): string {
  const place = columns.findIndex((column) => column.name === name)
  const type = columns[place]?.type ?? 'text'
  const literal = `'${String(value).replaceAll("'", "''")}'::${type}`
  // Begin stands before end in every table.
  return type === 'date' || type.startsWith('timestamp') ? `${literal} + ${place} * '1 day'::interval` : literal
}

/** SQL for a column that says which row this is or which one it refers to; undefined for all others. */
function identity(making: Making, table: Table, name: string, i = 'i'): string | undefined {
  const full = `${table.name}.${name}`
  if (known[full] !== undefined) return known[full]
  if (name === table.key) return idOf('agencies.id', '1')
  const reference = table.references.find(({ columns }) => columns.includes(name))
  const target = making.tables.find((one) => one.name === reference?.table)
  if (reference !== undefined && target !== undefined) {
    const foreign = reference.foreign_columns[reference.columns.indexOf(name)] ?? ''
    const is_own = isOneToOne(table, making.facts.get(table.name)?.uniques ?? [], reference)
    return identity(making, target, foreign, is_own ? i : `(1 + ${i} % ${parents})`)
  }
  return table.columns.find((column) => column.name === name)?.type === 'uuid' ? idOf(full, i) : undefined
}

function isOneToOne({ key }: Table, uniques: Facts['uniques'], { columns }: Reference): boolean {
  return uniques.some((unique) => unique.every((column) => column === key || columns.includes(column)))
}

async function passes({ connection, table }: Making, row: Kind): Promise<boolean> {
  const text = `insert into public.${table.name} (${[...row.keys()].join(', ')})
    select ${[...row.values()].join(', ')} from (values (321, 54)) as at(k, i)`
  return (await attempted(connection, () => connection.query(text))) !== undefined
}

/** What the work answers, or undefined when it fails; what it wrote is taken back either way. */
async function attempted<T>(connection: ProofConnection, work: () => Promise<T>): Promise<T | undefined> {
  await connection.query('savepoint trial')
  const answer = await work().catch(() => undefined)
  await connection.query('rollback to savepoint trial; release savepoint trial')
  return answer
}
