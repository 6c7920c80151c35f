// Audit rules for a schema that can be sharded by agency.
import {
  crossTenantFunctions,
  localSchemas,
  localTables,
  referenceTables,
  serverDefaults,
  singleTenantFunctions,
} from './placement.ts'
import { quoted, type Rule, sets } from './rules.ts'
import { codeRules } from './rules-code.ts'
import { tableRules } from './rules-tables.ts'

/** Rules of the tenancy audit that also apply to sharding. */
const shared = [...tableRules, ...codeRules].filter(({ id }) =>
  ['T01', 'T02', 'T03', 'F01', 'F03', 'F05', 'U01', 'G01'].includes(id),
)

const qualified = (names: Readonly<Record<string, string>>) =>
  quoted(Object.keys(names).map((name) => (name.includes('.') ? name : `public.${name}`)))

/** `sharded`: tenant tables without the reference tables. `placed`: every table with its placement, or null. */
export const shardSets = `,
  sharded as (
    select t.* from tenant t where t.key is not null and t.relname not in (${quoted(Object.keys(referenceTables))})
      and not exists (select from pg_class c where c.oid = t.oid and c.relispartition)),
  placed as (
    select r.oid, r.oid::regclass::text as name, r.nspname,
      case when r.oid in (select oid from sharded) then 'sharded'
        when r.nspname || '.' || r.relname in (${qualified(referenceTables)}) then 'reference'
        when r.nspname in (${quoted(Object.keys(localSchemas))}) or r.nspname || '.' || r.relname in (${qualified(localTables)})
          then 'local' end as place
    from relations r where r.relkind in ('r', 'p') and not r.relispartition)`

/** Functions whose result is meaningful on one server only. */
const server_specific =
  '\\m(pg_current_xact_id|txid_current|pg_current_snapshot|pg_current_wal|pg_backend_pid|inet_server|current_database|pg_postmaster|lastval|currval)'

const namesTable = (body: string, table: string) =>
  `${body} ~* ('(public\\.|\\m(from|join|into|update|only|truncate)\\s+)"?' || ${table} || '\\M')`

export const shardRules: readonly Rule[] = [
  ...shared,
  {
    id: 'S01',
    title: 'every table has a placement: sharded by agency, copied to every node, or on one node',
    why: 'A table without a placement cannot be joined or referenced from a shard.',
    fix: 'Add agency_id, or add the table with its reason to src/core/tenancy/placement.ts.',
    sql: `select p.name as object, 'has no agency_id and no place' as detail from placed p where p.place is null`,
  },
  {
    id: 'S02',
    title: 'every sharded table has a primary key that begins with the agency',
    why: 'Moving a shard during writes needs the primary keys of its rows.',
    fix: 'primary key (agency_id, id)',
    sql: `select s.oid::regclass::text as object, 'no primary key begins with the agency' as detail from sharded s
      where not exists (select from pg_index i where i.indrelid = s.oid and i.indisprimary and i.indkey[0] = s.key)`,
  },
  {
    id: 'S03',
    title: 'the agency is a uuid in every sharded table',
    why: 'Rows of an agency are on one node only when all tables hash the same type.',
    fix: 'agency_id uuid not null',
    sql: `select s.oid::regclass::text as object, 'the agency is ' || format_type(a.atttypid, a.atttypmod) as detail
      from sharded s join pg_attribute a on a.attrelid = s.oid and a.attnum = s.key where a.atttypid <> 'uuid'::regtype`,
  },
  {
    id: 'S04',
    title: 'every exclusion constraint compares the agency, first and by equality',
    why: 'Rows of different shards are not compared, so overlaps can be excluded within an agency only.',
    fix: 'exclude using gist (agency_id with =, …)',
    sql: `select k.conname || ' on ' || s.oid::regclass::text as object, pg_get_constraintdef(k.oid) as detail
      from pg_constraint k join sharded s on s.oid = k.conrelid left join pg_operator o on o.oid = k.conexclop[1]
      where k.contype = 'x' and (k.conkey[1] <> s.key or o.oprname is distinct from '=')`,
  },
  {
    id: 'S05',
    title: 'every foreign key between sharded tables begins with the agency on both sides',
    why: 'Otherwise the referenced row may be on another shard.',
    fix: 'foreign key (agency_id, x_id) references x (agency_id, id)',
    sql: `select k.conname || ' on ' || s.oid::regclass::text as object, pg_get_constraintdef(k.oid) as detail
      from pg_constraint k join sharded s on s.oid = k.conrelid join sharded r on r.oid = k.confrelid
      where k.contype = 'f' and (k.conkey[1] <> s.key or k.confkey[1] <> r.key)`,
  },
  {
    id: 'S06',
    title:
      'foreign keys reference tables on the same node: shards to shards and copies, copies to copies, single-node tables not to shards',
    why: 'A foreign key cannot read or lock a row on another node.',
    fix: 'Drop the foreign key, or place the table elsewhere (src/core/tenancy/placement.ts).',
    sql: `select k.conname || ' on ' || f.name as object, f.place || ' to ' || t.place || ': ' || t.name as detail
      from pg_constraint k join placed f on f.oid = k.conrelid join placed t on t.oid = k.confrelid
      where k.contype = 'f' and (f.place, t.place) in (('sharded', 'local'), ('reference', 'sharded'), ('reference', 'local'), ('local', 'sharded'))`,
  },
  {
    id: 'S07',
    title: 'no column of a sharded table takes its value from a sequence',
    why: 'Each node would have its own sequence, or all nodes would depend on one.',
    fix: 'Use a uuid that the service generates.',
    sql: `select s.oid::regclass::text || '.' || a.attname as object,
        case when a.attidentity <> '' then 'identity' else pg_get_expr(d.adbin, s.oid) end as detail
      from sharded s join pg_attribute a on a.attrelid = s.oid and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef d on d.adrelid = s.oid and d.adnum = a.attnum
      where a.attidentity <> '' or pg_get_expr(d.adbin, s.oid) like '%nextval(%' or exists (
        select from pg_depend p join pg_class q on q.oid = p.refobjid and q.relkind = 'S'
        where p.classid = 'pg_attrdef'::regclass and p.objid = d.oid and p.refclassid = 'pg_class'::regclass)`,
  },
  {
    id: 'S08',
    title: 'no default of a sharded table is specific to one server',
    why: 'After a move to another node the value is not comparable with values of that node.',
    fix: 'Use another default, or add it with its reason to src/core/tenancy/placement.ts.',
    sql: `select s.relname || '.' || a.attname as object, pg_get_expr(d.adbin, s.oid) as detail
      from sharded s join pg_attrdef d on d.adrelid = s.oid join pg_attribute a on a.attrelid = s.oid and a.attnum = d.adnum
      where pg_get_expr(d.adbin, s.oid) ~* '${server_specific}'
        and s.relname || '.' || a.attname not in (${quoted(Object.keys(serverDefaults))})`,
  },
  {
    id: 'S09',
    title: 'every trigger of a sharded table is FOR EACH ROW, without transition tables',
    why: 'A statement runs on each shard it concerns: a statement trigger fires on each of them, with a part of the rows.',
    fix: 'for each row, without referencing tables',
    sql: `select t.tgname || ' on ' || s.oid::regclass::text as object,
        case when t.tgtype & 1 = 0 then 'fires for the statement' else 'sees all rows of the statement' end as detail
      from pg_trigger t join sharded s on s.oid = t.tgrelid
      where not t.tgisinternal and (t.tgtype & 1 = 0 or t.tgoldtable is not null or t.tgnewtable is not null)`,
  },
  {
    id: 'S10',
    title: 'every function that names a sharded table accesses one agency only, or is listed as cross-tenant',
    why: 'The check of statements does not parse function bodies, where a query to every shard could be hidden.',
    fix: 'Filter by the agency, and add the function with its reason to src/core/tenancy/placement.ts.',
    sql: `select f.signature as object, 'names ' || string_agg(s.relname, ', ' order by s.relname) as detail
      from functions f join sharded s on ${namesTable('coalesce(pg_get_function_sqlbody(f.oid), f.prosrc)', 's.relname')}
      where f.nspname || '.' || f.proname not in (${quoted(
        [...Object.keys(crossTenantFunctions), ...Object.keys(singleTenantFunctions)].map((name) => `app.${name}`),
      )}) group by f.signature`,
  },
]

/** The placement of each table, and the number of its keys. */
export const placesQuery = `${sets}${shardSets}
  select p.place, p.nspname as schema, p.name, (select count(*)::int from pg_constraint k join sharded s on s.oid = k.conrelid
    where k.conrelid = p.oid and k.contype = 'f' and k.conparentid = 0) as foreign_keys,
    (select count(*)::int from pg_index i where i.indrelid = p.oid and i.indisprimary) as primary_keys,
    (select count(*)::int from pg_index i where i.indrelid = p.oid and i.indisunique and not i.indisprimary) as unique_keys,
    (select count(*)::int from pg_index i where i.indrelid = p.oid and i.indisexclusion) as exclusions
  from placed p where p.place is not null order by p.place, p.name`
