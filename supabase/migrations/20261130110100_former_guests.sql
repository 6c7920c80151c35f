-- A booking may get another guest, and its notes may still be about the one before: whose erasure must find it.
alter table bookings add column former_guest_ids uuid[];
comment on column bookings.former_guest_ids is 'Guests the booking had before the present one; null: none.';
