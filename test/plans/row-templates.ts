// Derives from the catalog which rows a table accepts, minimal ones and complete ones.
import {
  buildCandidateRows,
  type Column,
  readTables,
  type SqlConnection,
  type Table,
} from '../../src/core/tenancy/sample-rows.ts'
import { type CatalogFacts, constant, identity, known, startOf, type TableContext, variation } from './columns.ts'
import type { FilledTable, RowTemplate } from './volume.ts'

/** How many values of an enumerated column get a template. */
const words = 5

/** Row templates for every table, from the catalog and from trial inserts that are rolled back. */
export async function findRowTemplates(connection: SqlConnection): Promise<FilledTable[]> {
  const tables = await readTables(connection)
  const { rows } = await connection.query(factsOfTables)
  const facts = new Map(rows.map((row) => [row.name as string, row as unknown as CatalogFacts]))
  const filled: FilledTable[] = []
  await connection.query("begin; set local session_replication_role = 'replica'")
  for (const table of tables) {
    const context = { connection, tables, facts, table, values: await valuesFor(connection, table) }
    filled.push({ table, templates: await templatesOf(context) })
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

async function valuesFor(connection: SqlConnection, table: Table): Promise<Map<string, readonly unknown[]>> {
  const values = new Map<string, readonly unknown[]>()
  // Later columns get later days, so that date ranges are not empty.
  const before = ['a', 'b', 'c'].map((name) => ({ name, type: 'boolean', is_required: true, checks: [] }))
  for (const column of table.columns) {
    const alone = { ...table, references: [], columns: [...before, { ...column, is_required: true }] }
    const found = await attempted(connection, () => buildCandidateRows(connection, alone, new Map()))
    values.set(
      column.name,
      (found ?? []).slice(0, words).map((row) => row[column.name]),
    )
  }
  return values
}

/** For each value of a required enumerated column a minimal template and one with all optional columns. */
async function templatesOf(context: TableContext): Promise<RowTemplate[]> {
  const { table, values } = context
  const is_given = ({ name, is_required }: Column) => is_required || `${table.name}.${name}` in known
  const required = table.columns.filter(is_given).map(({ name }) => name)
  const first: RowTemplate = new Map(required.map((name) => [name, startOf(context, name) ?? '']))
  const others = required.flatMap((name) =>
    (values.get(name) ?? []).slice(1).map((value) => new Map(first).set(name, constant(table, name, value))),
  )
  const templates: RowTemplate[] = []
  for (const row of [first, ...others]) {
    const minimal = await completed(context, row)
    if (minimal !== undefined)
      templates.push(await varied(context, minimal), await varied(context, await extended(context, minimal)))
  }
  if (templates.length === 0) throw new Error(`no row could be made for ${table.name}`)
  return templates
}

/** The row, with one or two more columns when its checks require them. */
async function completed(context: TableContext, row: RowTemplate): Promise<RowTemplate | undefined> {
  const more = context.table.columns.flatMap(({ name }) => {
    const value = startOf(context, name)
    return row.has(name) || value === undefined ? [] : [[name, value] as const]
  })
  const pairs = more.flatMap((one, n) => more.slice(n + 1).map((other) => [one, other]))
  for (const added of [[], ...more.map((one) => [one]), ...pairs]) {
    const tried = new Map([...row, ...added])
    if (await passes(context, tried)) return tried
  }
  return undefined
}

/** With every optional column that the checks accept, except event times: most rows are live. */
async function extended(context: TableContext, row: RowTemplate): Promise<RowTemplate> {
  const { facts, table } = context
  let wide = row
  for (const { name, type } of table.columns) {
    const value = startOf(context, name)
    const is_event = type.startsWith('timestamp') && facts.get(table.name)?.nullable.includes(name)
    if (wide.has(name) || value === undefined || is_event) continue
    const tried = new Map(wide).set(name, value)
    if (await passes(context, tried)) wide = tried
  }
  return wide
}

/** With every value made different by row where that is possible. */
async function varied(context: TableContext, row: RowTemplate): Promise<RowTemplate> {
  const { facts, table } = context
  let result = row
  for (const { name, type, checks } of table.columns) {
    const { uniques = [], nullable = [] } = facts.get(table.name) ?? {}
    const is_default_time = type.startsWith('timestamp') && !nullable.includes(name)
    const base = row.get(name) ?? (is_default_time ? "timestamptz '2026-01-01'" : undefined)
    if (base === undefined || identity(context, table, name) !== undefined) continue
    if (checks.some((check) => check.includes('ARRAY['))) continue
    const is_unique = uniques.some((columns) => columns.includes(name))
    const tried = new Map(result).set(name, variation(`${table.name}.${name}`, type, base, is_unique))
    if (await passes(context, tried)) result = tried
  }
  return result
}

async function passes({ connection, table }: TableContext, row: RowTemplate): Promise<boolean> {
  const text = `insert into public.${table.name} (${[...row.keys()].join(', ')})
    select ${[...row.values()].join(', ')} from (values (321, 54)) as at(k, i)`
  return (await attempted(connection, () => connection.query(text))) !== undefined
}

/** The result of the work, or undefined when it fails. Its writes are rolled back either way. */
async function attempted<T>(connection: SqlConnection, work: () => Promise<T>): Promise<T | undefined> {
  await connection.query('savepoint attempt')
  const answer = await work().catch(() => undefined)
  await connection.query('rollback to savepoint attempt; release savepoint attempt')
  return answer
}
