alter table bookings drop constraint bookings_occupancy_fkey;
alter table occupancies
  drop constraint occupancies_booking_fkey,
  drop constraint occupancies_booking_key,
  add constraint occupancies_booking_key unique (agency_id, booking_id),
  add constraint occupancies_booking_fkey foreign key (agency_id, booking_id) references bookings (agency_id, id);
alter table bookings drop constraint bookings_held_key, drop column held_during, drop column held_property;
