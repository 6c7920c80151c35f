-- Which guests an owner sees is asked guest by guest, over bookings_guest_idx. As a list of all guests with a booking it
-- cost as much as the agency has bookings, and a planner that feared that cost read all guests for a page of twenty.
alter policy guest_scope on guests
  using ((select app.has_role('admin', 'manager', 'staff'))
    or ((select app.app_role()) = 'owner' and exists (
      select from bookings b where b.agency_id = guests.agency_id and b.guest_id = guests.id)));
