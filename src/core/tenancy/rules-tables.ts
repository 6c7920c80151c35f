// Audit rules about tables, keys and indexes.
import { globalKeys } from './expected.ts'
import { directoryTables } from './placement.ts'
import { quoted, type Rule } from './rules.ts'

export const tableRules: readonly Rule[] = [
  {
    id: 'T01',
    title: 'every table of the public schema has an agency_id, or is listed as shared',
    why: 'Without it row-level security cannot isolate agencies.',
    fix: 'Add agency_id, or add the table with its reason to src/core/tenancy/expected.ts.',
    sql: `select t.oid::regclass::text as object, 'no column agency_id' as detail from tenant t where t.key is null`,
  },
  {
    id: 'T02',
    title: 'agency_id is never null',
    why: 'A row without an agency matches no policy and is in the unique keys of all agencies.',
    fix: 'alter table … alter column agency_id set not null',
    sql: `select t.oid::regclass::text as object, 'the agency may be null' as detail from tenant t where not t.is_required`,
  },
  {
    id: 'T03',
    title: 'no table inherits from a tenant table, and partitions are accessible through the parent only',
    why: 'Policies of the parent do not apply to reads of the child.',
    fix: 'Detach the child, revoke all privileges on it and its schema, or give it its own row-level security in the public schema.',
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
    title: 'no schema before public in the search_path has a relation with the name of a public one',
    why: 'A statement without a fixed search_path reads that relation, without policies.',
    fix: 'Rename or drop it, or remove its schema from the search_path.',
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
    title: 'every tenant table has a valid index that begins with the agency',
    why: 'Without it the cost of a request grows with the rows of other agencies.',
    fix: 'create index concurrently … (agency_id, …)',
    sql: `select t.oid::regclass::text as object, 'no index leads with the agency' as detail from tenant t
      where t.key is not null and not exists (
        select from pg_index i where i.indrelid = t.oid and i.indkey[0] = t.key and i.indisvalid and i.indpred is null)`,
  },
  {
    id: 'I02',
    title: 'every index is valid and ready',
    why: 'An invalid index of a cancelled build enforces nothing.',
    fix: 'drop index concurrently …, then build it again',
    sql: `select i.indexrelid::regclass::text as object, 'on ' || r.oid::regclass::text as detail
      from pg_index i join relations r on r.oid = i.indrelid where r.nspname <> 'pgboss' and not (i.indisvalid and i.indisready)`,
  },
  {
    id: 'F01',
    title: 'every foreign key between tenant tables includes the agency on both sides',
    why: 'Foreign key checks bypass row-level security: without the agency they reference and reveal rows of other agencies.',
    fix: 'foreign key (agency_id, x_id) references x (agency_id, id)',
    sql: `select k.conname || ' on ' || s.oid::regclass::text as object, pg_get_constraintdef(k.oid) as detail
      from pg_constraint k join tenant s on s.oid = k.conrelid join tenant r on r.oid = k.confrelid
      where k.contype = 'f' and not exists (
        select from unnest(k.conkey, k.confkey) u (a, b) where u.a = s.key and u.b = r.key)`,
  },
  {
    id: 'F02',
    title: 'every constraint is validated',
    why: 'Rows older than a NOT VALID constraint may violate it.',
    fix: 'alter table … validate constraint …',
    sql: `select k.conname || ' on ' || r.oid::regclass::text as object, 'not valid' as detail
      from pg_constraint k join relations r on r.oid = k.conrelid where r.nspname <> 'pgboss' and not k.convalidated`,
  },
  {
    id: 'F03',
    title: 'no foreign key sets the agency to null or to a default',
    why: 'ON DELETE SET NULL without a column list also sets the agency to null.',
    fix: 'on delete set null (x_id)',
    sql: `select k.conname || ' on ' || s.oid::regclass::text as object, pg_get_constraintdef(k.oid) as detail
      from pg_constraint k join tenant s on s.oid = k.conrelid
      where k.contype = 'f' and s.key = any (k.conkey)
        and ((k.confdeltype in ('n', 'd') and (k.confdelsetcols is null or s.key = any (k.confdelsetcols)))
          or k.confupdtype in ('n', 'd'))`,
  },
  {
    id: 'F04',
    title: 'every foreign key of a tenant table has an index',
    why: 'Deleting the referenced row scans the whole table, including rows of all agencies.',
    fix: 'create index concurrently … on the columns of the key',
    severity: 'warning',
    sql: `select k.conname || ' on ' || s.oid::regclass::text as object, 'no index on its columns' as detail
      from pg_constraint k join tenant s on s.oid = k.conrelid
      where k.contype = 'f' and array_length(k.conkey, 1) > 1 and not exists (
        select from pg_index i where i.indrelid = k.conrelid and i.indisvalid
          and k.conkey <@ (i.indkey::int2[])[0:array_length(k.conkey, 1) - 1])`,
  },
  {
    id: 'F05',
    title: 'tables of an agency reference actors, not users, memberships or invitations',
    why: 'These stay behind when the agency is moved to another server, and an actor may be a job or the operator.',
    fix: 'foreign key (agency_id, x_by) references actors (agency_id, id)',
    sql: `select k.conname || ' on ' || s.oid::regclass::text as object, pg_get_constraintdef(k.oid) as detail
      from pg_constraint k join tenant s on s.oid = k.conrelid join tables r on r.oid = k.confrelid
      where k.contype = 'f' and r.relname in (${quoted(directoryTables)}) and s.relname not in (${quoted(directoryTables)})`,
  },
  {
    id: 'U01',
    title: 'every unique index and exclusion constraint of a tenant table begins with the agency',
    why: 'A key over all agencies reveals rows of another agency when an insert fails.',
    fix: 'unique (agency_id, …)',
    sql: `select i.indexrelid::regclass::text as object, 'on ' || t.oid::regclass::text as detail
      from pg_index i join tenant t on t.oid = i.indrelid join pg_class c on c.oid = i.indexrelid
      where (i.indisunique or i.indisexclusion) and i.indkey[0] <> t.key
        and c.relname not in (${quoted(Object.keys(globalKeys))})`,
  },
]
