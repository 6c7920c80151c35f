// Likely values for parameters: from rows of the tested agency, else by type.
import type { Execution, FilledDatabase } from './explain.ts'
import type { Meaning } from './parameters.ts'
import type { FilledTable } from './volume.ts'

/** SQL for a parameter's value. */
export function valueFor(database: FilledDatabase, { read, attempt }: Execution, number: number, type: string): string {
  const element = type.endsWith('[]') ? type.slice(0, -2) : undefined
  const rows = read.rows.get(number)
  if (rows !== undefined) return quoted(JSON.stringify([database.samples.get(`${rows} ${attempt}`)]))
  const word = read.words.get(number) ?? (read.counts.has(number) ? '50' : undefined)
  const meaning = read.meanings.get(number)
  const found = word ?? (meaning === undefined ? undefined : sampleOf(database, meaning, element ?? type, attempt))
  if (found === null || word === 'null') return 'null'
  const value = quoted(found ?? fallback(database, element ?? type, number, attempt))
  return element === undefined ? value : `array[${value}]::${type}`
}

/**
 * The column's value in the sample row; undefined when none of this type is known. A value for a new row differs after a
 * constraint has refused it.
 */
function sampleOf(
  { samples, filled }: FilledDatabase,
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

/** The values that a check allows, as the server prints it: ARRAY['a'::text, 'b'::text]. */
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

/** Days increase with the parameter's number, so that a stay has nights. After the first attempt they are free. */
function fallback({ samples }: FilledDatabase, type: string, number: number, attempt: number): string {
  if (type === 'uuid') return String(samples.get('users')?.id)
  if (/^(smallint|integer|bigint|numeric|double|real)/.test(type)) return attempt === 0 ? '20' : '1'
  if (type === 'boolean') return 'true'
  if (type === 'date') return `20${40 + attempt}-01-${10 + (number % 20)}`
  if (type.startsWith('timestamp')) return '2026-01-02T00:00:00Z'
  if (type === 'bytea') return `\\x${'5a'.repeat(32)}`
  if (type === 'daterange') return '[2040-01-01,2040-02-01)'
  return /^jsonb?$/.test(type) ? '[]' : 'probe'
}

/** As an SQL literal. */
export function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
