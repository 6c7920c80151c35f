// What a database is, as text: its schema, and the rows of a table.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Stage } from './environment.ts'
import { postgresProgram } from './tools.ts'

const run = promisify(execFile)

/** pg_dump --schema-only without what differs from run to run. */
export async function schemaDump(url: string): Promise<string> {
  const { stdout } = await run(postgresProgram('pg_dump'), ['--schema-only', `--dbname=${url}`], {
    maxBuffer: 64 * 2 ** 20,
  })
  // Newer versions protect the text with a random word.
  return stdout.replace(/^\\(un)?restrict .*$/gm, '')
}

/** A checksum over the rows that were there at a time, in the columns that were there then. */
export function rowChecksums(stage: Stage, tables: readonly string[]) {
  async function columnsOf(table: string): Promise<string> {
    const { rows } = await stage.owner.query(
      'select quote_ident(column_name) as name from information_schema.columns where table_name = $1 and table_schema = $2 order by ordinal_position',
      [table, 'public'],
    )
    return rows.map(({ name }) => name).join(', ')
  }

  return {
    /** Table -> a query for its checksum; the rows created until now. */
    async queries(): Promise<ReadonlyMap<string, string>> {
      const { rows } = await stage.owner.query('select now()::text as now')
      const found = new Map<string, string>()
      for (const table of tables) {
        const columns = await columnsOf(table)
        found.set(
          table,
          `select md5(string_agg(t::text, '|' order by t::text)) as sum, count(*)::int as n
           from (select ${columns} from ${table} where created_at <= '${rows[0]?.now}') t`,
        )
      }
      return found
    },
    async take(queries: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>> {
      const sums = new Map<string, string>()
      for (const [table, query] of queries) {
        const { rows } = await stage.owner.query(query)
        sums.set(table, `${rows[0]?.n} rows, ${rows[0]?.sum}`)
      }
      return sums
    },
  }
}
