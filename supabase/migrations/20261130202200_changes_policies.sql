-- Every member may read changes: ids, types and versions, no personal data. Owners read those of their own properties; the API leaves out
-- the types that a role may not read.
drop policy admin_reads on audit_seals;
create policy changes_reads on audit_seals as restrictive for select to roost_tenant using (
  (select app.has_role('admin', 'manager', 'staff', 'accountant'))
  or ((select app.app_role()) = 'owner' and entity_type in ('property', 'booking', 'block')
    and (property_id = any ((select app.own_properties())::uuid[]) or former_property_id = any ((select app.own_properties())::uuid[]))));

-- The number of the agency's last event, which an owner cannot read from the rows: how far a page has read.
create function app.last_event() returns bigint language sql stable security definer set search_path = '' as $$
  select coalesce((select s.seq from public.audit_seals s where s.agency_id = (select app.agency_id()) order by s.seq desc limit 1), 0)
$$;
grant create on schema app to roost_auth;
alter function app.last_event() owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.last_event() from public;
grant execute on function app.last_event() to roost_tenant;
