-- A constraint cannot be made NOT VALID again, only replaced.
alter table bookings
  drop constraint bookings_paid_cents_check,
  drop constraint bookings_refund_reason_check,
  drop constraint bookings_refund_check,
  add constraint bookings_paid_cents_check check (paid_cents between 0 and 100000000000) not valid,
  add constraint bookings_refund_reason_check check (length(refund_reason) <= 1000) not valid,
  add constraint bookings_refund_check check (
    (refund_cents is null or refund_cents <= coalesce(paid_cents, total_cents))
    and (cancellation_reason is null or status = 'cancelled')) not valid;
