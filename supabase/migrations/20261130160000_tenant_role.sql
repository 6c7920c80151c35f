-- contract: processes of an earlier build act as `authenticated`; they are stopped before.
-- The API acts as a role of its own. Gateways that log people in as `authenticated` (Supabase's Data API) could otherwise
-- write to tables directly: bookings without the checks of the API, without an audit entry. No gateway's role keeps a right.
do $$
begin
  if not exists (select from pg_roles where rolname = 'roost_tenant') then
    create role roost_tenant nologin noinherit;
  end if;
exception when duplicate_object or unique_violation then
  null;
end
$$;
do $$
declare
  api_login regrole;
begin
  if not pg_has_role(current_user, 'roost_tenant', 'member') then
    grant roost_tenant to current_user;
  end if;
  -- The logins of the API: members of both roles that it acted as so far.
  for api_login in
    select m.member::regrole from pg_auth_members m
    where m.roleid = 'roost_system'::regrole
      and exists (select from pg_auth_members a where a.roleid = 'authenticated'::regrole and a.member = m.member)
      and not exists (select from pg_auth_members t where t.roleid = 'roost_tenant'::regrole and t.member = m.member)
  loop
    execute format('grant roost_tenant to %s', api_login);
  end loop;
end
$$;
-- Revoked first, so that a second run leaves the grants in the same order.
revoke all on schema public, app from roost_tenant;
grant usage on schema public, app to roost_tenant;
comment on role roost_tenant is 'Every request of an agency: all tenant policies are for this role. Only the API may become it.';

do $$
declare
  it record;
begin
  for it in
    select format('grant %s on %s %s to roost_tenant', x.privilege_type,
        case when c.relkind = 'S' then 'sequence' else 'table' end, c.oid::regclass) as grants
      from pg_class c cross join lateral aclexplode(c.relacl) x
      where c.relnamespace in ('public'::regnamespace, 'app'::regnamespace) and x.grantee = 'authenticated'::regrole
    union all
    select format('grant %s (%I) on table %s to roost_tenant', x.privilege_type, a.attname, c.oid::regclass)
      from pg_class c join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
      cross join lateral aclexplode(a.attacl) x
      where c.relnamespace in ('public'::regnamespace, 'app'::regnamespace) and x.grantee = 'authenticated'::regrole
    union all
    select format('grant %s on function %s to roost_tenant', x.privilege_type, p.oid::regprocedure)
      from pg_proc p cross join lateral aclexplode(p.proacl) x
      where p.pronamespace in ('public'::regnamespace, 'app'::regnamespace) and x.grantee = 'authenticated'::regrole
  loop
    execute it.grants;
  end loop;
  for it in
    select format('alter policy %I on %s to roost_tenant', p.polname, p.polrelid::regclass) as change
    from pg_policy p where 'authenticated'::regrole = any (p.polroles)
  loop
    execute it.change;
  end loop;
end
$$;

do $$
declare
  gateway name;
begin
  for gateway in select rolname from pg_roles where rolname in ('anon', 'authenticated', 'service_role') loop
    execute format('revoke all on all tables in schema public, app from %I', gateway);
    execute format('revoke all on all sequences in schema public, app from %I', gateway);
    execute format('revoke all on all functions in schema public, app from %I', gateway);
    execute format('revoke all on schema public, app from %I', gateway);
  end loop;
end
$$;

create or replace function app.protect(tenant_table regclass, agency_column name DEFAULT 'agency_id'::name) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
begin
  execute pg_catalog.format('alter table %s enable row level security', tenant_table);
  execute pg_catalog.format('alter table %s force row level security', tenant_table);
  execute pg_catalog.format(
    'create policy tenant on %s for all to roost_tenant using (%I = (select app.agency_id())) with check (%2$I = (select app.agency_id()))',
    tenant_table, agency_column);
  execute pg_catalog.format('revoke all on %s from public, roost_tenant', tenant_table);
end
$_$;

create or replace function app.guard_booking() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  -- The last four are generated: before the row is written they are empty. The next migration adds two of them.
  moved constant text[] := '{status,version,updated_at,confirmed_at,checked_in_at,checked_out_at,num_guests,num_nights,held_property,held_during}';
begin
  -- The owner of the schema may repair rows.
  if current_user <> 'roost_tenant' then return new; end if;
  if new.status is distinct from old.status and not app.may_move_booking(old.status, new.status, app.app_role()) then
    raise exception 'a booking may not go from % to %', old.status, new.status
      using errcode = 'check_violation', constraint = 'bookings_status_move', table = 'bookings';
  end if;
  if app.app_role() = 'staff'
    and (pg_catalog.to_jsonb(new) - moved) is distinct from (pg_catalog.to_jsonb(old) - moved) then
    raise exception 'staff change only the status of a booking' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;
