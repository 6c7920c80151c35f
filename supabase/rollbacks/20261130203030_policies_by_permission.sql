alter policy write_insert on agencies with check ((select app.has_role('admin')));
alter function app.actor_id() rename to user_id;
create or replace function app.own_properties() returns uuid[] language plpgsql stable parallel safe set search_path = '' as $$
begin
  return array(
    select p.id from public.properties p where p.agency_id = (select app.agency_id()) and p.owner_id = (select app.user_id()));
end
$$;
create function app.is_staff() returns boolean language sql stable parallel safe
return app.has_role('admin', 'manager', 'staff', 'accountant');
revoke all on function app.is_staff() from public;
grant execute on function app.is_staff() to roost_auth, roost_system, roost_tenant;
alter policy owner_scope on properties
  using ((select app.is_staff()) or ((select app.app_role()) = 'owner' and owner_id = (select app.user_id())));
alter policy owner_scope on bookings
  using ((select app.is_staff()) or ((select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])));
alter policy owner_scope on occupancies
  using ((select app.is_staff()) or ((select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])));
alter policy owner_scope on blocks
  using ((select app.is_staff()) or ((select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])));
alter policy own_row on team_members
  using ((select app.is_staff()) or ((select app.is_member()) and user_id = (select app.user_id())));
alter policy own_name on audit_log
  with check (actor_id is not distinct from (select app.user_id()) and actor_role = (select app.app_role()));
alter policy own_keys on idempotency_keys
  using ((select app.is_member()) and actor_id = (select app.user_id()))
  with check ((select app.is_member()) and actor_id = (select app.user_id()));
alter policy write_delete on occupancies
  using ((select app.has_role('admin', 'manager'))
    or (kind = 'hold' and (expires_at <= now() or (select app.has_role('staff'))))
    or (kind = 'block' and (select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])));
