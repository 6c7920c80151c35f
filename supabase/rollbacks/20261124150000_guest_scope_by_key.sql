alter policy guest_scope on guests
  using ((select app.has_role('admin', 'manager', 'staff'))
    or ((select app.app_role()) = 'owner' and id in (select b.guest_id from bookings b)));
