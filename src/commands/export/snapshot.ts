// Reads the rows of one agency in one transaction, as they all were at its start.

import { operatorOf } from '../../core/auth/actors.ts'
import type { MigrationConnection } from '../../core/migrations/migrations.ts'
import { CommandError } from '../context.ts'
import { type ExportedTable, exportedTables } from './tables.ts'

interface Column {
  readonly name: string
  readonly comment: string | null
}

export interface Snapshot {
  /** With the columns of their files. */
  readonly tables: readonly (ExportedTable & { readonly columns: readonly Column[] })[]
  /** The rows as JSON objects, in the order of their primary key, a thousand at a time. */
  rows(table: ExportedTable): AsyncGenerator<Record<string, unknown>[]>
}

const batch_size = 1000

/**
 * Runs `work` in one read-only transaction of the operator in the agency, which row-level security limits to it. Throws CommandError
 * when the connection may not act as roost_tenant.
 */
export async function withSnapshot<T>(
  connection: MigrationConnection,
  agency_id: string,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  await connection.query('begin isolation level repeatable read read only')
  try {
    await becomeTenant(connection, agency_id)
    const tables = await readTables(connection)
    return await work({ tables, rows: (table) => readRows(connection, agency_id, tables, table) })
  } finally {
    await connection.query('rollback')
  }
}

async function becomeTenant(connection: MigrationConnection, agency_id: string): Promise<void> {
  const { id, role } = operatorOf(agency_id)
  const claims = JSON.stringify({ sub: id, agency_id, app_role: role })
  try {
    await connection.query(
      `select set_config('role', 'roost_tenant', true), set_config('request.jwt.claims', $1, true),
         set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true)`,
      [claims],
    )
  } catch (error) {
    throw new CommandError(`the connection may not act as roost_tenant: ${(error as Error).message}`)
  }
}

async function readTables(connection: MigrationConnection): Promise<Snapshot['tables']> {
  const { rows } = await connection.query(`
    select c.relname as table, a.attname as name, col_description(c.oid, a.attnum) as comment
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and has_column_privilege(c.oid, a.attnum, 'select')
    order by c.relname, a.attnum`)
  return exportedTables.map((table) => {
    const columns = rows
      .filter((row) => row.table === table.table && !table.omit?.includes(String(row.name)))
      .map(({ name, comment }) => ({ name: String(name), comment: comment === null ? null : String(comment) }))
    const more = table.table === 'team_members' ? person : []
    return { ...table, columns: [...columns, ...more] }
  })
}

const person: readonly Column[] = ['email', 'full_name'].map((name) => ({ name, comment: null }))

async function* readRows(
  connection: MigrationConnection,
  agency_id: string,
  tables: Snapshot['tables'],
  { table }: ExportedTable,
): AsyncGenerator<Record<string, unknown>[]> {
  const columns = tables.find((one) => one.table === table)?.columns ?? []
  await connection.query(`declare export cursor for ${selectText(table, columns)}`, [agency_id])
  try {
    for (;;) {
      const { rows } = await connection.query(`fetch ${batch_size} from export`)
      if (rows.length === 0) return
      yield rows.map(({ row }) => JSON.parse(String(row)))
    }
  } finally {
    await connection.query('close export').catch(() => {})
  }
}

/** Names are those of the catalog. */
function selectText(table: string, columns: readonly Column[]): string {
  const key = table === 'agencies' ? 'id' : 'agency_id'
  const own = columns.filter((column) => !person.includes(column)).map(({ name }) => `t."${name}"`)
  const is_member = table === 'team_members'
  const from = is_member ? 'team_members t join public.users u on u.id = t.user_id' : `${table} t`
  const fields = is_member ? [...own, 'u.email', 'u.full_name'] : own
  return `select row_to_json(r)::text as row from (
    select ${fields.join(', ')} from public.${from} where t.${key} = $1 order by 1, 2) r`
}
