-- Bookings show the data of their guest again.
drop trigger clear_given_guest on bookings;
drop function app.clear_given_guest();
alter table bookings
  drop constraint bookings_guest_given_check,
  drop column guest_first_name,
  drop column guest_last_name,
  drop column guest_email,
  drop column guest_phone;
