alter table bookings
  drop constraint bookings_booked_on_check,
  drop constraint bookings_channel_fee_cents_check,
  drop constraint bookings_payout_cents_check,
  drop column booked_on,
  drop column channel_fee_cents,
  drop column payout_cents;
