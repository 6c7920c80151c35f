// A database with volume: many agencies with many rows each in every table, and the statistics of them.
import { agencyTable } from '../../src/core/tenancy/expected.ts'
import type { ProofConnection, Table } from '../../src/core/tenancy/sample-rows.ts'

/** Rows of each agency in each table. */
export const rows_each = 40

/** Of the agencies themselves there are ten times as many: nine of ten have nothing but their name. */
const names_each = 10

/** SQL for each column of one kind of row, over the agency's number `k` and the row's number `i`, both from 1. */
export type Kind = ReadonlyMap<string, string>

export interface FilledTable {
  readonly table: Table
  /** Row `i` of agency `k` is of kind `(k + i) % kinds.length`. */
  readonly kinds: readonly Kind[]
}

/** Fills agencies `from` to `to`, and renews the statistics. */
export async function fill(
  connection: ProofConnection,
  filled: readonly FilledTable[],
  { from, to }: { from: number; to: number },
): Promise<void> {
  await connection.query('begin')
  // The rows agree with each other as they are made; checking every reference would take longer than making them.
  await connection.query("set local session_replication_role = 'replica'; set local synchronous_commit = off")
  for (const { table, kinds } of filled) {
    const rows =
      table.name === agencyTable
        ? `generate_series(${(from - 1) * names_each + 1}, ${to * names_each}) k, generate_series(1, 1) i`
        : `generate_series(${from}, ${to}) k, generate_series(1, ${rows_each}) i`
    for (const [n, kind] of kinds.entries()) {
      await connection.query(
        `insert into public.${table.name} (${[...kind.keys()].join(', ')}) select ${[...kind.values()].join(', ')}
         from ${rows} where (k + i) % ${kinds.length} = ${n}`,
      )
    }
  }
  await connection.query('update app.audit_sealing set sealed_below = pg_snapshot_xmin(pg_current_snapshot())')
  await connection.query('commit')
  await connection.query(`vacuum analyze ${filled.map(({ table }) => `public.${table.name}`).join(', ')}`)
}

/** A condition that is true for row `i` of agency `k` alone. */
export function whereRow({ table, kinds }: FilledTable, k: number, i: number): string {
  const at = table.name === agencyTable ? 1 : i
  const kind = kinds[(k + at) % kinds.length]
  const values = table.primary_key.map((column) => kind?.get(column)).join(', ')
  return `(${table.primary_key.join(', ')}) = (select ${values} from (values (${k}, ${at})) as at(k, i))`
}
