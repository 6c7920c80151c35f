-- Validates the constraints of the migration before, without blocking writes.
alter table bookings validate constraint bookings_payout_cents_check;
alter table bookings validate constraint bookings_channel_fee_cents_check;
alter table bookings validate constraint bookings_booked_on_check;
