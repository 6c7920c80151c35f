-- What an owner sees is asked of functions. A subquery in a policy is planned and set up for each statement on the table,
-- also for staff, whom it never concerns: the policies of guests alone brought bookings and properties into each statement.
-- With them a planner that feared the cost also read all guests of an agency for one page of bookings.

-- Once per statement, and only for owners.
create function app.own_properties() returns uuid[] language plpgsql stable parallel safe set search_path = '' as $$
begin
  return array(
    select p.id from public.properties p where p.agency_id = (select app.agency_id()) and p.owner_id = (select app.user_id()));
end
$$;

-- Over bookings_guest_idx; the policies of bookings leave those of own properties.
create function app.is_own_guest(guest_agency uuid, guest uuid) returns boolean language plpgsql stable parallel safe
  set search_path = '' as $$
begin
  return exists (select from public.bookings b where b.agency_id = guest_agency and b.guest_id = guest);
end
$$;

revoke all on function app.own_properties() from public;
revoke all on function app.is_own_guest(uuid, uuid) from public;
grant execute on function app.own_properties() to authenticated;
grant execute on function app.is_own_guest(uuid, uuid) to authenticated;

alter policy owner_scope on bookings
  using ((select app.is_staff()) or ((select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])));
alter policy owner_scope on occupancies
  using ((select app.is_staff()) or ((select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])));
alter policy write_insert on occupancies
  with check ((select app.has_role('admin', 'manager', 'staff'))
    or (kind = 'block' and (select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])));
alter policy write_update on occupancies
  using ((select app.has_role('admin', 'manager'))
    or (kind = 'block' and (select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])));
alter policy write_delete on occupancies
  using ((select app.has_role('admin', 'manager'))
    or (kind = 'hold' and (expires_at <= now() or (select app.has_role('staff'))))
    or (kind = 'block' and (select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])));
alter policy owner_scope on blocks
  using ((select app.is_staff()) or ((select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])))
  with check ((select app.has_role('admin', 'manager'))
    or ((select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])));
alter policy guest_scope on guests
  using ((select app.has_role('admin', 'manager', 'staff'))
    or ((select app.app_role()) = 'owner' and app.is_own_guest(agency_id, id)));
