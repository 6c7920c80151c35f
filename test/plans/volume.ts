// Fills a database with many agencies and many rows in every table, and updates the statistics.
import { agencyTable } from '../../src/core/tenancy/expected.ts'
import type { SqlConnection, Table } from '../../src/core/tenancy/sample-rows.ts'

/** Rows of each agency in each table. */
export const rows_each = 40

/** There are ten times as many agencies: nine of ten have no rows. */
const names_each = 10

/** SQL for each column of a row, over the agency's number `k` and the row's number `i`, both from 1. */
export type RowTemplate = ReadonlyMap<string, string>

export interface FilledTable {
  readonly table: Table
  /** Row `i` of agency `k` uses template `(k + i) % templates.length`. */
  readonly templates: readonly RowTemplate[]
}

/** Fills agencies `from` to `to` and updates the statistics. */
export async function fill(
  connection: SqlConnection,
  filled: readonly FilledTable[],
  { from, to }: { from: number; to: number },
): Promise<void> {
  await connection.query('begin')
  // The generated rows are consistent. Checking every reference would take longer than inserting them.
  await connection.query("set local session_replication_role = 'replica'; set local synchronous_commit = off")
  for (const { table, templates } of filled) {
    const rows =
      table.name === agencyTable
        ? `generate_series(${(from - 1) * names_each + 1}, ${to * names_each}) k, generate_series(1, 1) i`
        : `generate_series(${from}, ${to}) k, generate_series(1, ${rows_each}) i`
    for (const [n, row_template] of templates.entries()) {
      await connection.query(
        `insert into public.${table.name} (${[...row_template.keys()].join(', ')}) select ${[...row_template.values()].join(', ')}
         from ${rows} where (k + i) % ${templates.length} = ${n}`,
      )
    }
  }
  await connection.query('commit')
  // Without the open transactions of other tests on this server, each of which would be looked up in the log.
  await connection.query(`
    update app.audit_sealing set sealed_snapshot = format('%s:%1$s:', pg_snapshot_xmax(pg_current_snapshot()))::pg_snapshot`)
  await connection.query(`vacuum analyze ${filled.map(({ table }) => `public.${table.name}`).join(', ')}`)
}

/** A condition that is true only for row `i` of agency `k`. */
export function whereRow({ table, templates }: FilledTable, k: number, i: number): string {
  const at = table.name === agencyTable ? 1 : i
  const row_template = templates[(k + at) % templates.length]
  const values = table.primary_key.map((column) => row_template?.get(column)).join(', ')
  return `(${table.primary_key.join(', ')}) = (select ${values} from (values (${k}, ${at})) as at(k, i))`
}
