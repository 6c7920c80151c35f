// What the prover tries at one table, as whoever it is: each statement must be refused or come back empty.
import { agencyTable, sharedTables } from './expected.ts'
import type { Row, Table } from './sample-rows.ts'

export interface Probe {
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
  /** SQLSTATEs that are a refusal. 42501: no right, or a policy; 23503: there is no such row to refer to. */
  readonly refusals: readonly string[]
}

const denied = ['42501']

/** Statements that look for, or at, rows of agency `b`: any row they bring is a leak. */
export function reads(table: Table, b: Row): Probe[] {
  const name = `public.${table.name}`
  const { where, values } = byPrimaryKey(table, b)
  const probe = (label: string, text: string) => ({ name: label, text, values, refusals: denied })
  return [
    probe('select by key', `select 1 from ${name} t where ${where}`),
    probe('select for share', `select 1 from ${name} t where ${where} for share`),
    probe('common table expression', `with t as materialized (select * from ${name}) select 1 from t where ${where}`),
    probe('join with itself', `select 1 from ${name} t join ${name} s on s.ctid = t.ctid where ${where}`),
    probe('aggregate', `select 1 from ${name} t where ${where} having count(*) > 0`),
    probe('exists', `select 1 where exists (select from ${name} t where ${where})`),
    probe('update', `update ${name} t set ${table.primary_key.map((c) => `${c} = t.${c}`)} where ${where} returning 1`),
    probe('delete', `delete from ${name} t where ${where} returning 1`),
    probe('returning all', `delete from ${name} t where ${where} returning t.*`),
  ]
}

/** The same question without a parameter: what a cursor and COPY would bring. */
export function unfiltered(table: Table, b: Row): Probe[] {
  const key = table.key
  if (key === null) return []
  const rest = `select 1 from public.${table.name} t where t.${key} = '${String(b[key])}'`
  return [
    { name: 'cursor', text: `declare probe cursor for ${rest}; fetch all from probe`, values: [], refusals: denied },
    { name: 'copy', text: `copy (${rest}) to stdout`, values: [], refusals: denied },
    {
      name: 'row security off',
      text: `set local row_security = off; ${rest}`,
      values: [],
      refusals: denied,
    },
  ]
}

/** Statements that would put a row into agency `b`, or take one's own there. They must fail: nothing to return is no proof. */
export function writes(table: Table, a: Row, b: Row): Probe[] {
  const key = table.key
  if (key === null) return []
  const fresh = { ...b, ...freshKeys(table, b) }
  const set = `update public.${table.name} t set ${key} = $1 where t.${key} = $2 returning 1`
  return [
    { name: 'insert', ...insert(table, fresh), refusals: denied },
    { name: 'insert returning', ...insert(table, fresh, ' returning 1'), refusals: denied },
    { name: 'upsert', ...insert(table, b, ` on conflict do nothing`), refusals: denied },
    {
      name: 'upsert update',
      ...insert(table, b, ` on conflict (${table.primary_key}) do update set ${key} = excluded.${key}`),
      refusals: denied,
    },
    { name: 'move', text: set, values: [b[key], a[key]], refusals: denied },
  ]
}

/** Rows of agency `a` that refer to rows of `b`: the composite keys must not find them. */
export function references(table: Table, a: Row, b: ReadonlyMap<string, Row>): Probe[] {
  const key = table.key
  if (key === null) return []
  return table.references
    .filter(({ table: target }) => !(target in sharedTables) && target !== agencyTable)
    .map(({ columns, table: target, foreign_columns }) => {
      const foreign = Object.fromEntries(
        columns.flatMap((column, i) => (column === key ? [] : [[column, b.get(target)?.[foreign_columns[i] ?? '']]])),
      )
      const row = { ...a, ...freshKeys(table, a), ...foreign }
      return { name: `refer to ${target}`, ...insert(table, row), refusals: ['42501', '23503', '23514'] }
    })
}

/**
 * One's own row with the id another agency uses, and the same with an id nobody has: the answers must be equal, or the
 * first one tells that the id is taken.
 */
export function oracle(table: Table, a: Row, b: Row): { taken: Probe; free: Probe } | undefined {
  const key = table.key
  const ids = table.primary_key.filter((column) => column !== key && !isReference(table, column))
  if (key === null || ids.length === 0) return undefined
  const free = { ...a, ...freshKeys(table, a) }
  const taken = { ...free, ...Object.fromEntries(ids.map((column) => [column, b[column]])) }
  return {
    taken: { name: 'taken id', ...insert(table, taken), refusals: [] },
    free: { name: 'free id', ...insert(table, free), refusals: [] },
  }
}

function isReference(table: Table, column: string): boolean {
  return table.references.some(({ columns }) => columns.includes(column))
}

/** New values for what must be unique, so that a refusal is about the agency and not about a row that is there. */
function freshKeys(table: Table, row: Row): Row {
  const free = table.columns.filter(
    ({ name, is_required }) => is_required && name !== table.key && !isReference(table, name),
  )
  return Object.fromEntries(free.map(({ name, type }) => [name, varied(row[name], type)]))
}

/** Ids, hashes and the words that `sample-rows.ts` made up; numbers, dates and listed words stay. */
function varied(value: unknown, type: string): unknown {
  if (type === 'uuid') return crypto.randomUUID()
  if (type === 'bytea') return `\\x${(crypto.randomUUID() + crypto.randomUUID()).replaceAll('-', '')}`
  return typeof value === 'string'
    ? value.replace(/^probe[0-9a-f]{12}/, () => `probe${crypto.randomUUID().slice(24)}`)
    : value
}

export function insert(table: Table, row: Row, suffix = ''): { text: string; values: readonly unknown[] } {
  const names = Object.keys(row)
  const places = names.map((_, i) => `$${i + 1}`)
  return {
    text: `insert into public.${table.name} as t (${names.join(', ')}) values (${places.join(', ')})${suffix}`,
    values: Object.values(row),
  }
}

export function byPrimaryKey(table: Table, row: Row): { where: string; values: readonly unknown[] } {
  return {
    where: table.primary_key.map((column, i) => `t.${column} = $${i + 1}`).join(' and '),
    values: table.primary_key.map((column) => row[column]),
  }
}
