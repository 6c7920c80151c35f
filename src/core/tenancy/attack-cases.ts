// The statements of the isolation check: each must fail or return no rows.
import { agencyTable, sharedTables } from './expected.ts'
import type { Row, Table } from './sample-rows.ts'

export interface AttackCase {
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
  /** Expected SQLSTATEs. 42501: missing privilege or policy violation. 23503: the referenced row does not exist. */
  readonly sqlstates: readonly string[]
}

const denied = ['42501']

/** Statements that select, update or delete the row of agency `b`. Each returned row is a leak. */
export function buildReadCases(table: Table, b: Row): AttackCase[] {
  const name = `public.${table.name}`
  const { where, values } = keyCondition(table, b)
  const attack = (label: string, text: string) => ({ name: label, text, values, sqlstates: denied })
  return [
    attack('select by key', `select 1 from ${name} t where ${where}`),
    attack('select for share', `select 1 from ${name} t where ${where} for share`),
    attack('common table expression', `with t as materialized (select * from ${name}) select 1 from t where ${where}`),
    attack('join with itself', `select 1 from ${name} t join ${name} s on s.ctid = t.ctid where ${where}`),
    attack('aggregate', `select 1 from ${name} t where ${where} having count(*) > 0`),
    attack('exists', `select 1 where exists (select from ${name} t where ${where})`),
    attack(
      'update',
      `update ${name} t set ${table.primary_key.map((c) => `${c} = t.${c}`)} where ${where} returning 1`,
    ),
    attack('delete', `delete from ${name} t where ${where} returning 1`),
    attack('returning all', `delete from ${name} t where ${where} returning t.*`),
  ]
}

/** Reads without parameters: cursor, COPY and row_security = off. */
export function buildUnfilteredCases(table: Table, b: Row): AttackCase[] {
  const key = table.key
  if (key === null) return []
  const query = `select 1 from public.${table.name} t where t.${key} = '${String(b[key])}'`
  return [
    {
      name: 'cursor',
      text: `declare attack cursor for ${query}; fetch all from attack`,
      values: [],
      sqlstates: denied,
    },
    { name: 'copy', text: `copy (${query}) to stdout`, values: [], sqlstates: denied },
    {
      name: 'row security off',
      text: `set local row_security = off; ${query}`,
      values: [],
      sqlstates: denied,
    },
  ]
}

/** Statements that insert a row into agency `b` or move a row there. They must fail: an empty result is not enough. */
export function buildWriteCases(table: Table, a: Row, b: Row): AttackCase[] {
  const key = table.key
  if (key === null) return []
  const new_row = { ...b, ...generateKeys(table, b) }
  const move = `update public.${table.name} t set ${key} = $1 where t.${key} = $2 returning 1`
  return [
    { name: 'insert', ...insertStatement(table, new_row), sqlstates: denied },
    { name: 'insert returning', ...insertStatement(table, new_row, ' returning 1'), sqlstates: denied },
    { name: 'upsert', ...insertStatement(table, b, ` on conflict do nothing`), sqlstates: denied },
    {
      name: 'upsert update',
      ...insertStatement(table, b, ` on conflict (${table.primary_key}) do update set ${key} = excluded.${key}`),
      sqlstates: denied,
    },
    { name: 'move', text: move, values: [b[key], a[key]], sqlstates: denied },
  ]
}

/** Rows of agency `a` that reference rows of `b`. The composite foreign keys must refuse them. */
export function buildReferenceCases(table: Table, a: Row, b: ReadonlyMap<string, Row>): AttackCase[] {
  const key = table.key
  if (key === null) return []
  return table.references
    .filter(({ table: target }) => !(target in sharedTables) && target !== agencyTable)
    .map(({ columns, table: target, foreign_columns }) => {
      const foreign = Object.fromEntries(
        columns.flatMap((column, i) => (column === key ? [] : [[column, b.get(target)?.[foreign_columns[i] ?? '']]])),
      )
      const row = { ...a, ...generateKeys(table, a), ...foreign }
      return { name: `reference ${target}`, ...insertStatement(table, row), sqlstates: ['42501', '23503', '23514'] }
    })
}

/**
 * An insert into agency `a` with an id that `b` uses, and the same insert with an unused id. The results must be equal,
 * otherwise the first one reveals that the id exists.
 */
export function buildExistenceCases(table: Table, a: Row, b: Row): { taken: AttackCase; free: AttackCase } | undefined {
  const key = table.key
  const ids = table.primary_key.filter((column) => column !== key && !isReference(table, column))
  if (key === null || ids.length === 0) return undefined
  const free = { ...a, ...generateKeys(table, a) }
  const taken = { ...free, ...Object.fromEntries(ids.map((column) => [column, b[column]])) }
  return {
    taken: { name: 'taken id', ...insertStatement(table, taken), sqlstates: [] },
    free: { name: 'free id', ...insertStatement(table, free), sqlstates: [] },
  }
}

function isReference(table: Table, column: string): boolean {
  return table.references.some(({ columns }) => columns.includes(column))
}

/** New values for required columns, so that an insert does not fail because of a unique key. */
function generateKeys(table: Table, row: Row): Row {
  const free = table.columns.filter(
    ({ name, is_required }) => is_required && name !== table.key && !isReference(table, name),
  )
  return Object.fromEntries(free.map(({ name, type }) => [name, replaceValue(row[name], type)]))
}

/** Replaces ids, hashes and the generated words of sample-rows.ts. Other values are kept. */
function replaceValue(value: unknown, type: string): unknown {
  if (type === 'uuid') return crypto.randomUUID()
  if (type === 'bytea') return `\\x${(crypto.randomUUID() + crypto.randomUUID()).replaceAll('-', '')}`
  return typeof value === 'string'
    ? value.replace(/^sample[0-9a-f]{12}/, () => `sample${crypto.randomUUID().slice(24)}`)
    : value
}

export function insertStatement(table: Table, row: Row, suffix = ''): { text: string; values: readonly unknown[] } {
  const names = Object.keys(row)
  const parameters = names.map((_, i) => `$${i + 1}`)
  return {
    text: `insert into public.${table.name} as t (${names.join(', ')}) values (${parameters.join(', ')})${suffix}`,
    values: Object.values(row),
  }
}

export function keyCondition(table: Table, row: Row): { where: string; values: readonly unknown[] } {
  return {
    where: table.primary_key.map((column, i) => `t.${column} = $${i + 1}`).join(' and '),
    values: table.primary_key.map((column) => row[column]),
  }
}
