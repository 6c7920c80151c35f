-- roost: no-transaction
-- contract: bookings_live_check_in_idx serves every list by arrival, also those of the release before this one.
drop index concurrently if exists bookings_check_in_idx;
