-- What a guest has paid, and refunds that survive the reinstatement of a cancelled booking or are given without a cancellation.
alter table bookings
  add column paid_cents bigint,
  add column refund_reason text,
  add constraint bookings_paid_cents_check check (paid_cents between 0 and 100000000000) not valid,
  add constraint bookings_refund_reason_check check (length(refund_reason) <= 1000) not valid,
  drop constraint bookings_refund_check,
  add constraint bookings_refund_check check (
    (refund_cents is null or refund_cents <= coalesce(paid_cents, total_cents))
    and (cancellation_reason is null or status = 'cancelled')) not valid;
alter table bookings alter column refund_reason set statistics 0;
comment on column bookings.paid_cents is 'What was received in total, refunds not subtracted; null: not known, only payment_status is.';
comment on column bookings.refund_reason is 'Why the refund was given or last corrected.';

-- A change of status of the last two days can be undone.
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
      ('cancelled', 'confirmed', '{admin,manager}'),
      ('checked_in', 'confirmed', '{admin,manager}'),
      ('checked_out', 'checked_in', '{admin,manager}'),
      ('no_show', 'confirmed', '{admin,manager}')
    ) as moves (from_status, to_status, roles)
    where from_status = old_status and to_status = new_status and actor_role = any (roles::pg_catalog.text[]))
$$;
