// Speeds up bulk loading: drops keys and indexes before the load and recreates them afterwards.
import type pg from 'pg'

interface SchemaObject {
  readonly table: string
  readonly name: string
  readonly definition: string
  readonly is_constraint: boolean
}

/** Foreign keys to and from the tables, then other keys, then indexes: the order in which they can be dropped. */
async function listKeysAndIndexes(client: pg.Client, tables: readonly string[]): Promise<SchemaObject[]> {
  const { rows } = await client.query<SchemaObject>(
    `with wanted as (select unnest($1::text[])::regclass as id)
     select c.conrelid::regclass::text as table, quote_ident(c.conname) as name,
       pg_get_constraintdef(c.oid) as definition, true as is_constraint, c.contype = 'f' as is_foreign
     from pg_constraint c
     where (c.conrelid in (select id from wanted) or c.confrelid in (select id from wanted)) and c.contype in ('f', 'p', 'u', 'x')
     union all
     select i.indrelid::regclass::text, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), false, false
     from pg_index i
     where i.indrelid in (select id from wanted) and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
     order by is_foreign desc, is_constraint desc, name`,
    [tables],
  )
  return rows
}

/** Runs `load` while the tables have no keys and indexes. Throws when a row violates a key. */
export async function withoutIndexes(
  client: pg.Client,
  tables: readonly string[],
  load: () => Promise<void>,
  note: (line: string) => void = () => {},
): Promise<void> {
  const objects = await listKeysAndIndexes(client, tables)
  for (const { table, name, is_constraint } of objects) {
    await client.query(is_constraint ? `alter table ${table} drop constraint ${name}` : `drop index ${name}`)
  }
  await load()
  await client.query("set maintenance_work_mem = '1GB'")
  for (const { table, name, definition, is_constraint } of objects.toReversed()) {
    const began = performance.now()
    await client.query(is_constraint ? `alter table ${table} add constraint ${name} ${definition}` : definition)
    note(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
  }
}
