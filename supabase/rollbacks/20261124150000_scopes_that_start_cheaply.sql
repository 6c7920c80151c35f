alter policy owner_scope on bookings
  using ((select app.is_staff())
    or ((select app.app_role()) = 'owner' and property_id in (select p.id from properties p where p.owner_id = (select app.user_id()))));
alter policy owner_scope on occupancies
  using ((select app.is_staff())
    or ((select app.app_role()) = 'owner' and property_id in (select p.id from properties p where p.owner_id = (select app.user_id()))));
alter policy write_insert on occupancies
  with check ((select app.has_role('admin', 'manager', 'staff'))
    or (kind = 'block' and (select app.app_role()) = 'owner'
      and property_id in (select p.id from properties p where p.owner_id = (select app.user_id()))));
alter policy write_update on occupancies
  using ((select app.has_role('admin', 'manager'))
    or (kind = 'block' and (select app.app_role()) = 'owner'
      and property_id in (select p.id from properties p where p.owner_id = (select app.user_id()))));
alter policy write_delete on occupancies
  using ((select app.has_role('admin', 'manager'))
    or (kind = 'hold' and (expires_at <= now() or (select app.has_role('staff'))))
    or (kind = 'block' and (select app.app_role()) = 'owner'
      and property_id in (select p.id from properties p where p.owner_id = (select app.user_id()))));
alter policy owner_scope on blocks
  using ((select app.is_staff())
    or ((select app.app_role()) = 'owner' and property_id in (select p.id from properties p where p.owner_id = (select app.user_id()))))
  with check ((select app.has_role('admin', 'manager'))
    or ((select app.app_role()) = 'owner' and property_id in (select p.id from properties p where p.owner_id = (select app.user_id()))));
alter policy guest_scope on guests
  using ((select app.has_role('admin', 'manager', 'staff'))
    or ((select app.app_role()) = 'owner' and id in (select b.guest_id from bookings b)));
drop function app.own_properties();
drop function app.is_own_guest(uuid, uuid);
