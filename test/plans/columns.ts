// What SQL gives each column of a made-up row its value: who it is, whom it refers to, and what differs from row to row.
import type { ProofConnection, Reference, Table } from '../../src/core/tenancy/sample-rows.ts'
import { rows_each } from './volume.ts'

/** So many rows of the other tables are referred to, unless a unique key asks for one each. */
const parents = 10

/** What the catalog says of a table beyond `Table`. */
export interface Facts {
  readonly uniques: readonly (readonly string[])[]
  readonly generated: readonly string[]
  readonly nullable: readonly string[]
}

/** A table whose rows are being found out. */
export interface Making {
  readonly connection: ProofConnection
  readonly tables: readonly Table[]
  readonly facts: ReadonlyMap<string, Facts>
  readonly table: Table
  /** For each column the values that its type and its checks suggest. */
  readonly values: Map<string, readonly unknown[]>
}

/** Values that the catalog does not tell of, as SQL over k and i. */
export const known: Readonly<Record<string, string>> = {
  // No foreign key, so that a lost row can be told from a lost seal.
  'audit_seals.audit_id': idOf('audit_log.id'),
  // Sealed in the order of transactions, all of them long ago.
  'audit_log.xact_id': `(3 + (k * ${rows_each} + i) % 600)::text::xid8`,
  'agencies.time_zone': "'Europe/Berlin'",
}

function idOf(column: string, i = 'i'): string {
  return `md5('${column}/' || k || '/' || ${i})::uuid`
}

/** SQL for a value that differs from row to row, made from one that does not; that one where there is no way. */
export function variation(column: string, type: string, base: string, is_unique: boolean): string {
  if (type === 'text') return `${base} || 'x' || k || 'x' || i`
  if (type === 'date') return `${base} + i * '1 day'::interval`
  if (type.startsWith('timestamp')) return `${base} + i * '1 hour'::interval`
  if (type === 'daterange') return `daterange(lower(${base}) + i, upper(${base}) + i)`
  if (type === 'bytea' && is_unique) return `sha256(convert_to('${column}/' || k || '/' || i, 'UTF8'))`
  return /int/.test(type) && is_unique ? 'i' : base
}

/** SQL for a column as its row has it before anything varies; undefined when nothing is known or nothing may be given. */
export function startOf(making: Making, name: string): string | undefined {
  const { facts, table, values } = making
  if (facts.get(table.name)?.generated.includes(name)) return undefined
  const [value] = values.get(name) ?? []
  return identity(making, table, name) ?? (value === undefined ? undefined : constant(table, name, value))
}

export function constant({ columns }: Table, name: string, value: unknown): string {
  const place = columns.findIndex((column) => column.name === name)
  const type = columns[place]?.type ?? 'text'
  const literal = `'${String(value).replaceAll("'", "''")}'::${type}`
  // Begin stands before end in every table.
  return type === 'date' || type.startsWith('timestamp') ? `${literal} + ${place} * '1 day'::interval` : literal
}

/** SQL for a column that says which row this is or which one it refers to; undefined for all others. */
export function identity(making: Making, table: Table, name: string, i = 'i'): string | undefined {
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
