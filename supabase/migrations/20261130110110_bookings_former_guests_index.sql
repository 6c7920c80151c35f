-- roost: no-transaction
-- The few bookings that had another guest before, for the erasure of one of those.
create index concurrently if not exists bookings_former_guests_idx on bookings (agency_id, id) where former_guest_ids is not null;
