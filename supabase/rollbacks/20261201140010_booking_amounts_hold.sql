-- A constraint cannot be made NOT VALID again, only replaced.
alter table bookings
  drop constraint bookings_payout_cents_check,
  drop constraint bookings_channel_fee_cents_check,
  drop constraint bookings_booked_on_check,
  add constraint bookings_payout_cents_check check (payout_cents between -100000000000 and 100000000000) not valid,
  add constraint bookings_channel_fee_cents_check check (channel_fee_cents between 0 and 100000000000) not valid,
  add constraint bookings_booked_on_check check (booked_on between '2000-01-01' and '2100-12-31') not valid;
