// SQL fragments for dynamic statements. Names come from schemas; values are always parameters.
import sql, { join, raw, type Sql } from 'sql-template-tag'

const identifier = /^[a-z_][a-z0-9_.]*$/

/** A list of column names. Throws for anything but a plain lower-case identifier. */
export function columns(names: readonly string[], prefix = ''): Sql {
  return raw(names.map((name) => `${prefix}${checked(name)}`).join(', '))
}

/** A timestamp as the API returns it (RFC 3339, UTC, milliseconds), for rows that PostgreSQL serialises as JSON. */
export function instant(table: string, name: string): Sql {
  const time = `${checked(table)}.${checked(name)} at time zone 'UTC'`
  return raw(`to_char(${time}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${name}`)
}

/** `a = $1, b = $2` for the members of `patch` that are not undefined. */
export function assignments(patch: Readonly<Record<string, unknown>>): Sql {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined)
  return join(given.map(([name, value]) => sql`${raw(checked(name))} = ${value}`))
}

/** The conditions that are not undefined, joined by AND. */
export function all(...conditions: readonly (Sql | undefined)[]): Sql {
  return join(
    conditions.filter((condition) => condition !== undefined),
    ' and ',
  )
}

/** An ILIKE pattern that finds `text` anywhere. Wildcards in `text` are escaped. */
export function containsPattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`
}

/** A FROM item `r` with the rows as rows of `table`. Missing members are null. */
export function recordset(table: string, rows: readonly object[]): Sql {
  return sql`jsonb_populate_recordset(null::${raw(checked(table))}, ${JSON.stringify(rows)}) as r`
}

function checked(name: string): string {
  if (!identifier.test(name)) throw new Error(`not a column name: ${name}`)
  return name
}
