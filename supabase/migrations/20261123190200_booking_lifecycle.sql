-- The life of a booking: which status may follow which, by whom, when it happened, and what a cancellation says.
alter table bookings
  add column confirmed_at timestamptz,
  add column checked_in_at timestamptz,
  add column checked_out_at timestamptz,
  add column declined_at timestamptz,
  add column no_show_at timestamptz,
  add column cancellation_reason text
    constraint bookings_cancellation_reason_check check (length(cancellation_reason) <= 1000),
  add column refund_cents bigint constraint bookings_refund_cents_check check (refund_cents between 0 and 100000000000),
  add column split_from_id uuid;
comment on column bookings.split_from_id is 'The booking whose later nights this one took over, in another property.';
alter table bookings
  add constraint bookings_split_fkey foreign key (agency_id, split_from_id) references bookings (agency_id, id) not valid,
  add constraint bookings_refund_check check (
    (refund_cents is null or (status = 'cancelled' and refund_cents <= total_cents))
    and (cancellation_reason is null or status = 'cancelled')) not valid;
alter table bookings validate constraint bookings_split_fkey;
alter table bookings validate constraint bookings_refund_check;

-- THE transition table, as src/features/bookings/lifecycle.ts has it; a test compares the two. The operator's imports
-- follow the channel, which is the authority on its own bookings.
create function app.may_move_booking(old_status text, new_status text, actor_role text) returns boolean
language sql immutable parallel safe set search_path = '' as $$
  select actor_role = 'operator' or exists (
    select from (values
      ('inquiry', 'pending', '{admin,manager}'),
      ('inquiry', 'confirmed', '{admin,manager}'),
      ('inquiry', 'declined', '{admin,manager}'),
      ('inquiry', 'cancelled', '{admin,manager}'),
      ('pending', 'confirmed', '{admin,manager,staff}'),
      ('pending', 'declined', '{admin,manager}'),
      ('pending', 'cancelled', '{admin,manager}'),
      ('confirmed', 'checked_in', '{admin,manager,staff}'),
      ('confirmed', 'cancelled', '{admin,manager}'),
      ('confirmed', 'no_show', '{admin,manager}'),
      ('checked_in', 'checked_out', '{admin,manager,staff}'),
      ('checked_in', 'cancelled', '{admin}'),
      ('cancelled', 'confirmed', '{admin,manager}')
    ) as moves (from_status, to_status, roles)
    where from_status = old_status and to_status = new_status and actor_role = any (roles::pg_catalog.text[]))
$$;

-- Row-level security cannot tell columns apart: what staff may change of a booking, and which moves anybody may make,
-- is decided here.
create function app.guard_booking() returns trigger language plpgsql set search_path = '' as $$
declare
  -- The last two are generated: before the row is written they are empty.
  moved constant text[] := '{status,version,updated_at,confirmed_at,checked_in_at,checked_out_at,num_guests,num_nights}';
begin
  -- Whoever mends rows as the schema's owner knows what they do.
  if current_user <> 'authenticated' then return new; end if;
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
revoke execute on function app.may_move_booking(text, text, text), app.guard_booking() from public;
grant execute on function app.may_move_booking(text, text, text) to authenticated;
create trigger guard before update on bookings for each row execute function app.guard_booking();
alter policy write_update on bookings using ((select app.has_role('admin', 'manager', 'staff')));

-- Managers read the history of bookings; the log as a whole stays the admins'.
alter policy admin_reads on audit_log
  using ((select app.has_role('admin')) or (entity_type = 'booking' and (select app.has_role('manager'))));
