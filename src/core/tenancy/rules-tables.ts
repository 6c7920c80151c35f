// Rules about tables, their keys and their indexes: the agency is in every key, so no row can refer to another agency's.
import { globalKeys } from './expected.ts'
import { quoted, type Rule } from './rules.ts'

export const tableRules: readonly Rule[] = [
  {
    id: 'T01',
    title: 'every table of the public schema has an agency_id, or is known to belong to no agency',
    why: 'A table without it cannot be kept apart by row-level security.',
    fix: 'Add agency_id, or name the table with its reason in src/core/tenancy/expected.ts.',
    sql: `select t.oid::regclass::text as object, 'no column agency_id' as detail from tenant t where t.key is null`,
  },
  {
    id: 'T02',
    title: 'agency_id is never null',
    why: "A row without an agency is in nobody's policy and in everybody's unique keys.",
    fix: 'alter table … alter column agency_id set not null',
    sql: `select t.oid::regclass::text as object, 'the agency may be null' as detail from tenant t where not t.is_required`,
  },
  {
    id: 'T03',
    title: 'no table inherits from a tenant table, and its partitions are reached through it alone',
    why: 'Policies of the parent do not apply to whoever reads the child.',
    fix: 'Detach the child, revoke every right on it and on its schema, or give it row-level security of its own in the public schema.',
    sql: `select c.oid::regclass::text as object, 'inherits from ' || t.oid::regclass::text as detail
      from pg_inherits i join tenant t on t.oid = i.inhparent
      join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace
      where c.oid not in (select oid from tables) and (not c.relispartition
        or exists (select from aclexplode(c.relacl) x where x.grantee <> c.relowner)
        or exists (select from aclexplode(n.nspacl) x where x.grantee <> n.nspowner)
        or exists (select from pg_attribute a cross join lateral aclexplode(a.attacl) x where a.attrelid = c.oid))`,
  },
  {
    id: 'T04',
    title: 'no schema in front of public holds a relation with the name of one of ours',
    why: 'A statement that does not pin its search_path reads that relation, without the policies of ours.',
    fix: 'Rename or drop it, or take its schema out of search_path.',
    sql: `select n.nspname || '.' || c.relname as object, 'has the name of ' || r.nspname || '.' || r.relname as detail
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join relations r on r.relname = c.relname and r.nspname = 'public' and r.relkind in ('r', 'p', 'v')
      where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname <> 'public'
        and (n.nspname = 'pg_catalog' or n.nspname = session_user or n.nspname in (select name from roles)
          or n.nspname in (
            select trim(both ' "' from p.name)
            from pg_settings g cross join lateral string_to_table(g.reset_val, ',') p (name) where g.name = 'search_path'))`,
  },
  {
    id: 'I01',
    title: 'every tenant table has a valid index that leads with the agency',
    why: 'Without it a request costs more the more rows other agencies have.',
    fix: 'create index concurrently … (agency_id, …)',
    sql: `select t.oid::regclass::text as object, 'no index leads with the agency' as detail from tenant t
      where t.key is not null and not exists (
        select from pg_index i where i.indrelid = t.oid and i.indkey[0] = t.key and i.indisvalid and i.indpred is null)`,
  },
  {
    id: 'I02',
    title: 'every index is valid and ready',
    why: 'An index left behind by a cancelled build enforces nothing.',
    fix: 'drop index concurrently …, then build it again',
    sql: `select i.indexrelid::regclass::text as object, 'on ' || r.oid::regclass::text as detail
      from pg_index i join relations r on r.oid = i.indrelid where r.nspname <> 'pgboss' and not (i.indisvalid and i.indisready)`,
  },
  {
    id: 'F01',
    title: 'every foreign key between tenant tables carries the agency on both sides',
    why: "Foreign keys are checked past row-level security: a plain one links to, and tells of, other agencies' rows.",
    fix: 'foreign key (agency_id, x_id) references x (agency_id, id)',
    sql: `select k.conname || ' on ' || s.oid::regclass::text as object, pg_get_constraintdef(k.oid) as detail
      from pg_constraint k join tenant s on s.oid = k.conrelid join tenant r on r.oid = k.confrelid
      where k.contype = 'f' and not exists (
        select from unnest(k.conkey, k.confkey) u (a, b) where u.a = s.key and u.b = r.key)`,
  },
  {
    id: 'F02',
    title: 'every constraint is validated',
    why: 'Rows from before a NOT VALID constraint may break it.',
    fix: 'alter table … validate constraint …',
    sql: `select k.conname || ' on ' || r.oid::regclass::text as object, 'not valid' as detail
      from pg_constraint k join relations r on r.oid = k.conrelid where r.nspname <> 'pgboss' and not k.convalidated`,
  },
  {
    id: 'F03',
    title: 'no foreign key sets the agency to null or to a default',
    why: 'ON DELETE SET NULL without a column list takes the agency along.',
    fix: 'on delete set null (x_id)',
    sql: `select k.conname || ' on ' || s.oid::regclass::text as object, pg_get_constraintdef(k.oid) as detail
      from pg_constraint k join tenant s on s.oid = k.conrelid
      where k.contype = 'f' and s.key = any (k.conkey)
        and ((k.confdeltype in ('n', 'd') and (k.confdelsetcols is null or s.key = any (k.confdelsetcols)))
          or k.confupdtype in ('n', 'd'))`,
  },
  {
    id: 'F04',
    title: 'every foreign key of a tenant table is served by an index',
    why: "Deleting the row it points to reads the whole table, every agency's part of it.",
    fix: 'create index concurrently … on the columns of the key',
    severity: 'warning',
    sql: `select k.conname || ' on ' || s.oid::regclass::text as object, 'no index on its columns' as detail
      from pg_constraint k join tenant s on s.oid = k.conrelid
      where k.contype = 'f' and array_length(k.conkey, 1) > 1 and not exists (
        select from pg_index i where i.indrelid = k.conrelid and i.indisvalid
          and k.conkey <@ (i.indkey::int2[])[0:array_length(k.conkey, 1) - 1])`,
  },
  {
    id: 'U01',
    title: 'every unique index and exclusion constraint of a tenant table leads with the agency',
    why: 'A key shared by all agencies tells one of them what another has: the insert fails.',
    fix: 'unique (agency_id, …)',
    sql: `select i.indexrelid::regclass::text as object, 'on ' || t.oid::regclass::text as detail
      from pg_index i join tenant t on t.oid = i.indrelid join pg_class c on c.oid = i.indexrelid
      where (i.indisunique or i.indisexclusion) and i.indkey[0] <> t.key
        and c.relname not in (${quoted(Object.keys(globalKeys))})`,
  },
]
