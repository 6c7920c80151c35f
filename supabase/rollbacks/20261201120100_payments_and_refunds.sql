-- Refunds of bookings that are not cancelled, and what is above the total, did not exist before.
update bookings set refund_cents = null where refund_cents is not null and status <> 'cancelled';
update bookings set refund_cents = total_cents where refund_cents > total_cents;
alter table bookings
  drop constraint bookings_refund_check,
  drop constraint bookings_paid_cents_check,
  drop constraint bookings_refund_reason_check,
  drop column paid_cents,
  drop column refund_reason,
  add constraint bookings_refund_check check (
    (refund_cents is null or (status = 'cancelled' and refund_cents <= total_cents))
    and (cancellation_reason is null or status = 'cancelled'));

create or replace function app.may_move_booking(old_status text, new_status text, actor_role text) returns boolean
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
