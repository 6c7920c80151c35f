-- A booking and its row in the ledger cannot disagree, whoever writes them: a status that takes nights needs an occupancy with
-- the same property and dates, and an occupancy of a booking needs such a booking. Checked at COMMIT, so that the two may be
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

create or replace function app.guard_booking() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  -- The last four are generated: before the row is written they are empty.
  moved constant text[] := '{status,version,updated_at,confirmed_at,checked_in_at,checked_out_at,num_guests,num_nights,held_property,held_during}';
begin
  -- The owner of the schema may repair rows.
  if current_user <> 'roost_tenant' then return new; end if;
  if new.status is distinct from old.status and not app.may_move_booking(old.status, new.status, app.app_role()) then
    raise exception 'a booking may not go from % to %', old.status, new.status
      using errcode = 'check_violation', constraint = 'bookings_status_move', table = 'bookings';
  end if;
  if app.app_role() = 'staff'
    and (pg_catalog.to_jsonb(new) - moved) is distinct from (pg_catalog.to_jsonb(old) - moved) then
    raise exception 'staff change only the status of a booking' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;
