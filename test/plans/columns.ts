// SQL expressions for the columns of generated rows: ids, references, and values that differ by row.
import type { Reference, SqlConnection, Table } from '../../src/core/tenancy/sample-rows.ts'
import { rows_each } from './volume.ts'

/** The number of referenced rows per table, unless a unique key needs one each. */
const parents = 10

/** Facts from the catalog beyond `Table`. */
export interface CatalogFacts {
  readonly uniques: readonly (readonly string[])[]
  readonly generated: readonly string[]
  readonly nullable: readonly string[]
}

/** A table whose rows are generated, with the facts about it. */
export interface TableContext {
  readonly connection: SqlConnection
  readonly tables: readonly Table[]
  readonly facts: ReadonlyMap<string, CatalogFacts>
  readonly table: Table
  /** For each column the values that its type and its checks suggest. */
  readonly values: Map<string, readonly unknown[]>
}

/** Values that the catalog does not define, as SQL over k and i. */
export const known: Readonly<Record<string, string>> = {
  // Not a foreign key, so that a lost audit row differs from a lost seal.
  'audit_seals.audit_id': idOf('audit_log.id'),
  // Ascending transaction ids in the past.
  'audit_log.xact_id': `(3 + (k * ${rows_each} + i) % 600)::text::xid8`,
  'agencies.time_zone': "'Europe/Berlin'",
  'properties.time_zone': "'Asia/Makassar'",
}

function idOf(column: string, i = 'i'): string {
  return `md5('${column}/' || k || '/' || ${i})::uuid`
}

/** SQL for a value that differs by row, derived from a constant one; the constant where the type has no variation. */
export function variation(column: string, type: string, base: string, is_unique: boolean): string {
  if (type === 'text') return `${base} || 'x' || k || 'x' || i`
  if (type === 'date') return `${base} + i * '1 day'::interval`
  if (type.startsWith('timestamp')) return `${base} + i * '1 hour'::interval`
  if (type === 'daterange') return `daterange(lower(${base}) + i, upper(${base}) + i)`
  if (type === 'bytea' && is_unique) return `sha256(convert_to('${column}/' || k || '/' || i, 'UTF8'))`
  return /int/.test(type) && is_unique ? 'i' : base
}

/** SQL for a column before variation; undefined when nothing is known or the column is generated. */
export function startOf(context: TableContext, name: string): string | undefined {
  const { facts, table, values } = context
  if (facts.get(table.name)?.generated.includes(name)) return undefined
  const [value] = values.get(name) ?? []
  return identity(context, table, name) ?? (value === undefined ? undefined : constant(table, name, value))
}

export function constant({ columns }: Table, name: string, value: unknown): string {
  const place = columns.findIndex((column) => column.name === name)
  const type = columns[place]?.type ?? 'text'
  const literal = `'${String(value).replaceAll("'", "''")}'::${type}`
  // In every table the start column comes before the end column.
  return type === 'date' || type.startsWith('timestamp') ? `${literal} + ${place} * '1 day'::interval` : literal
}

/** SQL for a primary key or reference column; undefined for all others. */
export function identity(context: TableContext, table: Table, name: string, i = 'i'): string | undefined {
  const full = `${table.name}.${name}`
  if (known[full] !== undefined) return known[full]
  if (name === table.key) return idOf('agencies.id', '1')
  const reference = table.references.find(({ columns }) => columns.includes(name))
  const target = context.tables.find((one) => one.name === reference?.table)
  if (reference !== undefined && target !== undefined) {
    const foreign = reference.foreign_columns[reference.columns.indexOf(name)] ?? ''
    const is_own = isOneToOne(table, context.facts.get(table.name)?.uniques ?? [], reference)
    return identity(context, target, foreign, is_own ? i : `(1 + ${i} % ${parents})`)
  }
  return table.columns.find((column) => column.name === name)?.type === 'uuid' ? idOf(full, i) : undefined
}

function isOneToOne({ key }: Table, uniques: CatalogFacts['uniques'], { columns }: Reference): boolean {
  return uniques.some((unique) => unique.every((column) => column === key || columns.includes(column)))
}
