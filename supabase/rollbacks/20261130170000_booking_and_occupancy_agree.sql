alter table bookings drop constraint bookings_occupancy_fkey;
alter table occupancies
  drop constraint occupancies_booking_fkey,
  drop constraint occupancies_booking_key,
  add constraint occupancies_booking_key unique (agency_id, booking_id),
  add constraint occupancies_booking_fkey foreign key (agency_id, booking_id) references bookings (agency_id, id);
alter table bookings drop constraint bookings_held_key, drop column held_during, drop column held_property;

create or replace function app.guard_booking() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  -- The last two are generated: before the row is written they are empty.
  moved constant text[] := '{status,version,updated_at,confirmed_at,checked_in_at,checked_out_at,num_guests,num_nights}';
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
