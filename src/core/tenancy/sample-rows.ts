// Generates sample rows from the catalog that satisfy types, checks and foreign keys.
import { randomBytes, randomUUID } from 'node:crypto'
import { agencyTable, sharedTables } from './expected.ts'
import { sets } from './rules.ts'

/** A connection with an open transaction. */
export interface SqlConnection {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
}

export interface Column {
  readonly name: string
  /** PostgreSQL's name of the type: uuid, timestamp with time zone, character(3). */
  readonly type: string
  /** NOT NULL without a default, not generated, not an identity. */
  readonly is_required: boolean
  /** CHECK conditions on this column only, as SQL. */
  readonly checks: readonly string[]
}

export interface Reference {
  readonly columns: readonly string[]
  readonly table: string
  readonly foreign_columns: readonly string[]
}

export interface Table {
  readonly name: string
  /** The column with the agency; null in a shared table. */
  readonly key: string | null
  readonly primary_key: readonly string[]
  readonly columns: readonly Column[]
  readonly references: readonly Reference[]
}

export type Row = Readonly<Record<string, unknown>>

const catalog_query = `${sets}
  select c.relname as name,
    case when c.relname = '${agencyTable}' then 'id' when bool_or(a.attname = 'agency_id') then 'agency_id' end as key,
    (select array_agg(k.attname::text order by o.n) from pg_index i cross join lateral unnest(i.indkey::int2[]) with ordinality o (attnum, n)
      join pg_attribute k on k.attrelid = c.oid and k.attnum = o.attnum where i.indrelid = c.oid and i.indisprimary) as primary_key,
    jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
      'is_required', a.attnotnull and not a.atthasdef and a.attgenerated = '' and a.attidentity = '',
      'checks', (select coalesce(jsonb_agg(pg_get_expr(k.conbin, c.oid)), '[]') from pg_constraint k
        where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum])) order by a.attnum) as columns,
    (select coalesce(jsonb_agg(jsonb_build_object('table', r.relname,
        'columns', (select jsonb_agg(x.attname order by u.n) from unnest(k.conkey) with ordinality u (attnum, n)
          join pg_attribute x on x.attrelid = c.oid and x.attnum = u.attnum),
        'foreign_columns', (select jsonb_agg(x.attname order by u.n) from unnest(k.confkey) with ordinality u (attnum, n)
          join pg_attribute x on x.attrelid = r.oid and x.attnum = u.attnum))), '[]')
      from pg_constraint k join pg_class r on r.oid = k.confrelid where k.conrelid = c.oid and k.contype = 'f' and not k.condeferrable) as references
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.oid in (select oid from tables)
  group by c.oid, c.relname order by c.relname`

/**
 * All tables of the public schema but those of the operator, referenced tables first. Throws when references form a cycle. Deferrable references are
 * left out: they are checked at COMMIT only, and sample rows are rolled back.
 */
export async function readTables(connection: SqlConnection): Promise<Table[]> {
  const remaining = (await connection.query(catalog_query)).rows as unknown as Table[]
  const sorted: Table[] = []
  while (remaining.length > 0) {
    const known = new Set(sorted.map(({ name }) => name))
    const next = remaining.findIndex((table) => requiredTables(table).every((name) => known.has(name)))
    if (next < 0) throw new Error(`circular references between tables: ${remaining.map(({ name }) => name).join(', ')}`)
    sorted.push(...remaining.splice(next, 1))
  }
  return sorted
}

/** The tables that a row must reference. Optional references can be null. */
function requiredTables({ columns, references, name, key }: Table): string[] {
  const required = new Set(
    columns.filter((column) => column.is_required || column.name === key).map((column) => column.name),
  )
  return references.filter((r) => r.table !== name && r.columns.every((c) => required.has(c))).map((r) => r.table)
}

export const isShared = ({ name }: Table): boolean => name in sharedTables

/**
 * Candidate rows for one table, most likely first. They combine the allowed values of CHECK lists, with and without optional
 * references, because checks over several columns may restrict the combinations. `rows`: existing rows by table.
 */
export async function buildCandidateRows(
  connection: SqlConnection,
  table: Table,
  rows: ReadonlyMap<string, Row>,
): Promise<Row[]> {
  const row: Record<string, unknown> = {}
  const choices: { name: string; values: readonly unknown[] }[] = []
  const referenced = new Map<string, unknown>()
  for (const { columns, table: target, foreign_columns } of table.references) {
    for (const [i, column] of columns.entries()) referenced.set(column, rows.get(target)?.[foreign_columns[i] ?? ''])
  }
  for (const [n, column] of table.columns.filter(({ is_required }) => is_required).entries()) {
    const given = referenced.get(column.name)
    const values = given === undefined ? await findAllowedValues(connection, column, n) : [given]
    if (values.length === 0)
      throw new Error(`no value is known for ${table.name}.${column.name} (${column.checks.join('; ')})`)
    row[column.name] = values[0]
    if (listedValues(column).length > 0) choices.push({ name: column.name, values })
  }
  const rows_to_try = choices.reduce<Row[]>(
    (combined, { name, values }) => combined.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [row],
  )
  // A check over several columns may require an optional reference.
  const optional = [...referenced].filter(([name, value]) => value !== undefined && !(name in row))
  const with_references = rows_to_try.map((one) => ({ ...Object.fromEntries(optional), ...one }))
  return optional.length === 0 ? rows_to_try : [...rows_to_try, ...with_references]
}

/** The suggested values that satisfy the checks of the column. */
async function findAllowedValues(connection: SqlConnection, column: Column, n: number): Promise<unknown[]> {
  const values = [...listedValues(column), ...suggestValues(column.type, n)]
  if (column.checks.length === 0) return values
  const conditions = column.checks.map((check) => `(${check})`).join(' and ')
  const { rows } = await connection.query(
    `select v.value from unnest($1::text[]) with ordinality v (value, n)
     cross join lateral (select v.value::${column.type} as "${column.name}") c where ${conditions} order by v.n`,
    [values.map(String)],
  )
  return rows.map(({ value }) => value)
}

/** The values of a check `status in ('a', 'b')`, which the server prints as ARRAY['a'::text, 'b'::text]. */
function listedValues({ checks }: Column): string[] {
  return checks
    .filter((check) => check.includes('ARRAY['))
    .flatMap((check) => [...check.matchAll(/'([^']*)'::/g)].map((match) => match[1] ?? ''))
}

function suggestValues(type: string, n: number): unknown[] {
  const word = `sample${randomBytes(6).toString('hex')}`
  const day = `2040-01-${String(n + 1).padStart(2, '0')}`
  if (type === 'uuid') return [randomUUID()]
  if (/^(text|character)/.test(type)) return [word, `${word}@example.invalid`, 'sample.sample', 'EUR', 'DE']
  if (/^(smallint|integer|bigint|numeric|real|double)/.test(type)) return [1, 0, 100]
  if (type === 'boolean') return [true, false]
  if (type === 'date') return [day]
  if (type.startsWith('timestamp')) return [`${day}T00:00:00Z`]
  if (type.startsWith('time')) return ['12:00']
  if (type === 'daterange') return [`[2040-01-01,${day})`]
  if (type === 'bytea') return [`\\x${randomBytes(32).toString('hex')}`]
  if (type === 'jsonb' || type === 'json') return ['{}', '[]']
  return []
}
