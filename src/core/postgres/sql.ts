// Small pieces for statements whose shape depends on the input. Names come from schemas, values are always parameters.
import sql, { join, raw, type Sql } from 'sql-template-tag'

const identifier = /^[a-z_][a-z0-9_.]*$/

/** Column names as SQL text; refuses anything that is not a plain lower-case identifier. */
export function columns(names: readonly string[], prefix = ''): Sql {
  return raw(names.map((name) => `${prefix}${checked(name)}`).join(', '))
}

/** A time as answers have it (RFC 3339 in UTC, to the millisecond), for a row that becomes JSON in the database. */
export function instant(table: string, name: string): Sql {
  const time = `${checked(table)}.${checked(name)} at time zone 'UTC'`
  return raw(`to_char(${time}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${name}`)
}

/** `a = $1, b = $2` for the members of `patch` that are given. */
export function assignments(patch: Readonly<Record<string, unknown>>): Sql {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined)
  return join(given.map(([name, value]) => sql`${raw(checked(name))} = ${value}`))
}

/** All conditions, joined by AND; leaves out those that are undefined. */
export function all(...conditions: readonly (Sql | undefined)[]): Sql {
  return join(
    conditions.filter((condition) => condition !== undefined),
    ' and ',
  )
}

/** A pattern for ILIKE that finds `text` anywhere, its own wildcards taken literally. */
export function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`
}

/** These rows as rows of `table`, to select from: members are its columns, and what a row does not have is null. */
export function recordset(table: string, rows: readonly object[]): Sql {
  return sql`jsonb_populate_recordset(null::${raw(checked(table))}, ${JSON.stringify(rows)}) as r`
}

function checked(name: string): string {
  if (!identifier.test(name)) throw new Error(`not a column name: ${name}`)
  return name
}
