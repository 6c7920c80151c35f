-- What a channel says about money and time of a booking is kept beside its price: the payout, the fee of the channel and the day
-- on which the guest booked. A payout may be negative: channels charge hosts for cancellations.
alter table bookings
  add column payout_cents bigint,
  add column channel_fee_cents bigint,
  add column booked_on date,
  add constraint bookings_payout_cents_check check (payout_cents between -100000000000 and 100000000000) not valid,
  add constraint bookings_channel_fee_cents_check check (channel_fee_cents between 0 and 100000000000) not valid,
  add constraint bookings_booked_on_check check (booked_on between '2000-01-01' and '2100-12-31') not valid;
comment on column bookings.payout_cents is 'What the channel pays out for the stay, in the currency of the booking. Null: not known.';
