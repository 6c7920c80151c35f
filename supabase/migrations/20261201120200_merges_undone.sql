-- A merge of two guests can be undone until the guest or one of the moved bookings changes.
alter table guests
  add column merge_undo jsonb,
  add constraint guests_merge_undo_check check (merge_undo is null or merged_into_id is not null) not valid;
comment on column guests.merge_undo is 'What undoing the merge needs: ids and versions, no personal data. Null when it can no longer be undone.';

-- Staff may also undo a merge, which moves bookings back.
create or replace function app.guard_booking() returns trigger language plpgsql set search_path = '' as $$
declare
  -- The last four are generated: before the row is written they are empty.
  moved text[] := '{status,version,updated_at,confirmed_at,checked_in_at,checked_out_at,num_guests,num_nights,held_property,held_during}';
begin
  -- The owner of the schema may repair rows.
  if current_user <> 'roost_tenant' then return new; end if;
  if new.status is distinct from old.status and not app.may_move_booking(old.status, new.status, app.app_role()) then
    raise exception 'a booking may not go from % to %', old.status, new.status
      using errcode = 'check_violation', constraint = 'bookings_status_move', table = 'bookings';
  end if;
  if app.app_role() = 'staff' then
    if new.guest_id <> old.guest_id and exists (select from public.guests g
      where g.agency_id = new.agency_id and (g.id, g.merged_into_id) in ((old.guest_id, new.guest_id), (new.guest_id, old.guest_id))) then
      moved := moved || '{guest_id,guest_first_name,guest_last_name,guest_email,guest_phone}'::text[];
    end if;
    if (pg_catalog.to_jsonb(new) - moved) is distinct from (pg_catalog.to_jsonb(old) - moved) then
      raise exception 'staff change only the status of a booking' using errcode = 'insufficient_privilege';
    end if;
  end if;
  return new;
end
$$;
