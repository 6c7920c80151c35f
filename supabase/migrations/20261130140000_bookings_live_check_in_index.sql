-- roost: no-transaction
-- Lists leave deleted bookings out. Without them in the index a page reads no more than its own rows, however many were deleted.
create index concurrently if not exists bookings_live_check_in_idx on bookings (agency_id, check_in desc, id desc)
  where deleted_at is null;
