-- A booking keeps the name and contact that were given for it, so that a later booking with the same e-mail cannot change
-- them. Bookings made before have nulls, and show the guest's own data: many rows are not rewritten here.
alter table bookings
  add column guest_first_name text,
  add column guest_last_name text,
  add column guest_email text,
  add column guest_phone text,
  add constraint bookings_guest_given_check check (
    case when guest_last_name is null then coalesce(guest_first_name, guest_email, guest_phone) is null
      else guest_id is not null and guest_first_name is not null
        and length(guest_first_name) between 1 and 100 and length(guest_last_name) between 1 and 100 end) not valid;
comment on column bookings.guest_last_name is 'As given for this booking. Null: a booking without guest, or one that shows the data of its guest.';
-- ANALYZE must not keep samples of names.
alter table bookings
  alter column guest_first_name set statistics 0, alter column guest_last_name set statistics 0,
  alter column guest_email set statistics 0, alter column guest_phone set statistics 0;

-- Nothing of a guest stays on a booking that loses its guest, also when the guest's row is deleted by SQL.
create function app.clear_given_guest() returns trigger language plpgsql set search_path = '' as $$
begin
  new.guest_first_name := null;
  new.guest_last_name := null;
  new.guest_email := null;
  new.guest_phone := null;
  return new;
end
$$;
revoke all on function app.clear_given_guest() from public;
create trigger clear_given_guest before update of guest_id on bookings for each row
  when (new.guest_id is null) execute function app.clear_given_guest();
