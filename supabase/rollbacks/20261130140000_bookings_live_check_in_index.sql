-- roost: no-transaction
drop index concurrently if exists bookings_live_check_in_idx;
