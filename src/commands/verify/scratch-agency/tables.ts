// Reads from the catalog which tables hold rows of an agency or user, in deletion order.
import type { MigrationConnection } from '../../../core/migrations/migrations.ts'

/** A foreign key from one table to another. */
export interface Reference {
  readonly from: string
  readonly to: string
}

/** Names are quoted where necessary. */
export interface TenantTables {
  /** Tables with a column agency_id, referencing tables before referenced ones. */
  readonly of_agency: readonly string[]
  /** Tables without agency_id that reference users, and the referencing column. */
  readonly of_user: readonly { readonly table: string; readonly column: string }[]
}

const agency_tables = `
  select c.oid::regclass::text as name
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'agency_id' and not a.attisdropped
  where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p'
    and n.nspname not in ('pg_catalog', 'information_schema', 'pgboss')
  order by 1`

const references = `
  select distinct k.conrelid::regclass::text as "from", k.confrelid::regclass::text as "to"
  from pg_constraint k where k.contype = 'f' and k.conrelid <> k.confrelid and not k.condeferrable`

const user_tables = `
  select k.conrelid::regclass::text as "table", quote_ident(a.attname) as "column"
  from pg_constraint k
  join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
  where k.contype = 'f' and k.confrelid = 'public.users'::regclass and cardinality(k.conkey) = 1
    and not exists (select from pg_attribute t where t.attrelid = k.conrelid and t.attname = 'agency_id')
  order by 1, 2`

export async function readTables(connection: MigrationConnection): Promise<TenantTables> {
  const tables = await connection.query(agency_tables)
  const keys = await connection.query(references)
  const users = await connection.query(user_tables)
  const names = tables.rows.map(({ name }) => String(name))
  return {
    of_agency: sortForDeletion(names, keys.rows as unknown as Reference[]),
    of_user: users.rows as unknown as TenantTables['of_user'],
  }
}

/** Sorts referencing tables before referenced ones. Tables in a cycle keep their order. */
export function sortForDeletion(tables: readonly string[], keys: readonly Reference[]): string[] {
  const ordered: string[] = []
  let rest = [...tables]
  while (rest.length > 0) {
    const free = rest.filter(
      (table) => !keys.some(({ from, to }) => to === table && from !== table && rest.includes(from)),
    )
    const next = free.length > 0 ? free : rest.slice(0, 1)
    ordered.push(...next)
    rest = rest.filter((table) => !next.includes(table))
  }
  return ordered
}
