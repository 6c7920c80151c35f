-- Policies say what each role may do by the permission table, so that a fault in the API's own check cannot widen it. So
-- far app.is_staff() included accountants, and any member could write entries of the audit log and idempotency keys.
-- The `sub` of the claims is the actor; a person has the id of the user.
alter function app.user_id() rename to actor_id;
create or replace function app.own_properties() returns uuid[] language plpgsql stable parallel safe set search_path = '' as $$
begin
  return array(
    select p.id from public.properties p where p.agency_id = (select app.agency_id()) and p.owner_id = (select app.actor_id()));
end
$$;

-- Accountants read bookings and availability.
alter policy owner_scope on properties
  using ((select app.has_role('admin', 'manager', 'staff', 'accountant'))
    or ((select app.app_role()) = 'owner' and owner_id = (select app.actor_id())));
alter policy owner_scope on bookings
  using ((select app.has_role('admin', 'manager', 'staff', 'accountant'))
    or ((select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])));
alter policy owner_scope on occupancies
  using ((select app.has_role('admin', 'manager', 'staff', 'accountant'))
    or ((select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])));
alter policy owner_scope on blocks
  using ((select app.has_role('admin', 'manager', 'staff', 'accountant'))
    or ((select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])));
alter policy own_row on team_members
  using ((select app.has_role('admin', 'manager'))
    or ((select app.is_member()) and user_id = (select app.actor_id())));
drop function app.is_staff();

-- Who may write nothing else writes no audit entry, stores no answer, and deletes no expired hold.
alter policy own_name on audit_log
  with check (actor_id is not distinct from (select app.actor_id()) and actor_role = (select app.app_role())
    and (select app.has_role('admin', 'manager', 'staff', 'owner')));
alter policy own_keys on idempotency_keys
  using ((select app.has_role('admin', 'manager', 'staff', 'owner')) and actor_id = (select app.actor_id()))
  with check ((select app.has_role('admin', 'manager', 'staff', 'owner')) and actor_id = (select app.actor_id()));
alter policy write_delete on occupancies
  using ((select app.has_role('admin', 'manager'))
    or (kind = 'hold' and ((select app.has_role('staff'))
      or (expires_at <= now() and (select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[]))))
    or (kind = 'block' and (select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])));
-- Only the operator creates agencies.
alter policy write_insert on agencies with check ((select app.has_role('operator')));
