-- Validates the constraints of the migration before, without blocking writes.
alter table bookings validate constraint bookings_paid_cents_check;
alter table bookings validate constraint bookings_refund_reason_check;
alter table bookings validate constraint bookings_refund_check;
