-- roost: no-transaction
-- For mirrors that ask what has changed since they last looked.
create index concurrently if not exists bookings_updated_idx on bookings (agency_id, updated_at, id);
