-- roost: no-transaction
-- Serves the foreign key from a part of a split stay to the other.
create index concurrently if not exists bookings_split_idx on bookings (agency_id, split_from_id) where split_from_id is not null;
