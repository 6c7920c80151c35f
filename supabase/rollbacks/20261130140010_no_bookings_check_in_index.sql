-- roost: no-transaction
create index concurrently if not exists bookings_check_in_idx on bookings (agency_id, check_in desc, id desc);
