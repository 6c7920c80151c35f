drop index bookings_updated_idx;
