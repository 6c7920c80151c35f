-- Turns every table with an agency_id into one partitioned by hash of it. For PostgreSQL 17 or later, as the owner of the
-- schema, while no service runs on the database: docs/ops/scaling.md, "Partitions". Nothing here is listed by hand: tables,
-- keys, policies, grants and triggers come from the catalog, and keep their names. test/sweeps/partitioned.test.ts runs it.
--
-- Each partition lies in a schema of its own, part_0 to part_31, under the name of its table. So the constraints of all
-- partitions have the names the service knows, and nobody but the owner can reach a partition past its table's policies.
begin;
set local search_path = pg_catalog;
set local lock_timeout = '5s';
do $$
begin
  if current_setting('server_version_num')::int < 170000 then
    raise exception 'an exclusion constraint on a partitioned table needs PostgreSQL 17 or later';
  end if;
end
$$;

create temporary table setting on commit drop as select 32 as partitions;

create temporary table moved on commit drop as
  select c.oid, c.relname::text as name, format('public.%I', c.relname) as whole, format('unpartitioned.%I', c.relname) as old,
    c.relowner, c.relacl, c.relrowsecurity, c.relforcerowsecurity
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'agency_id' and not a.attisdropped
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not c.relispartition;

-- What will be run, read from the catalog before anything changes. {whole} stands for the table itself or for one partition.
create temporary table todo (step int, at serial, statement text) on commit drop;

-- 1: policies and functions hold on to the tables they name, so they go and come back.
insert into todo (step, statement)
  select 1, format('drop policy %I on %s', p.polname, p.polrelid::regclass) from pg_policy p
  join pg_class c on c.oid = p.polrelid where c.relnamespace = 'public'::regnamespace;
create temporary table typed on commit drop as
  select distinct f.oid, f.proowner, f.proacl, f.oid::regprocedure::text as signature, pg_get_functiondef(f.oid) as definition
  from pg_proc f join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = f.oid and d.refclassid = 'pg_type'::regclass
  join pg_type t on t.oid = d.refobjid join moved m on m.oid = t.typrelid;
insert into todo (step, statement) select 1, 'drop function ' || signature from typed;

-- 2: the tables step aside; their successors are empty, partitioned, and have columns, defaults and checks.
insert into todo (step, statement) values (2, 'create schema unpartitioned');
insert into todo (step, statement)
  select 2, format('alter table %s set schema unpartitioned', whole) from moved;
insert into todo (step, statement)
  select 3, format('create schema part_%s', n) from setting, generate_series(0, partitions - 1) n;
insert into todo (step, statement)
  select 4, format('create table %s (like %s including all excluding indexes) partition by hash (agency_id)', whole, old) from moved;
insert into todo (step, statement)
  select 5, format('create table part_%s.%I partition of %s for values with (modulus %s, remainder %s)', n, name, whole, partitions, n)
  from moved, setting, generate_series(0, partitions - 1) n order by name, n;
insert into todo (step, statement)
  select 6, format('alter table %s owner to %I', part, pg_get_userbyid(relowner))
  from moved, setting, lateral (select whole union all select format('part_%s.%I', n, name) from generate_series(0, partitions - 1) n) p (part);

-- 7: the rows. Generated columns are generated anew.
insert into todo (step, statement)
  select 7, format('insert into %s (%s) select %s from %s', whole, columns, columns, old)
  from moved m, lateral (select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
    where attrelid = m.oid and attnum > 0 and not attisdropped and attgenerated = '') c (columns);

-- 8: keys and indexes, on each partition first: the table's own then takes them over instead of making some of other names.
insert into todo (step, statement)
  select 8, format('alter table %s add constraint %I %s', part, k.conname, pg_get_constraintdef(k.oid))
  from pg_constraint k join moved m on m.oid = k.conrelid, setting, lateral (
    select 0, format('part_%s.%I', n, name) from generate_series(0, partitions - 1) n union all select 1, whole) p (turn, part)
  where k.contype in ('p', 'u', 'x') order by turn, k.contype, k.conname;
insert into todo (step, statement)
  select 9, replace(pg_get_indexdef(i.indexrelid), format(' ON %s USING ', whole), format(' ON %s USING ', part))
  from pg_index i join moved m on m.oid = i.indrelid, setting, lateral (
    select 0, format('part_%s.%I', n, name) from generate_series(0, partitions - 1) n union all select 1, whole) p (turn, part)
  where not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')) order by turn;
insert into todo (step, statement)
  select 10, format('alter table %s add constraint %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
  from pg_constraint k where k.contype = 'f' and (k.conrelid in (select oid from moved) or k.confrelid in (select oid from moved));

-- 11: what protects the rows, and what runs beside them.
insert into todo (step, statement)
  select 11, format('alter table %s enable row level security, force row level security', whole) from moved
  where relrowsecurity and relforcerowsecurity;
insert into todo (step, statement)
  select 12, pg_get_triggerdef(t.oid) from pg_trigger t join moved m on m.oid = t.tgrelid where not t.tgisinternal;
insert into todo (step, statement) select 13, definition from typed;
insert into todo (step, statement)
  select 14, format('alter function %s owner to %I', signature, pg_get_userbyid(proowner)) from typed;
insert into todo (step, statement) select 15, format('revoke all on function %s from public', signature) from typed where proacl is not null;
insert into todo (step, statement)
  select 16, format('grant execute on function %s to %s', signature, case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end)
  from typed, lateral aclexplode(proacl) x where x.grantee <> proowner;
insert into todo (step, statement)
  select 17, concat_ws(' ', format('create policy %I on %s as', p.polname, p.polrelid::regclass),
    case when p.polpermissive then 'permissive' else 'restrictive' end, 'for',
    case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end, 'to',
    (select string_agg(case g when 0 then 'public' else quote_ident(pg_get_userbyid(g)) end, ', ') from unnest(p.polroles) g),
    'using (' || pg_get_expr(p.polqual, p.polrelid) || ')', 'with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')')
  from pg_policy p join pg_class c on c.oid = p.polrelid where c.relnamespace = 'public'::regnamespace;
insert into todo (step, statement)
  select 18, format('grant %s on %s to %s', x.privilege_type, whole, case x.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(x.grantee)) end)
  from moved, lateral aclexplode(relacl) x where x.grantee <> relowner;
insert into todo (step, statement)
  select 18, format('grant %s (%I) on %s to %I', x.privilege_type, a.attname, whole, pg_get_userbyid(x.grantee))
  from moved m join pg_attribute a on a.attrelid = m.oid and not a.attisdropped, lateral aclexplode(a.attacl) x;
insert into todo (step, statement)
  select 19, format('comment on table %s is %L', whole, obj_description(oid, 'pg_class')) from moved
  where obj_description(oid, 'pg_class') is not null;
insert into todo (step, statement) values (20, 'drop schema unpartitioned cascade');
insert into todo (step, statement) select 21, 'analyze ' || whole from moved;

do $$
declare
  next record;
begin
  for next in select t.statement from pg_temp.todo t order by t.step, t.at loop
    execute next.statement;
  end loop;
end
$$;
commit;
