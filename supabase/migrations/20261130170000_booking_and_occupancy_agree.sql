-- A booking and its row in the ledger always agree, for every role that writes them: a status that takes nights needs an
-- occupancy with the same property and dates, and an occupancy of a booking needs such a booking. Checked at COMMIT, so that the two may be
-- written one after the other.
alter table bookings
  add column held_property uuid generated always as (
    case when deleted_at is null and status in ('pending', 'confirmed', 'checked_in', 'checked_out') then property_id end) stored,
  add column held_during daterange generated always as (
    case when deleted_at is null and status in ('pending', 'confirmed', 'checked_in', 'checked_out')
      then daterange(check_in, check_out) end) stored,
  add constraint bookings_held_key unique (agency_id, id, held_property, held_during);
comment on column bookings.held_property is 'Null when the booking takes no nights.';
comment on column bookings.held_during is 'Null when the booking takes no nights.';

-- One row per booking follows: two rows of the same booking would overlap.
alter table occupancies
  drop constraint occupancies_booking_fkey,
  drop constraint occupancies_booking_key,
  add constraint occupancies_booking_key unique (agency_id, booking_id, property_id, during);
alter table occupancies
  add constraint occupancies_booking_fkey foreign key (agency_id, booking_id, property_id, during)
    references bookings (agency_id, id, held_property, held_during) deferrable initially deferred not valid;
alter table bookings
  add constraint bookings_occupancy_fkey foreign key (agency_id, id, held_property, held_during)
    references occupancies (agency_id, booking_id, property_id, during) deferrable initially deferred not valid;
alter table occupancies validate constraint occupancies_booking_fkey;
alter table bookings validate constraint bookings_occupancy_fkey;
