// Compares databases: schema dumps and row checksums.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Environment } from './environment.ts'
import { postgresProgram } from './tools.ts'

const run = promisify(execFile)

/** The output of pg_dump --schema-only without the parts that differ between runs. */
export async function dumpSchema(url: string): Promise<string> {
  const { stdout } = await run(postgresProgram('pg_dump'), ['--schema-only', `--dbname=${url}`], {
    maxBuffer: 64 * 2 ** 20,
  })
  // Newer versions of pg_dump write \restrict with a random token.
  return stdout.replace(/^\\(un)?restrict .*$/gm, '')
}

/** Checksums of the rows and columns that exist when `queries` runs. */
export function rowChecksums(environment: Environment, tables: readonly string[]) {
  async function columnsOf(table: string): Promise<string> {
    const { rows } = await environment.owner.query(
      'select quote_ident(column_name) as name from information_schema.columns where table_name = $1 and table_schema = $2 order by ordinal_position',
      [table, 'public'],
    )
    return rows.map(({ name }) => name).join(', ')
  }

  return {
    /** Table name -> query for the checksum of the rows created until now. */
    async queries(): Promise<ReadonlyMap<string, string>> {
      const { rows } = await environment.owner.query('select now()::text as now')
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
        const { rows } = await environment.owner.query(query)
        sums.set(table, `${rows[0]?.n} rows, ${rows[0]?.sum}`)
      }
      return sums
    },
  }
}
