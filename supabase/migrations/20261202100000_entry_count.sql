-- How many audit entries of the agency are committed, sealed or not. Entries are only added, and a later snapshot shows every entry of an
-- earlier one: two equal numbers mean that nothing was changed in between. The number of the last seal does not show that, because an
-- entry is sealed some time after its COMMIT. An entry without a seal is found like in app.seal_audit.
-- Null when this is not known: before the first run of the sealer, in a restored database, or when more than 2,000 entries of all
-- agencies have no seal, so that the function stays cheap while no worker runs.
create function app.entry_count() returns bigint
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan' as $$
declare
  own uuid := app.agency_id();
  known pg_catalog.pg_snapshot;
  found integer;
  unsealed bigint;
begin
  select s.sealed_snapshot into known from app.audit_sealing s;
  if known is null or pg_catalog.pg_snapshot_xmax(known) > pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot()) then
    return null;
  end if;
  select pg_catalog.count(*), pg_catalog.count(*) filter (where r.agency_id = own
      and (select s.seq from public.audit_seals s where s.agency_id = r.agency_id and s.audit_id = r.id) is null)
    into found, unsealed from (
    select l.agency_id, l.id from public.audit_log l where l.xact_id >= pg_catalog.pg_snapshot_xmax(known)
    union all
    select l.agency_id, l.id from public.audit_log l where l.xact_id = any (array(select pg_catalog.pg_snapshot_xip(known)))
    limit 2001) r;
  if found > 2000 then return null; end if;
  return unsealed + app.last_event();
end
$$;
grant create on schema app to roost_auth;
alter function app.entry_count() owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.entry_count() from public;
grant execute on function app.entry_count() to roost_tenant;
