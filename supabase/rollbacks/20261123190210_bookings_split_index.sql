drop index bookings_split_idx;
