// Finds out, from the catalog alone, what rows a table accepts: as few columns as it asks for, and as many as go together.
import {
  type Column,
  candidates,
  type ProofConnection,
  readTables,
  type Table,
} from '../../src/core/tenancy/sample-rows.ts'
import { constant, type Facts, identity, known, type Making, startOf, variation } from './columns.ts'
import type { FilledTable, Kind } from './volume.ts'

/** Of a column that holds one of several words, so many get rows of their own. */
const words = 5

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
