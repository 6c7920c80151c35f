-- `authenticated` gets back what it had, and roost_tenant keeps nothing: the audit of the release before would report its rights.
-- The role itself stays, because other databases of the server may use it.
do $$
declare
  it record;
begin
  for it in
    select format('grant %s on %s %s to authenticated', x.privilege_type,
        case when c.relkind = 'S' then 'sequence' else 'table' end, c.oid::regclass) as grants
      from pg_class c cross join lateral aclexplode(c.relacl) x
      where c.relnamespace in ('public'::regnamespace, 'app'::regnamespace) and x.grantee = 'roost_tenant'::regrole
    union all
    select format('grant %s (%I) on table %s to authenticated', x.privilege_type, a.attname, c.oid::regclass)
      from pg_class c join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
      cross join lateral aclexplode(a.attacl) x
      where c.relnamespace in ('public'::regnamespace, 'app'::regnamespace) and x.grantee = 'roost_tenant'::regrole
    union all
    select format('grant %s on function %s to authenticated', x.privilege_type, p.oid::regprocedure)
      from pg_proc p cross join lateral aclexplode(p.proacl) x
      where p.pronamespace in ('public'::regnamespace, 'app'::regnamespace) and x.grantee = 'roost_tenant'::regrole
  loop
    execute it.grants;
  end loop;
  for it in
    select format('alter policy %I on %s to authenticated', p.polname, p.polrelid::regclass) as change
    from pg_policy p where 'roost_tenant'::regrole = any (p.polroles)
  loop
    execute it.change;
  end loop;
end
$$;

grant usage on schema public, app to authenticated;
revoke all on all tables in schema public, app from roost_tenant;
revoke all on all sequences in schema public, app from roost_tenant;
revoke all on all functions in schema public, app from roost_tenant;
revoke all on schema public, app from roost_tenant;

create or replace function app.protect(tenant_table regclass, agency_column name DEFAULT 'agency_id'::name) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
begin
  execute pg_catalog.format('alter table %s enable row level security', tenant_table);
  execute pg_catalog.format('alter table %s force row level security', tenant_table);
  execute pg_catalog.format(
    'create policy tenant on %s for all to authenticated using (%I = (select app.agency_id())) with check (%2$I = (select app.agency_id()))',
    tenant_table, agency_column);
  execute pg_catalog.format('revoke all on %s from public, authenticated', tenant_table);
end
$_$;

create or replace function app.guard_booking() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  -- The last two are generated: before the row is written they are empty.
  moved constant text[] := '{status,version,updated_at,confirmed_at,checked_in_at,checked_out_at,num_guests,num_nights}';
begin
  -- Whoever mends rows as the schema's owner knows what they do.
  if current_user <> 'authenticated' then return new; end if;
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
